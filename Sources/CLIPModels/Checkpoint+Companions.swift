import Core
package import Foundation
package import Imaging

/// What comes with the weights: preprocessing and tokenizer.
extension Checkpoint {
  /// How this checkpoint wants its images: its own file's word, else its format's.
  ///
  /// OpenAI's and open_clip's order is resize, crop, RGB; transformers' is RGB first.
  /// - Throws: `EvalError.malformedData` for settings that cannot be reproduced.
  package func preprocessing() throws -> PreprocessRecipe {
    let size = configuration.vision.imageSize
    switch format {
    case .huggingFace:
      let url = folder.appending(path: "preprocessor_config.json")
      return FileManager.default.fileExists(atPath: url.path)
        ? try PreprocessRecipe(huggingFaceConfigAt: url)
        : PreprocessRecipe(order: .huggingface, size: size)
    case .openAI: return PreprocessRecipe(order: .openai, size: size)
    case .openCLIP:
      return try openCLIPConfig?.recipe(size: size) ?? PreprocessRecipe(order: .openai, size: size)
    }
  }

  /// The folder's own vocabulary where it has one, else OpenAI's.
  /// - Throws: `EvalError.notFound` when there is none and the text tower's vocabulary is not of OpenAI's size.
  package func tokenizer() throws -> CLIPTokenizer {
    let length = configuration.contextLength
    if let url = Self.vocabulary(in: folder) {
      return try CLIPTokenizer(contentsOf: url, contextLength: length)
    }
    guard configuration.vocabularySize == Self.openAIVocabularySize else {
      throw EvalError(
        .notFound,
        "the model has \(configuration.vocabularySize) tokens, OpenAI's vocabulary \(Self.openAIVocabularySize), and no "
          + "tokenizer lies beside it", subject: folder.path,
        remedy: "Put vocab.json and merges.txt into the folder.")
    }
    return try CLIPTokenizer.openAI(contextLength: length)
  }

  /// Where the tokens come from, in words.
  package var vocabularySource: String {
    if let url = Self.vocabulary(in: folder) {
      return url == folder ? "vocab.json, merges.txt" : url.lastPathComponent
    }
    return configuration.vocabularySize == Self.openAIVocabularySize
      ? "OpenAI's, built in"
      : "none: OpenAI's has \(Self.openAIVocabularySize) tokens, the model \(configuration.vocabularySize)"
  }

  /// Bytes, bytes at the end of a word, merges, start and end.
  private static let openAIVocabularySize = 49_408

  /// What `CLIPTokenizer` reads a folder's vocabulary from; nil when it has none.
  package static func vocabulary(in folder: URL) -> URL? {
    if ["vocab.json", "merges.txt"].allSatisfy({ isFile(folder.appending(path: $0)) }) {
      return folder
    }
    return ["bpe_simple_vocab_16e6.txt.gz", "bpe_simple_vocab_16e6.txt"]
      .map { folder.appending(path: $0) }.first(where: isFile)
  }
}

extension OpenCLIPConfig {
  /// open_clip's `image_transform` with the settings of `preprocess_cfg`.
  fileprivate func recipe(size: Int) throws -> PreprocessRecipe {
    func refuse(_ key: String, _ expected: String) -> EvalError {
      EvalError(
        .malformedData, "preprocess_cfg.\(key): expected \(expected), found something else",
        subject: url.path)
    }
    var recipe = PreprocessRecipe(order: .openai, size: size)
    for (key, value) in preprocessing.sorted(by: { $0.key < $1.key }) where value != .null {
      switch key {
      case "size":
        let sides = value.integer.map { [$0] } ?? value.array?.compactMap(\.integer) ?? []
        guard !sides.isEmpty, sides.allSatisfy({ $0 == size }) else {
          throw refuse(key, "\(size), the size of the model's input")
        }
      case "mode": guard value == .text("RGB") else { throw refuse(key, "RGB") }
      case "interpolation": guard value == .text("bicubic") else { throw refuse(key, "bicubic") }
      case "resize_mode":
        switch value.string {
        case "shortest": break
        case "squash": (recipe.resize, recipe.crop) = (.squash(size), .none)
        default: throw refuse(key, "shortest or squash")
        }
      case "mean", "std":
        let values = value.number.map { [$0, $0, $0] } ?? value.array?.compactMap(\.number) ?? []
        guard values.count == 3, values.allSatisfy({ Float($0).isFinite }),
          key == "mean" || values.allSatisfy({ Float($0) > 0 })
        else {
          throw refuse(key, "three numbers")
        }
        if key == "mean" {
          recipe.mean = values.map { Float($0) }
        } else {
          recipe.standardDeviation = values.map { Float($0) }
        }
      // Pads what `longest` leaves empty.
      case "fill_color": break
      default: throw refuse(key, "no such setting")
      }
    }
    return recipe
  }
}
