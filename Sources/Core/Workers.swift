import Foundation
import Synchronization

/// A fixed number of threads that work side by side on blocking, CPU-bound jobs.
///
/// Swift's cooperative pool is left alone: its threads must not block for the seconds a batch takes, and their
/// number cannot be chosen.
package enum Workers {
  /// Calls `body` once on each of `count` threads and returns when all have returned. The first error
  /// thrown is rethrown; workers are expected to look at `isCancelled` between jobs.
  package static func run(
    count: Int,
    _ body: @escaping @Sendable (_ worker: Int, _ isCancelled: () -> Bool) throws -> Void
  ) throws {
    let state = RunState()
    let done = DispatchSemaphore(value: 0)
    let started = max(1, count)
    for worker in 0..<started {
      let thread = Thread {
        if Interruption.isInstalled { Interruption.keepFromThisThread() }
        do {
          try body(worker) { state.cancelled.load(ordering: .relaxed) }
        } catch {
          state.fail(error)
        }
        done.signal()
      }
      thread.stackSize = 4 << 20
      thread.start()
    }
    for _ in 0..<started { done.wait() }
    if let error = state.error { throw error }
  }

  /// What `body` makes of 0, 1, … `count - 1`, in this order, on up to `threads` threads.
  package static func map<Value: Sendable>(
    count: Int, threads: Int, _ body: @escaping @Sendable (Int) throws -> Value
  ) throws -> [Value] {
    let queue = WorkQueue(count: count)
    let values = Mutex([Value?](repeating: nil, count: count))
    try run(count: min(threads, count)) { _, isCancelled in
      while !isCancelled(), let index = queue.next() {
        let value = try body(index)
        values.withLock { $0[index] = value }
      }
    }
    return values.withLock { $0.compactMap(\.self) }
  }

  private final class RunState: Sendable {
    let cancelled = Atomic<Bool>(false)
    private let first = Mutex<(any Error)?>(nil)

    var error: (any Error)? { first.withLock { $0 } }

    func fail(_ error: any Error) {
      first.withLock { if $0 == nil { $0 = error } }
      cancelled.store(true, ordering: .relaxed)
    }
  }
}

/// Hands out 0, 1, … `count - 1`, each once, to whoever asks.
package final class WorkQueue: Sendable {
  private let position = Atomic<Int>(0)
  private let count: Int

  package init(count: Int) { self.count = count }

  package func next() -> Int? {
    let index = position.wrappingAdd(1, ordering: .relaxed).oldValue
    return index < count ? index : nil
  }
}

/// A sum that workers add to.
package final class Tally: Sendable {
  private let sum = Atomic<Int>(0)

  package init() {}

  package func add(_ value: Int) { sum.wrappingAdd(value, ordering: .relaxed) }
  package var count: Int { sum.load(ordering: .relaxed) }
}

extension Workers {
  /// The same; a single worker is the calling thread itself, since starting one costs more than little work does.
  package static func runInlineIfAlone(
    count: Int, _ body: @escaping @Sendable (_ worker: Int) throws -> Void
  ) throws {
    guard count > 1 else { return try body(0) }
    try run(count: count) { worker, _ in try body(worker) }
  }
}
