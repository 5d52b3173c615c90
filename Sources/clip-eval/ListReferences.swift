import ArgumentParser
import Core
import References

struct ListReferences: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "references",
    abstract: "Published numbers that come with the program: tables, rows, units, sources.",
    discussion: """
      The paper's tables and figures, what other harnesses measured, and what is known of the gaps. Result rows are \
      held against those for `verdicts`. Files of the same name in the folder that $CLIP_EVAL_REPORTS_REFERENCE \
      names stand in for the program's own.

      EXAMPLES
        clip-eval list references
        clip-eval list references table-11 other-harnesses
        clip-eval list references --json
      """)

  @Argument(help: "Only these tables: table-11, other-harnesses …")
  var names: [String] = []

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let all = try ShippedTable.all()
    let chosen = try names.isEmpty ? all : names.map { try Self.table($0, among: all) }
    if json {
      return try Output.json(
        Described(kind: "references", value: Document(references: chosen.map(Row.init))))
    }
    // A source for each of many rows would hide the table; naming one shows them all.
    let most = names.isEmpty ? 2 : Int.max
    try Output.table(
      [["table", "for", "rows", "unit", "source"]]
        + chosen.map { table in
          let shown = table.sources.prefix(most)
          let rest = table.sources.count - shown.count
          return [
            table.name, table.role.rawValue, "\(table.rowCount)",
            table.units.isEmpty ? "–" : table.units.joined(separator: ", "),
            table.sources.isEmpty
              ? "–" : shown.joined(separator: "; ") + (rest > 0 ? "; and \(rest) others" : ""),
          ]
        }, rightAligned: [2])
  }

  private static func table(_ name: String, among all: [ShippedTable]) throws -> ShippedTable {
    let wanted = name.hasSuffix(".csv") ? String(name.dropLast(4)) : name
    guard let table = all.first(where: { $0.name == wanted }) else {
      throw EvalError(
        .notFound, "no table `\(name)` comes with the program",
        remedy: NearMiss.hint(for: wanted, among: all.map(\.name)))
    }
    return table
  }

  private struct Document: Encodable {
    let references: [Row]
  }

  private struct Row: Encodable {
    let name: String
    let role: String
    let rows: Int
    let units: [String]
    let sources: [String]

    init(_ table: ShippedTable) {
      (name, role, rows) = (table.name, table.role.rawValue, table.rowCount)
      (units, sources) = (table.units, table.sources)
    }
  }
}
