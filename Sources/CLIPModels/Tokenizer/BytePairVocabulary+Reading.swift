import CVocabulary
import Core
import Foundation
import TensorFiles

extension BytePairVocabulary {
  /// Merges that OpenAI's tokenizer takes from `bpe_simple_vocab_16e6.txt`, which lists five times as many.
  private static let mergeLimitOfTextFile = 49_152 - 256 - 2
  /// Far above any BPE vocabulary (OpenAI's file is 3.2 MB), so that a gzip bomb ends early.
  private static let byteLimit = 16 << 20
  /// Four times the lines of OpenAI's file.
  private static let mostLines = 1_000_000

  /// Reads a folder with `vocab.json` and `merges.txt`, or the file `bpe_simple_vocab_16e6.txt`, gzipped or not.
  static func read(_ url: URL) throws -> BytePairVocabulary {
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw EvalError(
        .notFound, "expected a folder with vocab.json and merges.txt, or a bpe_simple_vocab file.",
        subject: url.path, remedy: "Nothing is there: check the path.")
    }
    return isFolder(url) ? try read(folder: url) : try read(textFile: url)
  }

  private static func read(folder: URL) throws -> BytePairVocabulary {
    let vocabularyURL = folder.appending(path: "vocab.json")
    let mergesURL = folder.appending(path: "merges.txt")
    let spellings = try VocabularyJSON.tokensByID(
      try readFile(vocabularyURL, limit: byteLimit), subject: vocabularyURL.path)
    let lines = try Self.lines(
      try readFile(mergesURL, limit: byteLimit), subject: mergesURL.path)
    // Hugging Face writes a `#version: 0.2` line first.
    let hasHeader = lines.first.map { $0.starts(with: Array("#version".utf8)) } ?? false
    let first = hasHeader ? 2 : 1
    let pairs = try Self.pairs(lines.dropFirst(first - 1), subject: mergesURL.path)
    return try BytePairVocabulary(
      spellings: spellings, pairs: pairs, firstLine: first, vocabularyName: vocabularyURL.path,
      mergesName: mergesURL.path)
  }

  /// OpenAI's layout: a header line, then merges; ids follow from the order (bytes, bytes at the end of a word,
  /// merge results, the two special tokens).
  private static func read(textFile url: URL) throws -> BytePairVocabulary {
    try read(text: try readFile(url, limit: byteLimit), subject: url.path)
  }

  /// OpenAI's own vocabulary, which is part of the program.
  static func openAI() throws -> BytePairVocabulary {
    try read(
      text: Data(
        bytesNoCopy: UnsafeMutableRawPointer(mutating: cv_openai_vocabulary()),
        count: cv_openai_vocabulary_size(), deallocator: .none),
      subject: "the built-in vocabulary")
  }

  private static func read(text: Data, subject: String) throws -> BytePairVocabulary {
    var data = text
    if Gzip.isCompressed(data) {
      data = try Gzip.decompress(data, limit: byteLimit, subject: subject)
    }
    let lines = try Self.lines(data, subject: subject)
    guard let header = lines.first, header.contains(subsequence: "#version") else {
      throw EvalError(
        .malformedData, "expected a first line with \"#version\", as in bpe_simple_vocab_16e6.txt.",
        subject: "\(subject):1",
        remedy: "Give that file, or a folder with vocab.json and merges.txt.")
    }
    let pairs = try Self.pairs(
      lines.dropFirst().prefix(mergeLimitOfTextFile), subject: subject)
    let singles = ByteAlphabet.bytesInVocabularyOrder.map { ByteAlphabet.spelling(of: $0) }
    var spellings = singles + singles.map { $0 + ByteAlphabet.endOfWord }
    for (left, right) in pairs { spellings.append(Array(left) + Array(right)) }
    spellings.append(Array(WordSplitter.startText.utf8))
    spellings.append(Array(WordSplitter.endText.utf8))
    return try BytePairVocabulary(
      spellings: spellings, pairs: pairs, firstLine: 2, vocabularyName: subject,
      mergesName: subject)
  }

  /// Lines without their ends (`\n`, `\r\n`) and without the empty ones after the last.
  private static func lines(_ data: Data, subject: String) throws -> [ArraySlice<UInt8>] {
    let bytes = [UInt8](data)
    guard bytes.count(where: { $0 == 0x0A }) <= mostLines else {
      throw EvalError(
        .malformedData, "has more than \(mostLines) lines, expected one a merge", subject: subject)
    }
    var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map {
      $0.last == 0x0D ? $0.dropLast() : $0
    }
    while let last = lines.last, last.isEmpty { lines.removeLast() }
    return lines
  }

  private static func pairs(
    _ lines: ArraySlice<ArraySlice<UInt8>>, subject: String
  ) throws -> [(ArraySlice<UInt8>, ArraySlice<UInt8>)] {
    var pairs: [(ArraySlice<UInt8>, ArraySlice<UInt8>)] = []
    pairs.reserveCapacity(lines.count)
    for (index, line) in zip(lines.indices, lines) {
      let parts = line.split(separator: 0x20)
      guard parts.count == 2 else {
        throw EvalError(
          .malformedData,
          "expected two symbols separated by a space, found \(parts.count)",
          subject: "\(subject):\(index + 1)")
      }
      pairs.append((parts[0], parts[1]))
    }
    return pairs
  }
}

extension ArraySlice<UInt8> {
  fileprivate func contains(subsequence text: String) -> Bool {
    let wanted = Array(text.utf8)
    return indices.contains { self[$0...].starts(with: wanted) }
  }
}
