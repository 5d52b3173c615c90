package import Experiments

/// A comparison as a terminal shows it: lines and columns, without Markdown.
package struct ComparisonText {
  package struct Section {
    package let title: String
    package let rows: [[String]]
    /// Columns of numbers.
    package let numbers: Set<Int>
  }

  package let heading: [String]
  package let metrics: [[String]]
  package let numbers: Set<Int>
  package let sections: [Section]

  package init(_ comparison: RunComparison, classes: Int, samples: Int) {
    heading =
      [
        "A  \(comparison.first)", "B  \(comparison.second)",
        comparison.axes.isEmpty
          ? "compared: nothing in the protocols differs"
          : "compared: \(comparison.axes.joined(separator: ", "))",
      ] + comparison.notes
    metrics =
      [
        [
          "experiment", "dataset", "metric", "n", "A %", "B %", "B − A", "95 % interval", "p",
          "Holm", "BH", "detectable",
        ]
      ]
      + comparison.tasks.flatMap { task in
        task.metrics.map { metric in
          [
            task.subject.experimentText, task.subject.datasetText, metric.metric, "\(metric.n)",
            Percent.text(metric.first), Percent.text(metric.second),
            ComparisonTables.signed(metric.difference), ComparisonTables.text(metric.interval95),
            ComparisonTables.probability(metric.pValue), ComparisonTables.probability(metric.holm),
            ComparisonTables.probability(metric.benjaminiHochberg),
            metric.minimumDetectableEffect.map { "±\(ComparisonTables.points($0))" }
              ?? Markdown.unknown,
          ]
        }
      }
    numbers = Set(3...11)
    var sections: [Section] = []
    for task in comparison.tasks {
      let name = "\(task.subject.datasetText) (\(task.subject.experimentText))"
      let changed = task.classes.filter { $0.difference != 0 }
      if classes > 0, !changed.isEmpty {
        sections.append(
          Section(
            title: "\(name): \(changed.count) of \(task.classes.count) classes differ",
            rows: changed.prefix(classes).map { change in
              [
                "  \(task.title(ofClass: change.name))", "n \(change.n)",
                Percent.text(change.first),
                Percent.text(change.second), ComparisonTables.signed(change.difference),
                ComparisonTables.text(change.interval95),
              ]
            }, numbers: [1, 2, 3, 4, 5]))
      }
      if let counts = task.changeCounts, !task.changes.isEmpty {
        sections.append(
          Section(
            title:
              "\(name): B alone is right on \(counts.gained) samples, A alone on \(counts.lost); \(counts.changed) others are answered differently",
            rows: task.changes.prefix(samples).map { change in
              [
                "  \(change.kind.rawValue)", change.id,
              ] + change.answers(in: task).map { $0 ?? Markdown.unknown }
            }, numbers: []))
      }
    }
    let left = ComparisonTables.leftOut(comparison)
    if !left.isEmpty {
      sections.append(Section(title: "notes:", rows: left.map { ["  \($0)"] }, numbers: []))
    }
    self.sections = sections
  }
}
