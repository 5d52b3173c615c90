import Foundation

/// The table of a prompt comparison.
struct PromptTable {
  private typealias Cell = PromptComparison.Cell

  /// A template set's columns: one for all templates together, two more where its templates were also taken alone.
  private struct Column {
    var title: String
    var hasSingles: Bool
    /// Templates taken alone, where that is one number on all datasets.
    var singleCount: Int?

    /// Whether a cell has whatever the column shows.
    func isFilled(_ cell: Cell?) -> Bool {
      cell?.together != nil && (!hasSingles || cell?.singleMean != nil)
    }
  }

  private let lines: [PromptComparison.Line]
  private let columns: [Column]

  init(_ lines: [PromptComparison.Line]) {
    self.lines = lines
    columns = lines.flatMap(\.titles).uniqued().map { title in
      let counts = lines.compactMap { $0.cells[title]?.singles.count }.filter { $0 > 0 }
      return Column(
        title: title, hasSingles: !counts.isEmpty,
        singleCount: Set(counts).count == 1 ? counts.first : nil)
    }
  }

  var text: String {
    var header: [(title: String, alignment: MarkdownTable.Alignment)] = [
      ("Dataset", .left), ("Class names", .left), ("Metric", .left),
    ]
    for column in columns {
      header.append((column.title, .right))
      guard column.hasSingles else { continue }
      let which = column.singleCount.map { "each of \($0) templates" } ?? "each template"
      header.append(("\(column.title), \(which) alone: mean (min – max)", .right))
      header.append(("\(column.title) − mean of single", .right))
    }
    var table = MarkdownTable(header)
    let places = Set(lines.map { [$0.split.datasetText, $0.split.split] })
    let hasSplits = Set(lines.map(\.split.datasetText)).count < places.count
    for line in lines {
      let split =
        hasSplits ? " (\(line.split.split.map(Markdown.escaped) ?? Markdown.unknown))" : ""
      table.append(
        [
          line.split.datasetText + split, line.classNames,
          Markdown.escaped(line.metric),
        ] + columns.flatMap { cells(line.cells[$0.title], $0) })
    }
    if let mean { table.append(mean.cells) }
    return table.text
  }

  var caption: String {
    var sentences = [
      "The main metric of each dataset. A set named without a dataset is the dataset's own."
    ]
    if columns.contains(where: \.hasSingles) {
      sentences.append(
        "Alone: each template by itself, the mean over them with the worst and the best; beside it what all together gain over that mean, in percentage points."
      )
      if columns.contains(where: { $0.hasSingles && $0.singleCount == nil }) {
        sentences.append("In brackets after it: how many templates.")
      }
    }
    if let mean {
      sentences.append(
        "The last line averages \(mean.count) of \(mean.total) datasets: those with every value that is averaged, each under its last class names."
      )
    }
    return sentences.joined(separator: " ")
  }

  private func cells(_ cell: Cell?, _ column: Column) -> [String] {
    let together = Percent.text(cell?.together)
    guard column.hasSingles else { return [together] }
    guard let singles = cell?.singles, let mean = cell?.singleMean, let low = singles.min(),
      let high = singles.max()
    else { return [together, Markdown.unknown, Markdown.unknown] }
    let range = "\(Percent.text(mean)) (\(Percent.text(low)) – \(Percent.text(high)))"
    return [
      together, column.singleCount == nil ? "\(range) [\(singles.count)]" : range,
      Percent.signed(cell?.gain),
    ]
  }

  private struct Mean {
    var cells: [String]
    var count: Int
    var total: Int
  }

  /// Over the same datasets in every column, or the columns could not be compared: columns that less than half of the datasets
  /// have stay empty.
  private var mean: Mean? {
    let last = Dictionary(grouping: lines, by: \.split).compactMapValues(\.last)
    let candidates = lines.map(\.split).uniqued().compactMap { last[$0] }
    let averaged = columns.filter { column in
      2 * candidates.count { column.isFilled($0.cells[column.title]) } >= candidates.count
    }
    let full = candidates.filter { line in
      averaged.allSatisfy { $0.isFilled(line.cells[$0.title]) }
    }
    guard full.count > 1, !averaged.isEmpty else { return nil }
    func average(_ values: [Double?]) -> Double {
      values.compactMap(\.self).reduce(0, +) / Double(full.count)
    }
    let names = full.map(\.classNames).uniqued()
    let metrics = full.map(\.metric).uniqued()
    let cells = columns.flatMap { column in
      guard averaged.contains(where: { $0.title == column.title }) else {
        return [String](repeating: Markdown.unknown, count: column.hasSingles ? 3 : 1)
      }
      let own = full.map { $0.cells[column.title] }
      let together = average(own.map { $0?.together })
      guard column.hasSingles else { return [Percent.text(together)] }
      return [
        Percent.text(together), Percent.text(average(own.map { $0?.singleMean })),
        Percent.signed(average(own.map { $0?.gain })),
      ]
    }
    return Mean(
      cells: [
        "**mean of \(full.count)**", names.count == 1 ? names[0] : Markdown.unknown,
        metrics.count == 1 ? Markdown.escaped(metrics[0]) : Markdown.unknown,
      ] + cells, count: full.count, total: candidates.count)
  }
}
