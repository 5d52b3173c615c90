package import Core

/// The paper's figures as `Reports/reference` holds them.
package enum PublishedFigures {
  /// `figure-6.csv`: model, shots, percent, source; 0 shots are zero-shot.
  /// - Parameter subject: the file, for errors.
  package static func fewShot(
    _ text: String, subject: String
  ) throws(EvalError) -> (curves: [FewShotCurve], source: String) {
    let table = try ReferenceTable(
      text, columns: ["model", "shots", "percent", "source"], subject: subject)
    var curves: [FewShotCurve] = []
    for row in table.rows {
      let value = try table.number(row, 2) / 100
      let shots = try table.number(row, 1)
      guard let shots = Int(exactly: shots), shots >= 0 else {
        throw table.error(row, "a number of shots, found \(row.cells[1])")
      }
      let model = row.cells[0]
      if curves.last?.model != model { curves.append(FewShotCurve(model: model, points: [])) }
      if shots == 0 {
        curves[curves.count - 1].zeroShot = value
      } else {
        curves[curves.count - 1].points.append(.init(shots: shots, value: value))
      }
    }
    return (curves, table.sources(column: 3))
  }

  /// `figure-7.csv`: dataset, shots, source.
  package static func dataEfficiency(
    _ text: String, subject: String
  ) throws(EvalError) -> (shots: [String: Double], source: String) {
    let table = try ReferenceTable(
      text, columns: ["dataset", "shots", "source"], subject: subject)
    var shots: [String: Double] = [:]
    for row in table.rows { shots[row.cells[0]] = try table.number(row, 1) }
    return (shots, table.sources(column: 2))
  }

  /// `figure-14-deltas.csv`: dataset, adaptToImageNet, adaptToClassShift (percentage points), unit, source.
  package static func adaptation(
    _ text: String, subject: String
  ) throws(EvalError) -> (changes: [AdaptationFigure.Change], source: String) {
    let table = try ReferenceTable(
      text, columns: ["dataset", "adaptToImageNet", "adaptToClassShift", "unit", "source"],
      subject: subject)
    var changes: [AdaptationFigure.Change] = []
    for row in table.rows {
      guard row.cells[3] == "percent" else {
        throw table.error(row, "the unit percent, found \(row.cells[3])")
      }
      changes.append(
        AdaptationFigure.Change(
          dataset: row.cells[0], toBase: try table.number(row, 1) / 100,
          toClassShift: try table.number(row, 2) / 100))
    }
    return (changes, table.sources(column: 4))
  }

  /// `figure-17.csv`: dataset, contamination, change (All − Clean) and difference (Overlap − Clean) in percent, p (`<0.001`, `<0.05` or
  /// `>0.05`), source.
  package static func overlap(
    _ text: String, subject: String
  ) throws(EvalError) -> (datasets: [PublishedOverlap], source: String) {
    let table = try ReferenceTable(
      text, columns: ["dataset", "contamination", "change", "difference", "p", "source"],
      subject: subject)
    var datasets: [PublishedOverlap] = []
    for row in table.rows {
      guard let pValue = PublishedOverlap.PValue(rawValue: row.cells[4]) else {
        throw table.error(row, "<0.001, <0.05 or >0.05, found \(row.cells[4])")
      }
      datasets.append(
        PublishedOverlap(
          dataset: row.cells[0], contamination: try table.number(row, 1) / 100,
          change: try table.number(row, 2) / 100, difference: try table.number(row, 3) / 100,
          pValue: pValue))
    }
    return (datasets, table.sources(column: 5))
  }
}

/// A dataset of the paper's Figure 17. Fractions.
package struct PublishedOverlap: Sendable, Equatable {
  package enum PValue: String, Sendable {
    case belowThousandth = "<0.001"
    case belowTwentieth = "<0.05"
    case above = ">0.05"
  }

  package var dataset: String
  package var contamination: Double
  /// All − Clean.
  package var change: Double
  /// Overlap − Clean.
  package var difference: Double
  /// Of the one-sided binomial test, as the plot's legend tells it.
  package var pValue: PValue
}

/// A table of published numbers.
struct ReferenceTable {
  struct Row {
    /// From 1, the header included.
    var number: Int
    var cells: [String]
  }

  let columns: [String]
  let rows: [Row]
  let subject: String

  init(_ text: String, columns: [String], subject: String) throws(EvalError) {
    self.subject = subject
    self.columns = columns
    let records = CSVText.records(text)
    guard records.first == columns else {
      throw EvalError(
        .malformedData,
        "expected the columns \(columns.joined(separator: ", ")), found \(records.first?.joined(separator: ", ") ?? "nothing")",
        subject: subject)
    }
    rows = records.enumerated().dropFirst().map { Row(number: $0.offset + 1, cells: $0.element) }
    if let odd = rows.first(where: { $0.cells.count != columns.count }) {
      throw error(odd, "\(columns.count) cells, found \(odd.cells.count)")
    }
  }

  func number(_ row: Row, _ column: Int) throws(EvalError) -> Double {
    guard let value = Double(row.cells[column]), value.isFinite else {
      throw error(row, "a number, found \(row.cells[column])")
    }
    return value
  }

  func error(_ row: Row, _ expected: String) -> EvalError {
    EvalError(.malformedData, "expected \(expected)", subject: "\(subject):\(row.number)")
  }

  func sources(column: Int) -> String {
    rows.map { $0.cells[column] }.uniqued().joined(separator: "; ")
  }
}
