package import Experiments
import Statistics

/// Robustness rows as tables: each classifier on each shift, beside the base's images of the same classes.
package enum RobustnessResults {
  /// - Parameter rows: of one model; single seeds give way to their means.
  package static func blocks(_ rows: [ResultRow]) -> [String] {
    let shown = rows.filter { $0.robustness != nil && $0.probe?.seed == nil }
    guard !shown.isEmpty else { return [] }
    let comparison: [(title: String, alignment: MarkdownTable.Alignment)] = [
      ("Paper", .right), ("Delta", .right), ("Verdict", .left),
    ]
    let isCompared = shown.contains { $0.reference != nil }
    var table = MarkdownTable(
      [
        ("Shift", .left), ("Classifier", .left), ("Metric", .left), ("Base", .left),
        ("On the base", .right), ("n", .right), ("Under shift", .right), ("n / expected", .right),
        ("Difference", .right), ("Failed", .right),
      ] + (isCompared ? comparison : []) + [("Protocol", .left)])
    for row in shown {
      guard let record = row.robustness else { continue }
      var cells = [
        row.datasetText + (row.partial ? " **(partial)**" : ""), classifier(row),
        Markdown.escaped(row.metric), Markdown.escaped(record.base),
        cell(record.baseValue, record.baseSeedInterval95, record.baseInterval95),
        "\(record.baseN)", cell(row.value, row.probe?.seedInterval95, row.interval95),
        "\(row.n) / \(row.nExpected.map { String($0) } ?? Markdown.unknown)",
        Percent.signed(difference(row)), "\(record.baseFailed) + \(row.nFailed)",
      ]
      if isCompared {
        cells += [
          Percent.text(row.reference?.value), Percent.signed(row.delta), row.verdict.rawValue,
        ]
      }
      table.append(cells + ["`\(row.protocolHash.short)`"])
    }
    let seeds = rows.count { $0.robustness != nil && $0.probe?.seed != nil }
    return [table.text] + [legend(shown)]
      + (seeds > 0 ? ["Not shown: \(seeds) results of single seeds, listed in results.csv."] : [])
      + (ProbeTables.warnings(shown).map { [$0] } ?? [])
  }

  /// `few-shot, 4 a class`
  package static func classifier(_ row: ResultRow) -> String {
    guard let record = row.robustness else { return Markdown.unknown }
    var text = record.classifier.rawValue
    if let shots = row.probe?.shots { text += ", \(shots) a class" }
    if let alpha = record.alpha { text += ", α = \(alpha)" }
    return text
  }

  private static func difference(_ row: ResultRow) -> Double? {
    guard let value = row.value, let base = row.robustness?.baseValue else { return nil }
    return value - base
  }

  /// `61.2 ± 1.3 [58.0–64.4]`
  private static func cell(_ value: Double?, _ seeds: Interval?, _ test: Interval?) -> String {
    Percent.text(value)
      + (seeds.map { " ± \(Percent.text(($0.upper - $0.lower) / 2))" } ?? "")
      + (test.map { " [\(Percent.text($0))]" } ?? "")
  }

  private static func legend(_ rows: [ResultRow]) -> String {
    var text =
      rows.contains { $0.reference != nil }
      ? "Paper, Delta, Verdict: of the value under shift. " : ""
    text +=
      "On the base: the same classifier on the base's images of the shift's classes, among the same classes; in brackets 95 % intervals over images."
    let kinds = Set(rows.compactMap { $0.robustness?.classifier })
    if kinds.contains(.classShift) {
      text +=
        " class-shift: under shift the classes are named as the shift names its own; on the base the value is that of zero-shot."
    }
    if kinds.contains(.fewShot) {
      text += " few-shot: mean over seeds ± half of its 95 % t-interval."
    }
    if kinds.contains(.ensemble) {
      text += " ensemble: weights α · probe + (1 − α) · zero-shot, both on the scale of logits."
    }
    if rows.contains(where: { $0.nFailed + ($0.robustness?.baseFailed ?? 0) > 0 }) {
      text += " Failed: of the base's whole split + under shift."
    }
    for row in rows {
      guard let record = row.robustness, record.unmatchedSamples > 0 else { continue }
      let what =
        row.protocol.robustness?.unmatched == "never-right"
        ? "are of no class of \(Markdown.escaped(record.base)) and never right"
        : "are of no class of \(Markdown.escaped(record.base)) and left out"
      let line = " \(row.datasetText): \(record.unmatchedSamples) images \(what)."
      if !text.contains(line) { text += line }
    }
    return text
  }
}

extension ReportSection {
  /// Robustness over all models: figures, accuracies by shift, effective robustness, and what there is to say of the baselines.
  package static func robustness(
    base: String, accuracies: RobustnessTables, effective: RobustnessTables?, notes: [String],
    figures: [FigureFile]
  ) -> ReportSection {
    ReportSection(
      title: "Robustness of \(base)",
      blocks: figures.map(\.markdown) + ["Accuracy under shift, %:"] + accuracies.accuracies
        + [
          "Accuracy on the images of \(Markdown.escaped(base)) of the same classes, %:",
          accuracies.baseAccuracies,
        ] + (effective?.effective ?? [])
        + (effective != nil || !notes.isEmpty
          ? [] : ["Without baselines there is no line, and so no effective robustness."])
        + notes.map(Markdown.escaped))
  }
}
