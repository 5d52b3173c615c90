package import Overlap
import Statistics

/// The analysis of overlap as tables: what Overlap, Clean and All score, and whether they differ.
package enum OverlapTables {
  /// Over datasets, a row each, with what they have in common below.
  package static func markdown(_ summary: OverlapSummary) -> String {
    var table = MarkdownTable(
      [("Dataset", .left)] + rowTitles + [("Bonferroni", .right), ("Holm", .right)])
    for entry in summary.entries {
      table.append(
        [Markdown.escaped(entry.dataset)] + cells(entry.row)
          + [pValue(entry.bonferroni), pValue(entry.holm)])
    }
    let count = summary.entries.count
    let contamination =
      "Contamination: median \(Percent.text(summary.medianContamination)) %, mean \(Percent.text(summary.meanContamination)) % over \(count) \(count == 1 ? "dataset" : "datasets"), \(summary.datasetsWithoutOverlap) without overlap."
    return """
      \(table.text)
      \(contamination) Bonferroni and Holm adjust the p-values of \(summary.tests) \(summary.tests == 1 ? "test" : "tests").

      \(remark)

      """
  }

  /// Of one dataset, a row a threshold, under its name.
  package static func markdown(_ analysis: OverlapAnalysis) -> String {
    var table = MarkdownTable(rowTitles)
    for row in analysis.rows { table.append(cells(row)) }
    return "## \(Markdown.escaped(analysis.dataset))\n\n\(table.text)\n\(remark)\n"
  }

  private static let remark = """
    Accuracies and differences in percent. All − Clean is by how much overlap raises the reported accuracy, with a 95 % bootstrap interval; Overlap's own \
    interval is Clopper–Pearson's at 99.5 %; p is one-sided, of Overlap's hits with Clean's accuracy as null (exact binomial test).
    """

  private static let rowTitles: [(title: String, alignment: MarkdownTable.Alignment)] = [
    ("Threshold", .right), ("Samples", .right), ("Overlap", .right), ("Contamination", .right),
    ("All", .right), ("Clean", .right), ("Overlap's accuracy", .right),
    ("99.5 % interval", .right), ("Overlap − Clean", .right), ("All − Clean", .right),
    ("95 % interval", .right), ("p", .right),
  ]

  private static func cells(_ row: OverlapRow) -> [String] {
    [
      FixedPoint.shortest(row.threshold, decimals: 6), "\(row.all.count)", "\(row.overlap.count)",
      Percent.text(row.contamination), Percent.text(row.all.accuracy),
      Percent.text(row.clean.accuracy), Percent.text(row.overlap.accuracy),
      Percent.text(row.overlapInterval99_5), Percent.signed(row.difference),
      hundredths(row.change), interval(row.changeInterval95), pValue(row.pValue),
    ]
  }

  /// With two decimals: most changes are tenths of a percent.
  private static func hundredths(_ fraction: Double?) -> String {
    guard let fraction else { return Markdown.unknown }
    let digits = FixedPoint.text(abs(fraction) * 100, decimals: 2)
    if digits == "0.00" { return digits }
    return (fraction < 0 ? "−" : "+") + digits
  }

  private static func interval(_ interval: Interval?) -> String {
    interval.map { "\(hundredths($0.lower)) to \(hundredths($0.upper))" } ?? Markdown.unknown
  }

  private static func pValue(_ p: Double?) -> String {
    guard let p else { return Markdown.unknown }
    return p < 0.001 && p > 0 ? FixedPoint.scientific(p) : FixedPoint.shortest(p, decimals: 3)
  }
}

extension OverlapTables {
  /// All numbers of the summary, unrounded; an empty cell is a value that is not known.
  package static func csv(_ summary: OverlapSummary) -> String {
    CSVText.render(
      [columns + ["pBonferroni", "pHolm", "tests"]]
        + summary.entries.map { entry in
          record(entry.dataset, entry.row)
            + [text(entry.bonferroni), text(entry.holm), "\(summary.tests)"]
        })
  }

  /// All rows of the analyses, unrounded.
  package static func csv(_ analyses: [OverlapAnalysis]) -> String {
    CSVText.render(
      [columns]
        + analyses.flatMap { analysis in analysis.rows.map { record(analysis.dataset, $0) } }
    )
  }

  private static let columns = [
    "dataset", "threshold", "all.n", "all.right", "overlap.n", "overlap.right", "clean.n",
    "clean.right", "contamination", "all.accuracy", "overlap.accuracy", "clean.accuracy",
    "overlap.interval99_5.lower", "overlap.interval99_5.upper", "overlapMinusClean",
    "allMinusClean", "allMinusClean.interval95.lower", "allMinusClean.interval95.upper",
    "allMinusClean.intervalMethod", "p", "test",
  ]

  private static func record(_ dataset: String, _ row: OverlapRow) -> [String] {
    [dataset, text(row.threshold)]
      + [row.all, row.overlap, row.clean].flatMap { ["\($0.count)", "\($0.right)"] }
      + [
        text(row.contamination), text(row.all.accuracy), text(row.overlap.accuracy),
        text(row.clean.accuracy), text(row.overlapInterval99_5?.lower),
        text(row.overlapInterval99_5?.upper), text(row.difference), text(row.change),
        text(row.changeInterval95?.lower), text(row.changeInterval95?.upper),
        row.changeIntervalMethod ?? "", text(row.pValue),
        row.pValue.map { _ in OverlapRow.testName } ?? "",
      ]
  }

  private static func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
}
