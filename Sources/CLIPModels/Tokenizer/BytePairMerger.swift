/// Applies merges to one word, best rank first, in O(n log n) for a word of n bytes.
///
/// The reference rule (Sennrich et al. 2016, as in OpenAI's tokenizer): find the best-ranked pair in the word, merge all its
/// occurrences from left to right, start again. Occurrences of one pair are therefore taken as one round, and pairs that a
/// round creates compete only from the next round on.
package struct BytePairMerger {
  private let vocabulary: BytePairVocabulary
  private var symbols: [Int32]
  /// Doubly linked list over `symbols`; -1 ends it. A consumed symbol has `next` = -2.
  private var next: [Int32]
  private var previous: [Int32]
  private var queue = MinHeap()

  /// Token ids of a word's bytes.
  package static func tokens(of word: [UInt8], in vocabulary: BytePairVocabulary) -> [Int32] {
    guard let last = word.last else { return [] }
    let final = vocabulary.finalByteTokens[Int(last)]
    if word.count == 1 { return [final] }
    let symbols = word.dropLast().map { vocabulary.byteTokens[Int($0)] } + [final]
    var merger = BytePairMerger(symbols, vocabulary)
    return merger.run()
  }

  private init(_ symbols: [Int32], _ vocabulary: BytePairVocabulary) {
    self.vocabulary = vocabulary
    self.symbols = symbols
    let count = Int32(clamping: symbols.count)
    next = (0..<count).map { $0 + 1 == count ? -1 : $0 + 1 }
    previous = (0..<count).map { $0 - 1 }
  }

  private mutating func run() -> [Int32] {
    for position in symbols.indices.dropLast() { enqueue(position) }
    var changed: [Int] = []
    while let first = queue.top {
      let rank = first >> 32
      changed.removeAll(keepingCapacity: true)
      while let entry = queue.top, entry >> 32 == rank {
        queue.removeTop()
        let position = Int(entry & 0xFFFF_FFFF)
        guard let merge = merge(at: position), UInt64(merge.rank) == rank else { continue }
        symbols[position] = merge.result
        consumeSymbol(after: position)
        changed.append(position)
      }
      for position in changed {
        if next[position] == -2 { continue }
        if previous[position] >= 0 { enqueue(Int(previous[position])) }
        enqueue(position)
      }
    }
    return symbols.indices.filter { next[$0] != -2 }.map { symbols[$0] }
  }

  /// The merge of the symbol at a position with the one after it.
  private func merge(at position: Int) -> BytePairVocabulary.Merge? {
    guard next[position] >= 0 else { return nil }
    let right = symbols[Int(next[position])]
    return vocabulary.merges[BytePairVocabulary.pairKey(symbols[position], right)]
  }

  private mutating func enqueue(_ position: Int) {
    guard let merge = merge(at: position) else { return }
    queue.insert(UInt64(merge.rank) << 32 | UInt64(position))
  }

  private mutating func consumeSymbol(after position: Int) {
    let consumed = Int(next[position])
    let following = next[consumed]
    next[position] = following
    if following >= 0 { previous[Int(following)] = Int32(position) }
    next[consumed] = -2
  }
}

/// A binary heap with the smallest element on top.
private struct MinHeap {
  private var items: [UInt64] = []

  package var top: UInt64? { items.first }

  package mutating func insert(_ item: UInt64) {
    items.append(item)
    var child = items.count - 1
    while child > 0, items[(child - 1) / 2] > items[child] {
      items.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  package mutating func removeTop() {
    guard let last = items.popLast(), !items.isEmpty else { return }
    items[0] = last
    var parent = 0
    while true {
      let left = 2 * parent + 1
      let right = left + 1
      var smallest = parent
      if left < items.count, items[left] < items[smallest] { smallest = left }
      if right < items.count, items[right] < items[smallest] { smallest = right }
      if smallest == parent { return }
      items.swapAt(parent, smallest)
      parent = smallest
    }
  }
}
