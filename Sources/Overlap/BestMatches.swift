/// The best references of each query so far, each once (without a limit: once after `settle`): higher scores first, of equal ones the lowest number. A query belongs to one worker at a time.
final class BestMatches: @unchecked Sendable {
  struct Entry {
    var score: Float
    var reference: Int32
    /// Which of the views it was; those of references are counted on after those of queries.
    var view: Int32
  }

  private let limit: Int?
  private let floor: Float
  private let lists: UnsafeMutablePointer<[Entry]>
  /// Entries of each query that were settled.
  private let settled: UnsafeMutablePointer<Int>
  let count: Int

  /// - Parameters:
  ///   - limit: entries of a query; nil for all.
  ///   - floor: scores below it are passed over.
  init(count: Int, limit: Int?, floor: Float) {
    (self.count, self.limit, self.floor) = (count, limit, floor)
    lists = .allocate(capacity: max(1, count))
    lists.initialize(repeating: [], count: count)
    settled = .allocate(capacity: max(1, count))
    settled.initialize(repeating: 0, count: count)
  }

  deinit {
    lists.deinitialize(count: count)
    lists.deallocate()
    settled.deallocate()
  }

  subscript(query: Int) -> [Entry] { lists[query] }

  /// What a score has to reach to be taken up.
  func cutoff(_ query: Int) -> Float {
    guard let limit, lists[query].count == limit, let last = lists[query].last else { return floor }
    return max(floor, last.score)
  }

  func insert(_ entry: Entry, for query: Int) {
    guard entry.score >= floor else { return }
    func precedes(_ a: Entry, _ b: Entry) -> Bool {
      if a.score != b.score { return a.score > b.score }
      return a.reference == b.reference ? a.view < b.view : a.reference < b.reference
    }
    if limit == nil {
      lists[query].append(entry)
      return
    }
    if let same = lists[query].firstIndex(where: { $0.reference == entry.reference }) {
      guard precedes(entry, lists[query][same]) else { return }
      lists[query].remove(at: same)
    }
    var (low, high) = (0, lists[query].count)
    while low < high {
      let middle = (low + high) / 2
      if precedes(lists[query][middle], entry) { low = middle + 1 } else { high = middle }
    }
    lists[query].insert(entry, at: low)
    if let limit, lists[query].count > limit { lists[query].removeLast() }
  }

  /// Without a limit: leaves of each reference that came since the last call its best entry. No reference comes again after it.
  /// - Returns: how many there were.
  func settle(_ query: Int) -> Int {
    guard limit == nil, lists[query].count > settled[query] else { return 0 }
    var best: [Int32: Entry] = [:]
    for entry in lists[query][settled[query]...] {
      if let known = best[entry.reference],
        known.score > entry.score || (known.score == entry.score && known.view <= entry.view)
      {
        continue
      }
      best[entry.reference] = entry
    }
    lists[query].replaceSubrange(settled[query]..., with: best.values)
    settled[query] = lists[query].count
    return best.count
  }

  /// Best first, each reference once.
  func finished(_ query: Int) -> [Entry] {
    guard limit == nil else { return lists[query] }
    return lists[query].sorted {
      $0.score == $1.score ? $0.reference < $1.reference : $0.score > $1.score
    }
  }
}
