package import Core
package import Foundation

/// A table of `Reports/reference`, read by the names of its columns.
package struct ReferenceTable {
  package struct Row {
    fileprivate var cells: [Substring]
    fileprivate var place: String
  }

  package let name: String
  package let rows: [Row]
  private let columns: [String: Int]

  /// - Parameters:
  ///   - name: of the file.
  ///   - folder: whose file stands in for the program's own, where it has one.
  /// - Throws: `EvalError.malformedData` with the line for a row of another length; `.notFound`.
  package init(_ name: String, in folder: URL? = nil) throws(EvalError) {
    try self.init(parsing: ReferenceFiles.data(name, in: folder), name: name)
  }

  package init(parsing data: Data, name: String) throws(EvalError) {
    self.name = name
    let text = try DelimitedText(parsing: data, separator: ",", subject: name)
    guard let header = text.rows.first?.fields else {
      throw EvalError(.malformedData, "expected a line of column names", subject: name)
    }
    columns = Dictionary(
      header.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
    var rows: [Row] = []
    for row in text.rows.dropFirst() {
      guard row.fields.count == header.count else {
        throw EvalError(
          .malformedData, "expected \(header.count) cells, found \(row.fields.count)",
          subject: "\(name):\(row.line)")
      }
      rows.append(Row(cells: row.fields.map { $0[...] }, place: "\(name):\(row.line)"))
    }
    self.rows = rows
  }

  package func has(_ column: String) -> Bool { columns[column] != nil }

  package func text(_ row: Row, _ column: String) throws(EvalError) -> String {
    guard let index = columns[column] else {
      throw EvalError(
        .malformedData,
        "expected a column \(column), found \(columns.keys.sorted().joined(separator: ", "))",
        subject: "\(name):1")
    }
    return String(row.cells[index])
  }

  /// Words between spaces; none for an empty cell.
  package func words(_ row: Row, _ column: String) throws(EvalError) -> [String] {
    try text(row, column).split(separator: " ").map(String.init)
  }

  /// nil for an empty cell.
  package func number(_ row: Row, _ column: String) throws(EvalError) -> Double? {
    let text = try text(row, column)
    if text.isEmpty { return nil }
    guard let value = Double(text), value.isFinite else {
      throw error(row, column, "expected a number, found \(text)")
    }
    return value
  }

  /// nil for an empty cell.
  package func count(_ row: Row, _ column: String) throws(EvalError) -> Int? {
    let text = try text(row, column)
    if text.isEmpty { return nil }
    guard let value = Int(text), value > 0 else {
      throw error(row, column, "expected a positive whole number, found \(text)")
    }
    return value
  }

  /// Percent as a fraction, the very decimal one (84.4 / 100 is another double than 0.844); nil for an empty cell.
  package func percent(_ row: Row, _ column: String) throws(EvalError) -> Double? {
    guard let value = try number(row, column) else { return nil }
    return Double(try text(row, column) + "e-2") ?? value / 100
  }

  /// A number as a fraction, by the column `unit`.
  package func fraction(_ row: Row, _ column: String = "value") throws(EvalError) -> Double {
    let value: Double?
    switch try text(row, "unit") {
    case "percent": value = try percent(row, column)
    case "fraction": value = try number(row, column)
    case let other: throw error(row, "unit", "expected percent or fraction, found \(other)")
    }
    guard let value else { throw empty(row, column) }
    return value
  }

  /// A number of a column that has no empty cells.
  package func requiredNumber(_ row: Row, _ column: String) throws(EvalError) -> Double {
    guard let value = try number(row, column) else { throw empty(row, column) }
    return value
  }

  /// What the column `source` says, each once.
  package func sources() throws(EvalError) -> String {
    var known: [String] = []
    for row in rows {
      let source = try text(row, "source")
      if !known.contains(source) { known.append(source) }
    }
    return known.joined(separator: "; ")
  }

  package func place(_ row: Row, _ column: String) -> String { "\(row.place), column \(column)" }

  package func error(_ row: Row, _ column: String, _ message: String) -> EvalError {
    EvalError(.malformedData, message, subject: place(row, column))
  }

  private func empty(_ row: Row, _ column: String) -> EvalError {
    error(row, column, "expected a number, found an empty cell")
  }
}
