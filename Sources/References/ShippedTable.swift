package import Core
import ReferenceFiles

/// A table of published numbers that comes with the program, for `list references`.
package struct ShippedTable: Sendable, Equatable {
  /// What a table is for.
  package enum Role: String, Sendable, CaseIterable {
    /// Result rows are held against its numbers.
    case verdicts
    /// What other harnesses measured, beside rows.
    case otherHarnesses = "other harnesses"
    /// Lines that robustness is held against.
    case robustness
    /// The paper's own points, in figures and checks.
    case paper
    /// What is known of models, samples, protocols and gaps.
    case facts
  }

  /// Of the file, without its ending: `table-11`.
  package let name: String
  package let role: Role
  /// Lines below the header.
  package let rowCount: Int
  /// What its numbers are in, where all columns are in the same; empty otherwise.
  package let units: [String]
  /// Each once, in the order of the rows; empty where it has no such column.
  package let sources: [String]

  /// Those of the program, or what `$CLIP_EVAL_REPORTS_REFERENCE` puts in their place: tables by number, then figures, then others.
  /// - Throws: `EvalError.malformedData` with file and line.
  package static func all() throws(EvalError) -> [ShippedTable] {
    var tables: [ShippedTable] = []
    for file in ReferenceFiles.names where file.hasSuffix(".csv") {
      tables.append(try ShippedTable(file))
    }
    return tables.sorted { $0.order < $1.order }
  }

  private init(_ file: String) throws(EvalError) {
    let table = try ReferenceTable(file)
    name = String(file.dropLast(".csv".count))
    role = Self.role(of: file)
    rowCount = table.rows.count
    units = try Self.distinct("unit", of: table)
    sources = try Self.distinct("source", of: table)
  }

  private static func distinct(
    _ column: String, of table: ReferenceTable
  ) throws(EvalError) -> [String] {
    guard table.has(column) else { return [] }
    var found: [String] = []
    for row in table.rows {
      let text = try table.text(row, column)
      if !text.isEmpty, !found.contains(text) { found.append(text) }
    }
    return found
  }

  private static func role(of file: String) -> Role {
    if PublishedResults.tables.contains(file) { return .verdicts }
    if file == "other-harnesses.csv" { return .otherHarnesses }
    if file.hasPrefix("robustness-") || file == "table-16.csv" { return .robustness }
    return file.hasPrefix("table-") || file.hasPrefix("figure-") ? .paper : .facts
  }

  private var order: (Int, Int, String) {
    let words = name.split(separator: "-")
    let kind = words[0] == "table" ? 0 : words[0] == "figure" ? 1 : 2
    return (kind, words.count > 1 ? Int(words[1]) ?? 0 : 0, name)
  }
}
