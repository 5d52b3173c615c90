package import Experiments

/// `results.csv`: the rows of `results.jsonl`, flattened, one a line. The same columns in the same order always; an empty cell is a value that is
/// not known or does not apply. In a report over several runs a last column, `run`, says which each row is of. RFC 4180 but for the line ends, which
/// are those of Unix tools. The curves of searches have files of their own, beside their figures.
package enum ResultsCSV {
  /// - Parameter runs: the name of each row's run; empty for rows of one.
  package static func render(_ rows: [ResultRow], runs: [String] = []) -> String {
    let columns = ResultColumn.all
    var records =
      [columns.map(\.name)]
      + rows.map { row in columns.map { column in column.value(row)?.text ?? "" } }
    if runs.count == rows.count, !runs.isEmpty {
      for (place, run) in (["run"] + runs).enumerated() { records[place].append(run) }
    }
    return CSVText.render(records, lineEnd: "\n")
  }
}

extension ResultColumn.Value {
  /// Numbers so that they read back as they are.
  fileprivate var text: String {
    switch self {
    case .text(let value): value
    case .integer(let value): value.description
    case .number(let value): value.description
    case .flag(let value): value.description
    }
  }
}
