package import Core

extension ClassStrata {
  /// Held out where a dataset has no validation split. The paper does not say how much it held out.
  package static let holdOutFraction = 0.2

  /// The same, but 50,000 samples at most: the paper held out so many of ImageNet, and choosing C needs no more.
  package static func holdOutFraction(of count: Int) -> Double {
    min(holdOutFraction, 50_000 / Double(max(count, 1)))
  }

  /// Samples that are drawn from all alike, such as those that show several classes each.
  package init(undivided ids: [String], subject: String) throws(EvalError) {
    try self.init(
      ids: ids, labels: [Int](repeating: 0, count: ids.count), classIDs: ["all"],
      subject: subject)
  }

  package struct HoldOut: Sendable, Equatable {
    /// Rising.
    package var trainRows: [Int]
    /// Rising.
    package var validationRows: [Int]
    package var fraction: Double
    package var seed: UInt64
  }

  /// Holds out a share of each class for validation: of n samples the nearest whole number to `fraction` · n (halves up), but at least one and
  /// at most n − 1; of a class with one sample none. They are the first of the class's order for the seed.
  /// - Throws: `EvalError.usage` unless `fraction` is between 0 and 1, `EvalError.malformedData` where nothing is held out.
  package func holdOut(
    fraction: Double = holdOutFraction, seed: UInt64, subject: String
  ) throws(EvalError) -> HoldOut {
    guard fraction > 0, fraction < 1 else {
      throw EvalError(
        .usage, "expected a fraction between 0 and 1 to hold out, found \(fraction)",
        subject: subject)
    }
    var isHeldOut = [Bool](repeating: false, count: ids.count)
    for (owner, rows) in members.enumerated() where rows.count > 1 {
      let nearest = Int((fraction * Double(rows.count) + 0.5).rounded(.down))
      let count = min(max(nearest, 1), rows.count - 1)
      for row in shuffled(owner, for: .holdOut, seed: seed).prefix(count) { isHeldOut[row] = true }
    }
    let validation = isHeldOut.indices.filter { isHeldOut[$0] }
    guard !validation.isEmpty else {
      throw EvalError(
        .malformedData, "no class has two samples, so none can be held out for validation",
        subject: subject)
    }
    return HoldOut(
      trainRows: isHeldOut.indices.filter { !isHeldOut[$0] }, validationRows: validation,
      fraction: fraction, seed: seed)
  }

  /// The fold of each row, for stratified cross-validation; of rows outside `among`, nil.
  ///
  /// Classes are dealt one after another in order of their ids, each in its order for the seed, in turns that go on from class to class: each
  /// class is spread over the folds to within one sample, and so are all together.
  /// - Parameters:
  ///   - count: at least 2, at most the size of the largest class.
  ///   - rows: the rows to be dealt; all when nil.
  /// - Throws: `EvalError.usage` for a count out of range.
  package func folds(
    _ count: Int, seed: UInt64, among rows: [Int]? = nil, subject: String
  ) throws(EvalError) -> [Int?] {
    var isDealt = [Bool](repeating: rows == nil, count: ids.count)
    for row in rows ?? [] {
      guard isDealt.indices.contains(row) else {
        throw EvalError(.bug, "row \(row) is none of \(ids.count)", subject: subject)
      }
      isDealt[row] = true
    }
    let largest = members.map { rows in rows.count { isDealt[$0] } }.max() ?? 0
    guard count >= 2, count <= largest else {
      throw EvalError(
        .usage,
        "\(count) folds cannot be made: expected 2 to \(max(largest, 2)), the examples of the largest class (\(largest))",
        subject: subject)
    }
    var folds = [Int?](repeating: nil, count: ids.count)
    var turn = 0
    let order = classIDs.indices.sorted { precedes(classIDs[$0], classIDs[$1]) }
    for owner in order {
      for row in shuffled(owner, for: .folds, seed: seed) where isDealt[row] {
        folds[row] = turn % count
        turn += 1
      }
    }
    return folds
  }
}
