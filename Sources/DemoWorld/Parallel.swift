import Core
import Dispatch
import Synchronization

/// `body` of every index, computed on all cores; the results in order.
///
/// - Throws: the error of the lowest index that failed.
func inParallel<Result: Sendable>(
  _ count: Int, _ body: @Sendable (Int) throws -> Result
) throws -> [Result] {
  // Whole runs of indices, so that the lock is taken seldom.
  let chunk = 64
  let chunks = (count + chunk - 1) / chunk
  let slots = Mutex<[Int: Swift.Result<[Result], any Error>]>([:])
  DispatchQueue.concurrentPerform(iterations: chunks) { part in
    let range = part * chunk..<min(count, (part + 1) * chunk)
    let results = Swift.Result { try range.map(body) }
    slots.withLock { $0[part] = results }
  }
  let finished = slots.withLock { $0 }
  return try (0..<chunks).flatMap { part in
    guard let results = finished[part] else { throw EvalError(.bug, "a part of the work is lost") }
    return try results.get()
  }
}
