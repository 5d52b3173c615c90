import ArgumentParser
import CLIPModels
import Core
import Datasets
import EmbeddingPipeline
import Foundation
import Imaging
import TensorFiles

extension PreprocessRecipe.Order: ExpressibleByArgument {}

/// `clip-eval preprocess`: exactly what a model sees of one image.
struct PreprocessCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preprocess",
    abstract: "Write the tensor that a model sees of one image, 3×H×W float32.",
    discussion: """
      Pixels are Pillow's, bit for bit.

      EXAMPLES
        clip-eval preprocess cat.jpg --output cat.npy
        clip-eval preprocess cat.jpg -o cat.npy --size 336 --recipe huggingface
        clip-eval preprocess cat.jpg -o cat.npy --model MODEL
        clip-eval preprocess cat.jpg -o pixels.npy --no-normalize
        clip-eval preprocess objectnet.png -o pixels.npy --border 2
        clip-eval preprocess kitti.png -o pixels.npy --squash
      """)

  @Argument(help: "A JPEG, PNG or binary PPM/PGM file.", completion: .file())
  var image: String

  @Option(
    name: .shortAndLong, help: "The .npy file to write.", completion: .file(extensions: ["npy"]))
  var output: String

  @Option(
    help: "Take the recipe from this checkpoint, by path or name.", completion: .directory)
  var model: String?

  @Option(help: "Pixels a side of the model's input (default: 224).")
  var size: Int?

  @Option(help: "The order of operations (default: openai): openai or huggingface.")
  var recipe: PreprocessRecipe.Order?

  @Option(help: "Cut off this many pixels on each side first, as for ObjectNet.")
  var border = 0

  @Flag(help: "Squeeze the whole image into the model's square, as for KITTI.")
  var squash = false

  @Flag(help: "Write the 8-bit pixels as 0…255 instead of normalised values.")
  var noNormalize = false

  func validate() throws {
    guard output.lowercased().hasSuffix(".npy") else {
      throw ValidationError("--output must end in .npy, found '\(output)'.")
    }
    if border < 0 { throw ValidationError("--border must be at least 0") }
    if let size, size < 1 { throw ValidationError("--size must be at least 1") }
    guard model == nil || (size == nil && recipe == nil) else {
      throw ValidationError("--model brings its own recipe; leave out --size and --recipe.")
    }
  }

  func run() async throws {
    var recipe = try chosenRecipe()
    if border > 0 || squash {
      guard let size = try Preprocessor(recipe).outputSize?.width else {
        throw EvalError(.usage, "--border and --squash need a recipe with a fixed size")
      }
      recipe = ImageAdjustment(croppedBorder: border, squashes: squash)
        .applied(to: recipe, size: size)
    }
    if noNormalize { recipe.normalizes = false }
    let preprocessor = try Preprocessor(recipe)
    let (shape, values) = try preprocessor.tensor(
      of: .file(URL(filePath: image)), workspace: PreprocessWorkspace())
    try NPYFile.write(shape: shape, values: values, to: URL(filePath: output))
  }

  private func chosenRecipe() throws -> PreprocessRecipe {
    guard let model else {
      return PreprocessRecipe(order: recipe ?? .openai, size: size ?? 224)
    }
    let located = try ModelLocator().locate(model)
    // A name of the catalog promises a certain model.
    if let entry = located.entry {
      return try ModelSession(located, activation: entry.activation).recipe
    }
    let folder = located.url
    let config = folder.appending(path: "preprocessor_config.json")
    // The file is enough; without it the whole checkpoint decides, as it does for `run` and `embed`.
    return FileManager.default.fileExists(atPath: config.path)
      ? try PreprocessRecipe(huggingFaceConfigAt: config) : try ModelSession(folder).recipe
  }
}
