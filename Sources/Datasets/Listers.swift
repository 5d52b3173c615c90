import Core
import Synchronization

/// Threads that wait for the disk side by side: a disk, and more so a network, answers several questions in the time of one.
enum Listers {
  static let count = 8

  /// `body` of every item, in the order of the items.
  /// - Throws: the first error of any.
  static func map<Item: Sendable, Result: Sendable>(
    _ items: [Item], _ body: @escaping @Sendable (Item) throws -> Result
  ) throws -> [Result] {
    guard items.count > 1 else { return try items.map(body) }
    let results = Mutex([Result?](repeating: nil, count: items.count))
    let queue = WorkQueue(count: items.count)
    try Workers.run(count: min(count, items.count)) { _, isCancelled in
      while !isCancelled(), let next = queue.next() {
        let result = try body(items[next])
        results.withLock { $0[next] = result }
      }
    }
    return results.withLock { $0.compactMap(\.self) }
  }
}
