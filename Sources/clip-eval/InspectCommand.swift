import ArgumentParser
import CLIPModels
import Core
import Datasets
import EmbeddingPipeline
import EmbeddingStore
import Foundation
import LinearAlgebra
import Probes
import Suites
import TensorFiles

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "What a checkpoint, a dataset folder, features, a probe or a run folder holds.",
    discussion: """
      A folder that is neither a checkpoint nor a run is looked through for every dataset the program knows; \
      `doctor` then examines one of them file by file.

      EXAMPLES
        clip-eval inspect MODEL
        clip-eval inspect ViT-B-32.pt
        clip-eval inspect open_clip_pytorch_model.bin --activation gelu
        clip-eval inspect DATA
        clip-eval inspect features.safetensors --json
        clip-eval inspect FEATURES
        clip-eval inspect RUN
      """)

  @Argument(
    help:
      "A checkpoint (by path or name), dataset, embeddings or run folder, or a .pt, .bin, .safetensors, .npy, .npz, .csv, .tsv or .jsonl file.",
    completion: .file())
  var path: String

  @Option(help: "Activation of a checkpoint that does not say which it has.")
  var activation: Activation?

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let located = try ModelLocator().locate(path)
    let url = located.url
    func holds(_ name: String) -> Bool {
      FileManager.default.fileExists(atPath: url.appending(path: name).path)
    }
    switch (isFolder(url), url.pathExtension) {
    case (true, _) where holds("run.json"): try showRun(RunFolder(url))
    case (true, _)
    where [
      "config.json", "model.safetensors", "open_clip_config.json", "open_clip_model.safetensors",
      "open_clip_pytorch_model.bin",
    ].contains(where: holds):
      try showCheckpoint(located)
    case (true, _) where EmbeddingsFolder.recognises(url):
      try FeatureSummary.show(EmbeddingsFolder(url), json: json)
    case (true, _) where try FeatureSource(at: url) != nil:
      try FeatureSummary.show(folderOfOne: url, json: json)
    case (true, _), (false, "csv"), (false, "tsv"), (false, "jsonl"):
      try DatasetSearch(url).show(json: json)
    case (false, "safetensors"), (false, "pt"), (false, "pth"), (false, "bin"):
      let file = try openTensorFile(url)
      if let file = file as? SafetensorsFile, ProbeFile.recognises(metadata: file.metadata) {
        return try ProbeFileSummary.show(url, json: json)
      }
      if TensorMapping(detectedIn: file.contents.keys) != nil {
        return try showCheckpoint(located)
      }
      try showTensors(
        file.contents, metadata: (file as? SafetensorsFile)?.metadata ?? [:],
        features: file.contents["features"] == nil ? nil : url,
        notACheckpoint: file.contents["features"] == nil
          ? TensorMapping.shortcoming(of: file.contents.keys) : nil)
    case (false, "json") where url.lastPathComponent.hasSuffix(".index.json"):
      try showCheckpoint(located)
    case (false, "npy"):
      let array = try NPYFile.map(url).array
      try showTensors([array.name: TensorDescription(type: array.type, shape: array.shape)])
    case (false, "npz"):
      try showTensors(
        NPZFile.read(url).mapValues { TensorDescription(type: $0.type, shape: $0.shape) })
    case (false, let other):
      throw EvalError(
        .usage, "cannot inspect a file of type `\(other)`", subject: path,
        remedy: "Expected .pt, .bin, .safetensors, .npy, .npz, .csv, .tsv or .jsonl.")
    }
  }

  private struct CheckpointSummary: Encodable {
    let format: CheckpointFormat
    let fileFormat: TensorFileFormat
    let files: [String]
    let tensorNames: String
    let weightsSHA256: String
    let parameters: Int
    /// Number of tensors by element type.
    let elementTypes: [String: Int]
    @ExplicitNull var activationSource: String?
    /// Nil for a checkpoint that was named by its path.
    @ExplicitNull var catalog: String?
    let configuration: ConfigurationDescription
    let preprocessing: String
    let vocabulary: String
    let unusedTensors: [String]
    let kernels: KernelClass
    @ExplicitNull var kernelWarning: String?
  }

  /// - Returns: the checkpoint, and whether its activation is known.
  private func open(_ url: URL) throws -> (session: ModelSession, activationIsKnown: Bool) {
    do {
      return (try ModelSession(url, activation: activation), true)
    } catch let error as EvalError where error.kind == .usage && activation == nil {
      // Nothing tells the activation, and nothing else that is shown here depends on it.
      return (try ModelSession(url, activation: .quickGELU), false)
    }
  }

  /// How a checkpoint that was found by a name of the catalog compares with it; nil for others.
  private func verdict(
    on checkpoint: Checkpoint, weights: SHA256Digest, as model: LocatedModel
  ) -> String? {
    guard let entry = model.entry else { return nil }
    if let conflict = entry.conflict(with: checkpoint) { return "not \(entry.name): \(conflict)" }
    guard let expected = model.weightsSHA256 else {
      return "the architecture of \(entry.name); no SHA-256 is known to compare"
    }
    return weights == expected ? "\(entry.name), as published" : "not \(entry.name)'s SHA-256"
  }

  private func showCheckpoint(_ model: LocatedModel) throws {
    let (session, activationIsKnown) = try open(model.url)
    let checkpoint = session.checkpoint
    let c = checkpoint.configuration
    let weights = try checkpoint.weightsHash()
    let summary = CheckpointSummary(
      format: checkpoint.format, fileFormat: checkpoint.weights.format,
      files: checkpoint.weights.files.map(\.lastPathComponent),
      tensorNames: checkpoint.mapping.description,
      weightsSHA256: weights.hex, parameters: checkpoint.parameterCount,
      elementTypes: checkpoint.weights.contents.values
        .reduce(into: [:]) { $0[$1.type.rawValue, default: 0] += 1 },
      activationSource: activationIsKnown ? checkpoint.activationSource : nil,
      catalog: verdict(on: checkpoint, weights: weights, as: model),
      configuration: ConfigurationDescription(c, activationIsKnown: activationIsKnown),
      preprocessing: session.recipe.description, vocabulary: checkpoint.vocabularySource,
      unusedTensors: checkpoint.unusedTensors, kernels: .current,
      kernelWarning: KernelClass.current.warning)
    if let warning = summary.kernelWarning { Terminal.error("warning: \(warning)") }
    if json { return try Output.json(Described(kind: "checkpoint", value: summary)) }
    func tower(_ t: TransformerConfiguration) -> String {
      "width \(t.width), \(t.layers) layers, \(t.heads) heads, MLP \(t.mlpWidth)"
        + (activationIsKnown ? ", \(t.activation.rawValue)" : "")
    }
    let imageTower =
      switch c.vision {
      case .transformer(let v):
        "ViT, \(v.imageSize)×\(v.imageSize), patch \(v.patchSize), \(tower(v.transformer))"
      case .resNet(let v):
        "ModifiedResNet, \(v.imageSize)×\(v.imageSize), width \(v.width), "
          + "stages \(v.stages.map(String.init).joined(separator: "-")), \(v.heads) pooling heads"
      }
    let activationLine =
      summary.activationSource.map { "\(c.activationDescription), says \($0)" }
      ?? "not said: give --activation quick_gelu (OpenAI's weights) or --activation gelu (most of open_clip's)"
    var rows = [
      [
        "format",
        "\(summary.format.rawValue), \(summary.fileFormat.rawValue): \(summary.files.joined(separator: ", "))",
      ],
      ["tensor names", summary.tensorNames],
      ["weights SHA-256", summary.weightsSHA256],
      ["parameters", "\(summary.parameters)"],
      [
        "tensors",
        summary.elementTypes.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
          .joined(separator: ", "),
      ],
      [
        "image tower", imageTower,
      ],
      [
        "text tower",
        "vocabulary \(c.vocabularySize), context \(c.contextLength), \(tower(c.text))",
      ],
      ["activation", activationLine],
      ["joint space", "\(c.embeddingWidth)"],
      ["logit scale", "\(c.logitScale)"],
      ["preprocessing", summary.preprocessing],
      ["vocabulary", summary.vocabulary],
      [
        "unused tensors",
        summary.unusedTensors.isEmpty ? "none" : folded(summary.unusedTensors),
      ],
      ["kernels", "\(summary.kernels)"],
    ]
    if let catalog = summary.catalog { rows.insert(["catalog", catalog], at: 3) }
    try Output.table(rows)
  }

  /// Names that differ in numbers alone as one, with their count; JSON lists each.
  private func folded(_ names: [String]) -> String {
    let groups = Dictionary(grouping: names) { name in
      name.split(separator: ".").map { $0.replacing(/[0-9]+$/, with: "*") }.joined(separator: ".")
    }
    return groups.sorted { $0.key < $1.key }
      .map { $1.count == 1 ? $1[0] : "\($0) (\($1.count))" }.joined(separator: ", ")
  }

  private struct TensorSummary: Encodable {
    let name: String
    let type: String
    let shape: [Int]
  }
  private struct TensorList: Encodable {
    let tensors: [TensorSummary]
    let metadata: [String: String]
    /// Nil for tensors that are no features.
    @ExplicitNull var features: FeatureSummary?
    /// What they lack to be a checkpoint; nil for features and for files that no checkpoint has the form of.
    @ExplicitNull var notACheckpoint: String?
  }

  /// - Parameters:
  ///   - features: the file, when its tensors are features to be looked at.
  ///   - notACheckpoint: what they lack to be one, in words.
  private func showTensors(
    _ tensors: [String: TensorDescription], metadata: [String: String] = [:], features: URL? = nil,
    notACheckpoint: String? = nil
  ) throws {
    let rows = tensors.sorted { $0.key < $1.key }.map {
      TensorSummary(name: $0.key, type: $0.value.type.rawValue, shape: $0.value.shape)
    }
    if json {
      return try Output.json(
        Described(
          kind: "tensors",
          value: TensorList(
            tensors: rows, metadata: metadata,
            features: features.map { FeatureSummary(name: $0.lastPathComponent, at: $0) },
            notACheckpoint: notACheckpoint)))
    }
    if let notACheckpoint { try Output.line("no CLIP checkpoint: \(notACheckpoint)") }
    try Output.table(
      [["tensor", "type", "shape"]]
        + rows.map { [$0.name, $0.type, $0.shape.map(String.init).joined(separator: "×")] })
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      try Output.line("\(key): \(value)")
    }
    if let features {
      let summary = FeatureSummary(name: features.lastPathComponent, at: features)
      try Output.table(FeatureSummary.table([summary]), rightAligned: [2, 3])
      if let problem = summary.problem { try Output.line("not usable in a run: \(problem)") }
    }
  }

  private func showRun(_ folder: RunFolder) throws {
    let record = try folder.record()
    if json { return try Output.json(Described(kind: "run", value: record)) }
    try Output.table([
      ["state", record.state.rawValue],
      ["program", record.programVersion],
      ["suites", record.suites.map(\.path).joined(separator: ", ")],
      ["plan", "\(record.plan.count) tasks, \(record.planHash.hex.prefix(12))"],
      ["kernels", "\(record.machine.towerKernels), \(record.machine.isa)"],
      ["threads", "\(record.threads)"],
      ["precision", record.precision],
    ])
    try Output.table(
      [["task", "status", "failed samples", "message"]]
        + record.tasks.map {
          [
            "\($0.experiment) \($0.model) \($0.dataset)", $0.status.rawValue,
            "\($0.failedSamples.count)", $0.message ?? "",
          ]
        }, rightAligned: [2])
  }
}
