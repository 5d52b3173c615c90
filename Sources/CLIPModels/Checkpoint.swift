package import Core
package import Foundation
package import Neural
package import TensorFiles

/// A CLIP checkpoint on disk, opened and checked: sizes known, weights not yet in memory.
package struct Checkpoint: Sendable {
  /// The checkpoint's folder.
  package let folder: URL
  /// What the model is called in results: the folder's name.
  package let name: String
  /// `huggingface`: config.json, model.safetensors, tokenizer and preprocessor files.
  package let format: String
  package let configuration: CLIPConfiguration
  package let weights: SafetensorsFile

  /// - Parameter activation: overrides what the checkpoint says.
  /// - Throws: `EvalError.notFound` listing what the folder lacks; `.malformedData` for broken or
  ///   contradictory files.
  package init(_ url: URL, activation: Activation? = nil) throws {
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw EvalError(
        .notFound, "no checkpoint here", subject: url.path,
        remedy: "Name a folder that holds config.json and model.safetensors.")
    }
    guard isFolder(url) else {
      throw EvalError(
        .notFound, "is a file, expected a folder in Hugging Face layout", subject: url.path,
        remedy: "Name the folder that holds config.json and model.safetensors.")
    }
    let missing = ["config.json", "model.safetensors"].filter {
      !FileManager.default.fileExists(atPath: url.appending(path: $0).path)
    }
    guard missing.isEmpty else {
      throw EvalError(
        .notFound, "the checkpoint lacks \(missing.joined(separator: " and "))", subject: url.path)
    }
    folder = url
    name = url.standardizedFileURL.lastPathComponent
    format = "huggingface"
    weights = try SafetensorsFile(url.appending(path: "model.safetensors"))
    configuration = try CLIPConfiguration(
      weights: weights, configURL: url.appending(path: "config.json"), activation: activation)
  }

  /// - Parameter batchSize: images of one batch; a size that suits the tower otherwise.
  package func imageTower(batchSize: Int? = nil, precision: TowerPrecision = .fp32) throws
    -> any ImageTower
  {
    try precision.requireSupport()
    switch configuration.vision {
    case .transformer(let vision):
      return try VisionTransformer(
        vision, loader: loader,
        batchSize: batchSize ?? VisionTransformer.suitableBatchSize(vision), precision: precision)
    case .resNet:
      throw EvalError(
        .usage, "the image tower is a ModifiedResNet, which this version does not compute",
        subject: folder.path)
    }
  }

  /// A tower for `count` images: when they do not fill a batch, its batches are no larger than that.
  package func imageTower(forImages count: Int, precision: TowerPrecision = .fp32) throws
    -> any ImageTower
  {
    guard case .transformer(let vision) = configuration.vision else {
      return try imageTower(precision: precision)
    }
    return try imageTower(
      batchSize: min(VisionTransformer.suitableBatchSize(vision), max(1, count)),
      precision: precision)
  }

  package func textTower(precision: TowerPrecision = .fp32) throws -> TextTransformer {
    try precision.requireSupport()
    return try TextTransformer(configuration, loader: loader, precision: precision)
  }

  /// The towers' tensors by their own names.
  var loader: WeightLoader { WeightLoader(file: weights, scheme: .huggingFace) }

  /// SHA-256 of the weight file: what results and cached embeddings name the model by.
  package func weightsHash() throws -> SHA256Digest {
    try SHA256.hash(fileAt: weights.url)
  }
}
