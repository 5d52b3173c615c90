import Core
import Foundation

/// Reads the file of a `BaselineTable`.
struct BaselineReader {
  private(set) var settings: [String] = []
  private(set) var rows: [BaselineTable.Row] = []
  private(set) var unit = BaselineTable.Unit.fraction
  private(set) var unitOrigin = BaselineTable.UnitOrigin.detected
  private let subject: String
  private var header: [String] = []

  init(_ data: Data, subject: String, unit declared: BaselineTable.Unit?) throws(EvalError) {
    self.subject = subject
    let text = try DelimitedText(parsing: data, subject: subject)
    guard let first = text.rows.first else {
      throw EvalError(
        .malformedData, "expected a line of column names, found an empty file", subject: subject)
    }
    header = first.fields.map { $0.trimmingCharacters(in: .whitespaces) }
    let (model, type) = (try column("model"), try column("type"))
    try checkHeader()
    let reserved: Set<String> = ["model", "type", "unit", "source"]
    let columns = header.indices.filter {
      !reserved.contains(header[$0]) && !header[$0].hasSuffix(Self.countSuffix)
    }
    settings = columns.map { header[$0] }
    let body = text.rows.dropFirst()
    try readUnit(Array(body), declared: declared)

    let counts = columns.map { header.firstIndex(of: header[$0] + Self.countSuffix) }
    var lines: [String: Int] = [:]
    var raw: [(row: DelimitedText.Row, values: [Double?])] = []
    for row in body {
      guard row.fields.count == header.count else {
        throw EvalError(
          .malformedData, "expected \(header.count) cells, found \(row.fields.count)",
          subject: "\(subject):\(row.line)")
      }
      let name = cell(row, model)
      guard !name.isEmpty else { throw error(row, model, "expected a model's name") }
      guard !cell(row, type).isEmpty else { throw error(row, type, "expected a type of model") }
      if let line = lines.updateValue(row.line, forKey: name) {
        throw error(row, model, "\(name) is on line \(line) already")
      }
      var values: [Double?] = []
      for column in columns { values.append(try number(row, column)) }
      raw.append((row, values))
    }
    if unitOrigin == .detected { unit = try detectedUnit(raw.flatMap(\.values)) }
    for (row, values) in raw {
      for (value, column) in zip(values, columns) {
        if let value, !(0...unit.whole).contains(value) {
          throw error(
            row, column,
            "expected an accuracy between 0 and \(unit == .percent ? "100 percent" : "1"), found \(cell(row, column))"
          )
        }
      }
      var samples: [Int?] = []
      for count in counts {
        if let count { samples.append(try sampleCount(row, count)) } else { samples.append(nil) }
      }
      rows.append(
        BaselineTable.Row(
          line: row.line, model: cell(row, model), type: BaselineFilter.normalised(cell(row, type)),
          values: values.map { [unit] in $0.map { $0 / unit.whole } }, counts: samples))
    }
  }

  static let countSuffix = ":n"

  private func column(_ name: String) throws(EvalError) -> Int {
    if let index = header.firstIndex(of: name) { return index }
    throw EvalError(
      .malformedData, "expected a column \(name), found \(header.joined(separator: ", "))",
      subject: "\(subject):1")
  }

  private func checkHeader() throws(EvalError) {
    for (index, name) in header.enumerated() {
      guard !name.isEmpty else {
        throw EvalError(
          .malformedData, "column \(index + 1) has no name", subject: "\(subject):1")
      }
      if let earlier = header[..<index].firstIndex(of: name) {
        throw EvalError(
          .malformedData, "columns \(earlier + 1) and \(index + 1) are both called \(name)",
          subject: "\(subject):1")
      }
      if name.hasSuffix(Self.countSuffix), !header.contains(String(name.dropLast(2))) {
        throw EvalError(
          .malformedData,
          "column \(name) counts samples of a column \(name.dropLast(2)), which is not there",
          subject: "\(subject):1")
      }
    }
  }

  private mutating func readUnit(
    _ body: [DelimitedText.Row], declared: BaselineTable.Unit?
  ) throws(EvalError) {
    if let declared { (unit, unitOrigin) = (declared, .declared) }
    guard let column = header.firstIndex(of: "unit") else { return }
    for row in body where row.fields.count == header.count {
      let text = cell(row, column)
      guard let stated = BaselineTable.Unit(rawValue: text) else {
        throw error(row, column, "expected percent or fraction, found \(text)")
      }
      if unitOrigin == .detected { (unit, unitOrigin) = (stated, .column) }
      guard stated == unit else {
        throw error(
          row, column,
          "says \(stated.rawValue), \(unitOrigin == .declared ? "but the table was declared to be in" : "the lines before it") \(unit.rawValue)"
        )
      }
    }
  }

  /// - Throws: where the values may be either.
  private func detectedUnit(_ values: [Double?]) throws(EvalError) -> BaselineTable.Unit {
    // A value below 0 is wrong in either unit, and is refused where it stands.
    let known = values.compactMap(\.self).filter { $0 >= 0 }
    let large = known.count { $0 > 1 }
    if large == 0 { return .fraction }
    if 2 * large > known.count { return .percent }
    throw EvalError(
      .malformedData,
      "\(large) of \(known.count) accuracies are above 1: neither fractions nor clearly percent",
      subject: subject, remedy: "Add a column `unit` with percent or fraction on every line.")
  }

  private func cell(_ row: DelimitedText.Row, _ column: Int) -> String {
    row.fields[column].trimmingCharacters(in: .whitespaces)
  }

  /// nil for an empty cell.
  private func number(_ row: DelimitedText.Row, _ column: Int) throws(EvalError) -> Double? {
    let text = cell(row, column)
    if text.isEmpty { return nil }
    guard text.allSatisfy({ "0123456789.eE+-".contains($0) }), let value = Double(text),
      value.isFinite
    else {
      throw error(
        row, column, "expected a number, found \(text)",
        remedy: "Leave the cell empty where it is not known.")
    }
    return value
  }

  private func sampleCount(_ row: DelimitedText.Row, _ column: Int) throws(EvalError) -> Int? {
    let text = cell(row, column)
    if text.isEmpty { return nil }
    // More than a double counts is no number of samples.
    guard let count = Int(text), count > 0, count <= 1 << 52 else {
      throw error(row, column, "expected a number of samples, found \(text)")
    }
    return count
  }

  private func error(
    _ row: DelimitedText.Row, _ column: Int, _ message: String, remedy: String? = nil
  ) -> EvalError {
    EvalError(
      .malformedData, message, subject: "\(subject):\(row.line), column \(header[column])",
      remedy: remedy)
  }
}
