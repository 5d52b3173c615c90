import Core

/// Credits of two sides on the same samples, summed by unit and owner: a metric that is a mean, as a function of how often each unit is drawn.
struct PairedTally: Sendable {
  struct Sample {
    var first: Int
    var second: Int
    /// What is drawn: a sample, or a group.
    var unit: Int
    /// Of which the means are averaged; 0 where all samples count alike.
    var owner: Int
    var fold: Int
  }

  private struct Cell: Sendable {
    var unit: Int
    var owner: Int
    var first = 0
    var second = 0
    var count = 0
  }

  private struct Place: Hashable { var fold, owner, unit: Int }

  private var folds: [[Cell]]
  private let full: Double
  let ownerCount: Int

  init(_ samples: [Sample], full: Int) {
    var cells: [Place: Cell] = [:]
    for sample in samples {
      let place = Place(fold: sample.fold, owner: sample.owner, unit: sample.unit)
      var cell = cells[place] ?? Cell(unit: sample.unit, owner: sample.owner)
      cell.first += sample.first
      cell.second += sample.second
      cell.count += 1
      cells[place] = cell
    }
    folds = Dictionary(grouping: cells, by: \.key.fold).sorted { $0.key < $1.key }.map { _, cells in
      cells.sorted { ($0.key.owner, $0.key.unit) < ($1.key.owner, $1.key.unit) }.map(\.value)
    }
    self.full = Double(full)
    ownerCount = (samples.map(\.owner).max() ?? 0) + 1
  }

  /// The mean over folds of each one's mean over the owners that have samples; nil where a fold has none.
  func values(_ weights: [Int32]? = nil) -> (first: Double, second: Double)? {
    var (first, second) = (0.0, 0.0)
    for cells in folds {
      let means = Self.means(cells, ownerCount, weights).compactMap(\.self)
      guard !means.isEmpty else { return nil }
      first += means.reduce(0) { $0 + $1.first } / Double(means.count)
      second += means.reduce(0) { $0 + $1.second } / Double(means.count)
    }
    guard !folds.isEmpty else { return nil }
    let share = 1 / (full * Double(folds.count))
    return (first * share, second * share)
  }

  /// Of each owner the second less the first, all folds together; nil of one without samples.
  func differences(_ weights: [Int32]) -> [Double?] {
    Self.means(folds.flatMap(\.self), ownerCount, weights).map {
      $0.map { ($0.second - $0.first) / full }
    }
  }

  private static func means(
    _ cells: [Cell], _ ownerCount: Int, _ weights: [Int32]?
  ) -> [(first: Double, second: Double)?] {
    var sums = [(first: Int, second: Int, count: Int)](repeating: (0, 0, 0), count: ownerCount)
    for cell in cells {
      let weight = weights.map { Int($0[cell.unit]) } ?? 1
      guard weight > 0 else { continue }
      sums[cell.owner].first += weight * cell.first
      sums[cell.owner].second += weight * cell.second
      sums[cell.owner].count += weight * cell.count
    }
    return sums.map { sum in
      sum.count > 0
        ? (Double(sum.first) / Double(sum.count), Double(sum.second) / Double(sum.count)) : nil
    }
  }
}
