package import Experiments
package import References

extension ReportSection {
  /// What other harnesses measured of the same models on the same datasets, and how their protocols differ; nil where nothing is known.
  package static func otherHarnesses(
    _ rows: [ResultRow], _ published: PublishedResults
  ) -> ReportSection? {
    struct Line: Hashable {
      var model: String
      var dataset: String
      var metric: String
    }
    struct Difference: Hashable {
      var harness: String
      var dataset: String
      var difference: OtherResult.Difference
    }
    // Every prompt set of a dataset has the same.
    var all: [(line: Line, row: ResultRow, others: [OtherResult])] = []
    var seen: Set<Line> = []
    var here: [Line: [Double]] = [:]
    for row in rows {
      let others = published.others(for: row)
      guard !others.isEmpty else { continue }
      let line = Line(model: row.model, dataset: row.dataset, metric: row.metric)
      if seen.insert(line).inserted { all.append((line, row, others)) }
      if !row.protocol.isOfSingleTemplate, let value = row.value {
        here[line, default: []].append(value)
      }
    }
    // Of a dataset the metrics that the paper has; where it has none, the dataset's own, which comes first.
    var known: Set<[String]> = []
    for entry in all where entry.row.reference != nil {
      known.insert([entry.line.model, entry.line.dataset])
    }
    let found = all.filter { line, row, _ in
      row.reference != nil || row.experiment == RetrievalExperiment.name
        || known.insert([line.model, line.dataset]).inserted
    }
    guard !found.isEmpty else { return nil }
    let harnesses = Set(found.flatMap { $0.others.map(\.harness) }).sorted()
    var table = MarkdownTable(
      [
        ("Model", .left), ("Dataset", .left), ("Metric", .left), ("Here", .right),
        ("Paper", .right),
      ]
        + harnesses.map { (Markdown.escaped($0), .right) })
    for (line, row, others) in found {
      table.append(
        [line.model, line.dataset, line.metric].map(Markdown.escaped)
          + [Self.range(here[line] ?? []), Percent.text(row.reference?.value)]
          + harnesses.map { harness in
            Percent.text(others.first { $0.harness == harness }?.value)
          })
    }
    var differences = MarkdownTable([
      ("Harness", .left), ("Dataset", .left), ("Axis", .left), ("Other than the paper", .left),
    ])
    let told = found.flatMap { line, _, others in
      others.flatMap { other in
        other.differences.map {
          Difference(harness: other.harness, dataset: line.dataset, difference: $0)
        }
      }
    }
    for entry in told.uniqued().sorted(by: { $0.harness < $1.harness }) {
      differences.append(
        [
          entry.harness, entry.dataset, entry.difference.axis.rawValue, entry.difference.text,
        ].map(Markdown.escaped))
    }
    let sources = Set(found.flatMap { $0.others.map(\.source) }).sorted()
    return ReportSection(
      title: "What other harnesses measured",
      blocks: [table.text]
        + (differences.isEmpty ? [] : [differences.text])
        + [
          "From \(sources.map(Markdown.escaped).joined(separator: "; ")). What is not listed as other than the paper is not known to be the same."
        ])
  }

  /// What may be the cause where results are not the paper's; nil where all agree or nothing is known.
  /// - Parameter explained: of these rows, where `explain` was asked.
  package static func knownCauses(
    _ rows: [ResultRow], _ published: PublishedResults, explained: [Explanation] = []
  ) -> ReportSection? {
    struct Line {
      var cause: KnownCause
      var dataset: String
      /// `ViT-B/32 −1.4`
      var gaps: [String]
    }
    let own = rows.filter { !$0.protocol.isOfSingleTemplate }
    var lines: [Line] = []
    var numbers: [[String]: Int] = [:]
    for row in own where row.verdict == .differsUnexplained || row.verdict == .differsByProtocol {
      let gap = "\(Markdown.escaped(row.model)) \(Percent.signed(row.delta))"
      for cause in published.causes(for: row) {
        let key = [cause.id, row.dataset]
        if let number = numbers[key] {
          if !lines[number].gaps.contains(gap) { lines[number].gaps.append(gap) }
        } else {
          numbers[key] = lines.count
          lines.append(Line(cause: cause, dataset: row.dataset, gaps: [gap]))
        }
      }
    }
    guard !lines.isEmpty else { return nil }
    var table = MarkdownTable([
      ("Dataset", .left), ("Here", .left), ("Axis", .left), ("Known cause", .left),
      ("Moves others' numbers by", .right), ("Status", .left), ("Source", .left),
    ])
    for line in lines {
      table.append([
        Markdown.escaped(line.dataset), line.gaps.joined(separator: ", "), line.cause.axis.rawValue,
        Markdown.escaped(line.cause.text), Self.text(line.cause.gap), line.cause.status.rawValue,
        line.cause.source.map(Markdown.escaped) ?? Markdown.unknown,
      ])
    }
    return ReportSection(
      title: "Known causes of differences",
      blocks: [
        table.text,
        "For results that are not the paper's: what is known to move numbers on these datasets, in points. "
          + (explained.isEmpty
            ? "None of it was tried here."
            : "What was tried of it here is in explanations.json."),
      ])
  }

  /// `44.6`, or `31.0–44.6` of several prompt sets.
  private static func range(_ values: [Double]) -> String {
    guard let low = values.min(), let high = values.max() else { return Markdown.unknown }
    let (first, last) = (Percent.text(low), Percent.text(high))
    return first == last ? first : "\(first)–\(last)"
  }

  /// `−10.0 to −6.0`
  private static func text(_ gap: ClosedRange<Double>?) -> String {
    guard let gap else { return Markdown.unknown }
    let (lower, upper) = (Percent.signed(gap.lowerBound), Percent.signed(gap.upperBound))
    return lower == upper ? lower : "\(lower) to \(upper)"
  }
}
