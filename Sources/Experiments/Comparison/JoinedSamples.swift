package import Core

/// The samples that two evaluations share, found by id and never by place.
package struct JoinedSamples: Sendable {
  /// Of each seed, or one.
  let first: [RecordedSamples]
  let second: [RecordedSamples]
  /// Of each sample that all have: its row in each of `first`, then in each of `second`.
  let rows: [[Int]]
  package let counts: Counts

  package struct Counts: Sendable, Equatable, Codable {
    /// Samples that both sides have.
    package var common: Int
    /// Samples that one side lacks.
    package var onlyFirst: Int
    package var onlySecond: Int
    /// Ids that a side has several times, and that are left out: which is which cannot be told.
    package var duplicateIDs: Int
    /// Samples with another label on the other side. Each is scored by its own.
    package var relabelled: Int
  }

  /// - Parameters: one for each seed, the same seeds on both sides.
  /// - Throws: `EvalError.malformedData` where no sample is on both sides.
  package init(
    _ first: [RecordedSamples], _ second: [RecordedSamples], subject: String
  ) throws(EvalError) {
    self.first = first
    self.second = second
    var duplicates: Set<String> = []
    let places = (first + second).map { samples in
      var rows: [String: Int] = [:]
      rows.reserveCapacity(samples.count)
      for row in samples.ids.indices
      where rows.updateValue(row, forKey: samples.key(row)) != nil {
        duplicates.insert(samples.key(row))
      }
      return rows
    }
    let firsts = places.prefix(first.count)
    let seconds = places.dropFirst(first.count)
    func has(_ side: ArraySlice<[String: Int]>, _ key: String) -> Bool {
      side.allSatisfy { $0[key] != nil }
    }
    var joined: [[Int]] = []
    var (onlyFirst, onlySecond) = (0, 0)
    for row in (first.first?.ids.indices ?? 0..<0) {
      guard let key = first.first?.key(row), !duplicates.contains(key) else { continue }
      guard has(seconds, key) else {
        onlyFirst += 1
        continue
      }
      let found = places.compactMap { $0[key] }
      if found.count == places.count { joined.append(found) }
    }
    for row in (second.first?.ids.indices ?? 0..<0) {
      guard let key = second.first?.key(row), !duplicates.contains(key) else { continue }
      if !has(firsts, key) { onlySecond += 1 }
    }
    guard !joined.isEmpty else {
      throw EvalError(
        .malformedData,
        "no sample is on both sides: \(first.first?.count ?? 0) ids on the first, \(second.first?.count ?? 0) on the second, such as \(first.first?.ids.first ?? "–") and \(second.first?.ids.first ?? "–")",
        subject: subject)
    }
    rows = joined
    counts = Counts(
      common: joined.count, onlyFirst: onlyFirst, onlySecond: onlySecond,
      duplicateIDs: duplicates.count,
      relabelled: joined.count { !Self.isLabelledAlike(first, second, $0) })
  }

  private static func isLabelledAlike(
    _ first: [RecordedSamples], _ second: [RecordedSamples], _ rows: [Int]
  ) -> Bool {
    guard let a = first.first, let b = second.first, let row = rows.first,
      let other = rows.dropFirst(first.count).first
    else { return true }
    // Of retrieval the label is whichever right answer scores best.
    guard a.ranks == nil else { return true }
    if let labels = a.labels, let others = b.labels {
      return labels.row(row).elementsEqual(others.row(other))
    }
    guard a.predictions.labels.indices.contains(row), b.predictions.labels.indices.contains(other)
    else { return true }
    let (label, otherLabel) = (a.predictions.labels[row], b.predictions.labels[other])
    return a.classes == nil || b.classes == nil
      ? label == otherLabel : a.className(label) == b.className(otherLabel)
  }
}
