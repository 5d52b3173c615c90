import Synchronization

/// Token ids of words seen before: a prompt set says the same few thousand words over and over.
final class WordCache: Sendable {
  /// Bounds memory: about 10 MB at the most.
  private static let countLimit = 1 << 16
  private static let wordLimit = 48

  private let tokens = Mutex<[[UInt8]: [Int32]]>([:])

  /// Tokens of the word, computed at most a few times (concurrent callers may both compute).
  func tokens(of word: [UInt8], otherwise compute: () -> [Int32]) -> [Int32] {
    if let known = tokens.withLock({ $0[word] }) { return known }
    let computed = compute()
    if word.count <= Self.wordLimit {
      tokens.withLock { if $0.count < Self.countLimit { $0[word] = computed } }
    }
    return computed
  }
}
