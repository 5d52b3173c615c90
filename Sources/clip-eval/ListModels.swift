import ArgumentParser
import CLIPModels
import Core
import Foundation

struct ListModels: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models", abstract: "Models that can be named, and where they are on this disk.",
    discussion: """
      A model is looked for in the models folder ($CLIP_EVAL_MODELS, else $XDG_DATA_HOME/clip-eval/models, else \
      ~/.local/share/clip-eval/models), in ~/.cache/clip and in the Hugging Face cache. Sizes are those of the \
      published file; – where no source states it.

      EXAMPLES
        clip-eval list models
        clip-eval list models --json
      """)

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let locator = ModelLocator()
    let rows = ModelCatalog.models.map { ModelRow($0, found: locator.find($0)?.url) }
    if json {
      return try Output.json(
        Described(
          kind: "models",
          value: ModelList(folder: locator.folders.models.path, models: rows)))
    }
    let header = [
      "model", "architecture", "pixels", "parameters", "size", "activation", "on this disk",
    ]
    try Output.table(
      [header]
        + rows.map {
          [
            $0.name, $0.architecture, "\($0.resolution)",
            String(format: "%.1f M", $0.parametersMillions),
            $0.bytes.map(ByteCount.text) ?? "–", $0.activation.rawValue, $0.path ?? "–",
          ]
        }, rightAligned: [2, 3, 4])
  }
}

/// Schema of `list models --json`.
private struct ModelList: Encodable {
  /// Where downloads go.
  var folder: String
  var models: [ModelRow]
}

private struct ModelRow: Encodable {
  var name: String
  var aliases: [String]
  var architecture: String
  var resolution: Int
  var embeddingWidth: Int
  var parametersMillions: Double
  var imageParametersMillions: Double
  var textParametersMillions: Double
  var activation: Activation
  @ExplicitNull var paperGFLOPs: Double?
  @ExplicitNull var url: String?
  @ExplicitNull var sha256: String?
  @ExplicitNull var bytes: Int?
  var huggingFace: [String]
  /// Where it is on this disk.
  @ExplicitNull var path: String?

  init(_ model: CatalogModel, found: URL?) {
    name = model.name
    aliases = model.aliases
    architecture = "\(model.architecture)"
    resolution = model.resolution
    embeddingWidth = model.embeddingWidth
    // Hundredths, as published: a sum of binary fractions would print its rounding.
    parametersMillions = (model.parameters * 100).rounded() / 100
    imageParametersMillions = model.imageParameters
    textParametersMillions = model.textParameters
    activation = model.activation
    paperGFLOPs = model.paperGFLOPs
    url = model.file?.address
    sha256 = model.file?.sha256.hex
    bytes = model.file?.bytes
    huggingFace = model.repositories
    path = found?.path
  }
}
