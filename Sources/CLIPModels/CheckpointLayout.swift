import Core
import Foundation
import TensorFiles

/// A configuration file that comes with a checkpoint.
enum CheckpointConfig {
  case huggingFace(HuggingFaceConfig, URL)
  case openCLIP(OpenCLIPConfig)

  /// Bytes that a configuration may have; the longest there are have 5000.
  static let largestFile = 1 << 20
}

/// Which files a path stands for.
struct CheckpointLayout {
  let weights: any TensorFile
  let mapping: TensorMapping
  let config: CheckpointConfig?
  /// Where tokenizer and preprocessing files may lie.
  let folder: URL
  let name: String
  let format: CheckpointFormat

  private static let huggingFaceWeights = [
    "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
    "pytorch_model.bin.index.json",
  ]
  private static let openCLIPWeights = [
    "open_clip_model.safetensors", "open_clip_pytorch_model.bin",
  ]
  private static let openCLIPConfigName = "open_clip_config.json"

  /// - Parameter url: a folder in Hugging Face's or open_clip's layout, or a weight file.
  init(_ url: URL) throws {
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw EvalError(
        .notFound, "no checkpoint here", subject: url.path,
        remedy: "Name a folder that holds config.json and model.safetensors, or a weight file.")
    }
    let isFolder = isFolder(url)
    let file = isFolder ? try Self.weights(in: url) : url
    folder = isFolder ? url : url.deletingLastPathComponent()
    name = Self.name(of: url, isFolder: isFolder)
    weights =
      file.lastPathComponent.hasSuffix(".index.json")
      ? try ShardedTensors(index: file) : try openTensorFile(file)
    mapping = try TensorMapping(of: weights)
    if mapping.scheme == .huggingFace {
      let url = folder.appending(path: "config.json")
      config = isFile(url) ? .huggingFace(try HuggingFaceConfig(reading: url), url) : nil
      format = .huggingFace
      return
    }
    let ownedByOpenAI = Self.isOpenAI(weights, mapping)
    let configURL = folder.appending(path: Self.openCLIPConfigName)
    config =
      isFile(configURL) && !ownedByOpenAI ? .openCLIP(try OpenCLIPConfig(reading: configURL)) : nil
    format = ownedByOpenAI ? .openAI : .openCLIP
  }

  /// open_clip kept OpenAI's names; OpenAI's own files are TorchScript, or state dicts with three more entries.
  private static func isOpenAI(_ file: any TensorFile, _ mapping: TensorMapping) -> Bool {
    mapping.scheme == .openAI
      && (file.format == .torchScript
        || ["input_resolution", "context_length", "vocab_size"].allSatisfy {
          file.contents[mapping.prefix + $0] != nil
        })
  }

  private static func weights(in folder: URL) throws -> URL {
    func first(_ names: [String]) -> URL? {
      names.lazy.map { folder.appending(path: $0) }.first(where: isFile)
    }
    let configURL = folder.appending(path: "config.json")
    let (huggingFace, openCLIP) = (first(huggingFaceWeights), first(openCLIPWeights))
    // Folders of the Hub often hold both. timm's have a config.json that is not transformers'.
    if let openCLIP {
      let isTransformers =
        isFile(configURL) && (try? HuggingFaceConfig(reading: configURL))?.model_type != nil
      if huggingFace == nil || !isTransformers { return openCLIP }
    }
    guard isFile(configURL) else {
      if huggingFace != nil {
        throw EvalError(.notFound, "the checkpoint lacks config.json", subject: folder.path)
      }
      throw EvalError(
        .notFound,
        "the folder holds no checkpoint: no config.json and model.safetensors, and none of "
          + openCLIPWeights.joined(separator: ", "), subject: folder.path,
        remedy: otherWeights(in: folder)
          ?? "Name the weight file itself, if it has another name.")
    }
    guard let huggingFace else {
      throw EvalError(
        .notFound,
        "the checkpoint lacks its weights: none of "
          + (huggingFaceWeights + openCLIPWeights).joined(separator: ", "), subject: folder.path,
        remedy: otherWeights(in: folder))
    }
    return huggingFace
  }

  /// A sentence on files that hold weights by their ending, and have no name that says so; nil when there are none.
  private static func otherWeights(in folder: URL) -> String? {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
      .filter {
        ["pt", "pth", "bin", "ckpt", "safetensors"].contains(($0 as NSString).pathExtension)
      }
    guard !names.isEmpty else { return nil }
    let some = names.prefix(5).joined(separator: ", ") + (names.count > 5 ? ", …" : "")
    return "Name the file itself, if it is one of these: \(some)."
  }

  /// The folder's name, or the file's where that says more than "model".
  private static func name(of url: URL, isFolder: Bool) -> String {
    let url = url.standardizedFileURL
    if isFolder { return url.lastPathComponent }
    let file = url.lastPathComponent
    return (huggingFaceWeights + openCLIPWeights).contains(file)
      ? url.deletingLastPathComponent().lastPathComponent
      : url.deletingPathExtension().lastPathComponent
  }
}
