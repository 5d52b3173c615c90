package import Robustness
import Statistics

/// Models on several shifts, as tables in Markdown and CSV.
package struct RobustnessTables: Sendable {
  /// One model on one shift.
  package struct Entry: Sendable {
    /// The dataset that the shift is one of.
    package var base: String?
    /// As a column or line is called.
    package var shift: String
    package var point: RobustnessPoint
    /// nil where there is no line to measure it against.
    package var robustness: EffectiveRobustness?

    package init(
      base: String? = nil, shift: String, point: RobustnessPoint,
      robustness: EffectiveRobustness? = nil
    ) {
      self.base = base
      self.shift = shift
      self.point = point
      self.robustness = robustness
    }
  }

  package var entries: [Entry]
  /// Those of the columns and of the mean, in their order: a model without one of them has no mean.
  package var shifts: [String]
  /// Accuracies on the whole base by model, a column of their own; empty for none.
  package var bases: [String: Double]

  /// - Parameter shifts: nil for those of the entries, in their order.
  package init(_ entries: [Entry], shifts: [String]? = nil, bases: [String: Double] = [:]) {
    self.entries = entries
    self.shifts = shifts ?? entries.map(\.shift).uniqued()
    self.bases = bases
  }

  /// Models and families, in the order of entries.
  private struct Line: Hashable {
    var model: String
    var family: String
  }

  private var lines: [Line] {
    entries.map { Line(model: $0.point.model, family: $0.point.family) }.uniqued()
  }

  /// By shift; the last of several.
  private func values(
    _ line: Line, _ accuracy: KeyPath<RobustnessPoint, Double> = \.shift
  ) -> [Double?] {
    shifts.map { shift in
      entries.last {
        $0.shift == shift && $0.point.model == line.model && $0.point.family == line.family
      }?.point[keyPath: accuracy]
    }
  }

  /// nil where a value is missing.
  private func mean(_ values: [Double?]) -> Double? {
    let known = values.compactMap(\.self)
    guard !known.isEmpty, known.count == values.count else { return nil }
    return known.reduce(0, +) / Double(known.count)
  }

  // MARK: Accuracies, as the paper's Table 16

  package var accuracies: [String] {
    var table = MarkdownTable(
      [("Model", .left), ("Kind", .left)] + (bases.isEmpty ? [] : [("Base", .right)])
        + shifts.map { (Markdown.escaped($0), .right) } + [("Mean", .right)])
    for line in lines {
      let values = values(line)
      table.append(
        [Markdown.escaped(line.model), Markdown.escaped(line.family)]
          + (bases.isEmpty ? [] : [Percent.text(bases[line.model])])
          + values.map { Percent.text($0) } + [Percent.text(mean(values))])
    }
    return [table.text] + remarks
  }

  /// Accuracies on the base's images of each shift's classes: what the shifted ones are to be compared with.
  package var baseAccuracies: String {
    var table = MarkdownTable(
      [("Model", .left), ("Kind", .left)] + shifts.map { (Markdown.escaped($0), .right) }
        + [("Mean", .right)])
    for line in lines {
      let values = values(line, \.base)
      table.append(
        [Markdown.escaped(line.model), Markdown.escaped(line.family)]
          + values.map { Percent.text($0) } + [Percent.text(mean(values))])
    }
    return table.text
  }

  private var remarks: [String] {
    let incomplete = lines.filter { mean(values($0)) == nil }
    guard !incomplete.isEmpty else { return [] }
    let names = incomplete.map { line in
      let missing = zip(shifts, values(line)).filter { $0.1 == nil }.map(\.0)
      return
        "\(Markdown.escaped(line.model)) (\(Markdown.escaped(missing.joined(separator: ", "))))"
    }
    return [
      "A mean is over all \(shifts.count) shifts; there is none where one is missing: \(names.joined(separator: "; "))."
    ]
  }

  /// Fractions, unrounded; an empty cell is not known.
  package var accuraciesCSV: String {
    let header =
      ["model", "family"] + (bases.isEmpty ? [] : ["base"]) + shifts + ["mean", "unit"]
    let records = lines.map { line in
      let values = values(line)
      return [line.model, line.family]
        + (bases.isEmpty ? [] : [Self.number(bases[line.model])])
        + values.map(Self.number) + [Self.number(mean(values)), "fraction"]
    }
    return CSVText.render([header] + records)
  }

  // MARK: Effective robustness

  package var effective: [String] {
    let hasReference = entries.contains { $0.robustness?.reference != nil }
    var table = MarkdownTable(
      [
        ("Model", .left), ("Kind", .left), ("Shift", .left), ("Base", .right),
        ("Under shift", .right), ("Expected", .right), ("Effective robustness", .right),
        ("Gap closed", .right),
      ] + (hasReference ? [("Relative robustness", .right)] : []))
    for entry in entries {
      let found = entry.robustness
      table.append(
        [
          Markdown.escaped(entry.point.model), Markdown.escaped(entry.point.family),
          Markdown.escaped(entry.shift), Percent.text(entry.point.base),
          Percent.text(entry.point.shift),
          Percent.text(found?.expected) + (found?.isExtrapolated == true ? "*" : ""),
          Self.points(found?.effective), Self.share(found?.gapClosed),
        ] + (hasReference ? [Self.points(found?.relative)] : []))
    }
    return [table.text, legend(hasReference)]
  }

  private func legend(_ hasReference: Bool) -> String {
    var text =
      "Expected: of a standard model of the same base accuracy, by the line. Effective robustness: percentage points above that, with its 95 % interval (resamples of the line's models together with draws of the model's own accuracies). Gap closed: its share of what a standard model loses."
    if entries.contains(where: { $0.robustness.map { $0.effective.interval95 == nil } ?? false }) {
      text +=
        " In parentheses: the line's interval alone, where that of the accuracies is not known."
    }
    if entries.contains(where: { $0.robustness?.isExtrapolated == true }) {
      text += " \\*: outside of the base accuracies of the line's models."
    }
    if hasReference {
      let names = entries.compactMap { $0.robustness?.reference }.uniqued().map(Markdown.escaped)
      text += " Relative robustness: percentage points above \(names.joined(separator: ", "))."
    }
    return text
  }

  /// `+35.8 [34.1–37.2]`
  private static func points(_ estimate: EffectiveRobustness.Estimate?) -> String {
    guard let estimate else { return Markdown.unknown }
    return Percent.signed(estimate.value) + spread(estimate, Percent.signed)
  }

  /// `78 % [75–80]`
  private static func share(_ estimate: EffectiveRobustness.Estimate?) -> String {
    guard let estimate else { return Markdown.unknown }
    func text(_ value: Double) -> String {
      FixedPoint.text(value * 100, decimals: 0).replacing("-", with: "−")
    }
    return "\(text(estimate.value)) %" + spread(estimate, text)
  }

  private static func spread(
    _ estimate: EffectiveRobustness.Estimate, _ text: (Double) -> String
  ) -> String {
    if let interval = estimate.interval95 {
      return " [\(text(interval.lower)) to \(text(interval.upper))]"
    }
    return estimate.fitInterval95.map { " (\(text($0.lower)) to \(text($0.upper)))" } ?? ""
  }

  /// Fractions, unrounded; an empty cell is not known.
  package var effectiveCSV: String {
    let estimates = ["effective", "gapClosed", "relative"].flatMap { name in
      [name] + ["lower", "upper", "fit.lower", "fit.upper"].map { "\(name).\($0)" }
    }
    let header =
      ["model", "family", "shift", "base", "baseCount", "accuracy", "shiftCount", "expected"]
      + estimates + ["reference", "extrapolated", "intervalMethod", "baseDataset"]
    let records = entries.map { entry in
      let found = entry.robustness
      let point = entry.point
      let cells = [found?.effective, found?.gapClosed, found?.relative].flatMap { estimate in
        [
          estimate?.value, estimate?.interval95?.lower, estimate?.interval95?.upper,
          estimate?.fitInterval95?.lower, estimate?.fitInterval95?.upper,
        ].map(Self.number)
      }
      return [
        point.model, point.family, entry.shift, Self.number(point.base),
        point.baseCount.map(String.init) ?? "", Self.number(point.shift),
        point.shiftCount.map(String.init) ?? "", Self.number(found?.expected),
      ] + cells + [
        found?.reference ?? "", found.map { "\($0.isExtrapolated)" } ?? "",
        found?.intervalMethod ?? "", entry.base ?? "",
      ]
    }
    return CSVText.render([header] + records)
  }

  private static func number(_ value: Double?) -> String {
    value.flatMap { $0.isFinite ? "\($0)" : nil } ?? ""
  }
}
