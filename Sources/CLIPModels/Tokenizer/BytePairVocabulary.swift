package import Core

/// Tokens and merges of a byte-level BPE, in the form that encoding needs.
///
/// Token spellings are kept as UTF-8 bytes: Swift's `String` compares by canonical equivalence, so a
/// `Dictionary<String, …>` would take two spellings such as `é` and `e` + U+0301 for one token.
package struct BytePairVocabulary: Sendable {
  struct Merge: Sendable {
    var rank: Int32
    /// Token that replaces the pair.
    var result: Int32
  }

  /// Spelling of each token, indexed by id.
  package let spellings: [[UInt8]]
  /// Merges by the ids of their two parts (`pairKey`).
  let merges: [UInt64: Merge]
  /// Ids of the one-byte tokens inside a word and at its end, indexed by the byte.
  package let byteTokens: [Int32]
  package let finalByteTokens: [Int32]
  package let startToken: Int32
  package let endToken: Int32
  /// SHA-256 over every token in id order and every merge in rank order: the same for the same vocabulary
  /// however its files are laid out.
  package let hash: SHA256Digest

  package static func pairKey(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  /// - Parameters:
  ///   - spellings: UTF-8 spelling of each token, indexed by id.
  ///   - pairs: the two parts of each merge in rank order.
  ///   - firstLine: line of the merges file that the first pair stands on, for messages.
  package init(
    spellings: [[UInt8]], pairs: [(ArraySlice<UInt8>, ArraySlice<UInt8>)], firstLine: Int,
    vocabularyName: String, mergesName: String
  ) throws {
    var ids = [[UInt8]: Int32](minimumCapacity: spellings.count)
    for (id, spelling) in spellings.enumerated() { ids[spelling] = Int32(id) }

    func required(_ spelling: [UInt8]) throws -> Int32 {
      if let id = ids[spelling] { return id }
      throw EvalError(
        .malformedData,
        "expected the token \(String(decoding: spelling, as: UTF8.self)), which is not in the vocabulary.",
        subject: vocabularyName,
        remedy: "A CLIP vocabulary has all 256 one-byte tokens, with and without </w>, and both "
          + "special tokens.")
    }
    byteTokens = try (0...255).map { try required(ByteAlphabet.spelling(of: $0)) }
    finalByteTokens = try (0...255).map {
      try required(ByteAlphabet.spelling(of: $0) + ByteAlphabet.endOfWord)
    }
    startToken = try required(Array(WordSplitter.startText.utf8))
    endToken = try required(Array(WordSplitter.endText.utf8))

    var hasher = SHA256()
    hasher.update("byte-pair vocabulary 1\ntokens \(spellings.count)\n")
    for spelling in spellings { hasher.update(bytes: spelling + [0x0A]) }
    hasher.update("merges \(pairs.count)\n")

    var merges = [UInt64: Merge](minimumCapacity: pairs.count)
    for (rank, (left, right)) in pairs.enumerated() {
      let parts = [Array(left), Array(right), Array(left) + Array(right)]
      let found = parts.map { ids[$0] }
      guard let leftID = found[0], let rightID = found[1], let result = found[2] else {
        let missing = zip(parts, found).filter { $0.1 == nil }.map {
          String(decoding: $0.0, as: UTF8.self)
        }
        throw EvalError(
          .malformedData,
          "the merge needs tokens that are not in the vocabulary: \(missing.joined(separator: ", ")).",
          subject: "\(mergesName):\(firstLine + rank)",
          remedy: "The vocabulary and the merges must come from the same tokenizer.")
      }
      let merge = Merge(rank: Int32(rank), result: result)
      guard merges.updateValue(merge, forKey: Self.pairKey(leftID, rightID)) == nil else {
        throw EvalError(
          .malformedData, "the merge is listed a second time",
          subject: "\(mergesName):\(firstLine + rank)")
      }
      hasher.update(bytes: parts[0] + [0x20] + parts[1] + [0x0A])
    }
    self.merges = merges
    self.spellings = spellings
    hash = hasher.finalize()
  }
}

extension SHA256 {
  fileprivate mutating func update(bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }
}
