import Synchronization

/// Images that workers could not use, in the order of the set.
final class FaultList: Sendable {
  private let faults = Mutex<[(Int, String)]>([])

  func add(_ image: Int, _ reason: String) { faults.withLock { $0.append((image, reason)) } }

  func sorted() -> [(Int, String)] { faults.withLock { $0.sorted { $0.0 < $1.0 } } }
}

/// Matches that workers found, in no order.
final class MatchList: Sendable {
  private let matches = Mutex<[Match]>([])

  func add(_ match: Match) { matches.withLock { $0.append(match) } }

  var all: [Match] { matches.withLock { $0 } }
}
