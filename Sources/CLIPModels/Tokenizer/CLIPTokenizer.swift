package import Core
package import Foundation

/// CLIP's byte-pair tokenizer: the ids are those of OpenAI's `SimpleTokenizer`, with one exception (see
/// `TextCleaner`).
///
///     let tokenizer = try CLIPTokenizer(contentsOf: checkpointFolder)
///     try tokenizer.tokenize("a photo of a cat.")   // [49406, 320, 1125, 539, 320, 2368, 269, 49407]
///
/// A value may be used from several threads at once.
package struct CLIPTokenizer: Sendable {
  /// Most ids a text may have, start and end included.
  package let contextLength: Int

  private let vocabulary: BytePairVocabulary
  private let cache = WordCache()

  /// - Parameters:
  ///   - contextLength: the model's; 77 in all of OpenAI's.
  ///   - url: a folder with `vocab.json` and `merges.txt`, or `bpe_simple_vocab_16e6.txt`, gzipped or not.
  /// - Throws: `EvalError.notFound`, or `.malformedData` with the file and line.
  package init(contentsOf url: URL, contextLength: Int = 77) throws {
    self.contextLength = contextLength
    vocabulary = try BytePairVocabulary.read(url)
  }

  private init(vocabulary: BytePairVocabulary, contextLength: Int) {
    self.contextLength = contextLength
    self.vocabulary = vocabulary
  }

  /// The tokenizer of all of OpenAI's models, and of most that came after: its vocabulary is part of the program.
  package static func openAI(contextLength: Int = 77) throws -> CLIPTokenizer {
    CLIPTokenizer(vocabulary: try BytePairVocabulary.openAI(), contextLength: contextLength)
  }

  package var vocabularySize: Int { vocabulary.spellings.count }
  package var startToken: Int32 { vocabulary.startToken }
  package var endToken: Int32 { vocabulary.endToken }
  /// SHA-256 of tokens, ids and merges: equal for both file forms of a vocabulary.
  package var vocabularyHash: SHA256Digest { vocabulary.hash }

  /// Ids of a text with the start and end tokens, without padding.
  /// - Parameter truncate: cut a text that is too long; its last id is then the end token.
  /// - Throws: `EvalError.malformedData` for a text longer than the context, unless `truncate`.
  package func tokenize(_ text: String, truncate: Bool = false) throws -> [Int32] {
    var tokens = [startToken] + encode(text) + [endToken]
    if tokens.count > contextLength {
      guard truncate else {
        throw EvalError(
          .malformedData,
          "the text has \(tokens.count) tokens with start and end, the context holds \(contextLength).",
          subject: "\"\(text.unicodeScalars.prefix(60).map(String.init).joined())…\"",
          remedy: "Shorten it or allow truncation (--truncate).")
      }
      tokens.removeLast(tokens.count - contextLength)
      tokens[contextLength - 1] = endToken
    }
    return tokens
  }

  /// Ids of a text alone. A text that spells a special token gives that token, as OpenAI's tokenizer has it.
  package func encode(_ text: String) -> [Int32] {
    let scalars = TextCleaner.clean(text)
    var tokens: [Int32] = []
    for range in WordSplitter.words(scalars) {
      let word = Self.utf8(scalars[range])
      tokens += cache.tokens(of: word) { tokensOfWord(word) }
    }
    return tokens
  }

  /// The text that ids stand for, each word followed by a space; bytes that are not UTF-8 become U+FFFD.
  /// - Throws: `EvalError.malformedData` for an id outside the vocabulary.
  package func decode(_ tokens: [Int32]) throws -> String {
    String(decoding: try tokens.flatMap(bytes(of:)), as: UTF8.self)
  }

  /// How the vocabulary spells a token: bytes in its own alphabet, `</w>` at the end of a word.
  package func spelling(of token: Int32) throws -> String {
    String(decoding: try spellingBytes(of: token), as: UTF8.self)
  }

  private func tokensOfWord(_ word: [UInt8]) -> [Int32] {
    if word == vocabulary.spellings[Int(startToken)] { return [startToken] }
    if word == vocabulary.spellings[Int(endToken)] { return [endToken] }
    return BytePairMerger.tokens(of: word, in: vocabulary)
  }

  private func spellingBytes(of token: Int32) throws -> [UInt8] {
    guard vocabulary.spellings.indices.contains(Int(token)) else {
      throw EvalError(
        .malformedData,
        "token id \(token) is outside the vocabulary (0…\(vocabulary.spellings.count - 1))")
    }
    return vocabulary.spellings[Int(token)]
  }

  private func bytes(of token: Int32) throws -> [UInt8] {
    var spelling = try spellingBytes(of: token)
    let endsWord = spelling.reversed().starts(with: ByteAlphabet.endOfWord.reversed())
    if endsWord { spelling.removeLast(ByteAlphabet.endOfWord.count) }
    let characters = String(decoding: spelling, as: UTF8.self).unicodeScalars
    return characters.compactMap(ByteAlphabet.byte(of:)) + (endsWord ? [0x20] : [])
  }

  private static func utf8(_ scalars: ArraySlice<Unicode.Scalar>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(scalars.count)
    for scalar in scalars {
      if scalar.isASCII {
        bytes.append(UInt8(truncatingIfNeeded: scalar.value))
      } else {
        bytes.append(contentsOf: scalar.utf8)
      }
    }
    return bytes
  }
}
