import Core
import Experiments

/// Tasks of several runs, one after the other, without results that are there already.
struct RunMerge {
  /// What a result is of. Everything but its value.
  private struct Key: Hashable {
    var experiment, dataset, model, metric: String
    var hash: SHA256Digest
    var shots, seed, seeds: Int?
    var classifier: String?
    var alpha: Double?

    init(_ row: ResultRow) {
      (experiment, dataset, model, metric) = (row.experiment, row.dataset, row.model, row.metric)
      hash = row.protocolHash
      (shots, seed, seeds) = (row.probe?.shots, row.probe?.seed, row.probe?.seeds)
      (classifier, alpha) = (row.robustness?.classifier.rawValue, row.robustness?.alpha)
    }
  }

  private(set) var tasks: [(run: Int, task: ReportedTask)] = []
  /// Numbers of `tasks` as they are shown.
  private(set) var order: [Int] = []
  private(set) var conflicts: [(shown: ResultRow, shownRun: Int, other: ResultRow, otherRun: Int)] =
    []
  private(set) var repeated: [Int: Int] = [:]
  private var owners: [Key: Int] = [:]

  mutating func add(_ task: ReportedTask, of run: Int) {
    let number = tasks.count
    var task = task
    let known = task.items.map { item in
      owners[Key(item.row)].flatMap { owner in
        tasks[owner].run == run
          ? nil : tasks[owner].task.items.first { Key($0.row) == Key(item.row) }.map { (owner, $0) }
      }
    }
    let differ = zip(task.items, known).contains { item, known in
      known.map { !Self.isSame(item.row, $0.1.row) } ?? false
    }
    if differ {
      // The whole task stands in place of the earlier one, beside its own predictions.
      for (item, known) in zip(task.items, known) {
        guard let (owner, other) = known else { continue }
        let key = Key(item.row)
        tasks[owner].task.items.removeAll { Key($0.row) == key }
        if Self.isSame(item.row, other.row) {
          repeated[tasks[owner].run, default: 0] += 1
        } else {
          conflicts.append((item.row, run, other.row, tasks[owner].run))
        }
      }
    } else {
      repeated[run, default: 0] += known.count { $0 != nil }
      task.items = zip(task.items, known).filter { $0.1 == nil }.map(\.0)
    }
    for item in task.items { owners[Key(item.row)] = number }
    tasks.append((run, task))
    let place = known.compactMap { $0?.0 }.first.flatMap { owner in order.firstIndex(of: owner) }
    if differ, let place {
      order.insert(number, at: place + 1)
    } else {
      order.append(number)
    }
  }

  /// Sums in another order have other last bits.
  private static func isSame(_ a: ResultRow, _ b: ResultRow) -> Bool {
    guard a.n == b.n, a.nFailed == b.nFailed else { return false }
    guard let first = a.value, let second = b.value else { return a.value == b.value }
    return abs(first - second) <= 1e-9
  }
}
