import Statistics

/// The analysis over datasets, at one threshold of each: what section 5 of the paper reports.
package struct OverlapSummary: Sendable, Equatable {
  package struct Entry: Sendable, Equatable {
    package var dataset: String
    package var row: OverlapRow
    /// The one-sided p-value of `row`, adjusted for all tests of the summary. Nil where it has none.
    package var bonferroni: Double?
    /// The same by Holm's procedure, which never finds less.
    package var holm: Double?
  }

  /// In the order given.
  package let entries: [Entry]
  /// P-values adjusted together: one for each dataset that has samples of both parts. Datasets without overlap make no test.
  package let tests: Int

  package init(_ rows: [(dataset: String, row: OverlapRow)]) {
    let known = rows.compactMap(\.row.pValue)
    tests = known.count
    var bonferroni = (AdjustedPValues.adjust(known, by: .bonferroni) ?? [])[...]
    var holm = (AdjustedPValues.adjust(known, by: .holm) ?? [])[...]
    entries = rows.map { dataset, row in
      guard row.pValue != nil else { return Entry(dataset: dataset, row: row) }
      return Entry(
        dataset: dataset, row: row, bonferroni: bonferroni.popFirst(), holm: holm.popFirst())
    }
  }

  /// Of the datasets' shares, those without overlap included; nil without datasets.
  package var meanContamination: Double? {
    entries.isEmpty ? nil : shares.reduce(0, +) / Double(entries.count)
  }

  package var medianContamination: Double? {
    guard !entries.isEmpty else { return nil }
    let sorted = shares.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }

  package var datasetsWithoutOverlap: Int { entries.count { $0.row.overlap.count == 0 } }

  private var shares: [Double] { entries.map(\.row.contamination) }
}
