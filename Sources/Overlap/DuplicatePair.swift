import Core
package import Foundation

/// An image of one set and one of another that a detector takes for copies of each other.
package struct DuplicatePair: Sendable, Equatable, Codable {
  package var query: String
  package var reference: String
  /// At most 1, higher for closer copies; scores of different detectors mean different things.
  package var score: Double
  /// `Detector.rawValue`.
  package var detector: String

  package init(query: String, reference: String, score: Double, detector: String) {
    self.query = query
    self.reference = reference
    self.score = score
    self.detector = detector
  }
}

/// Pairs as CSV by RFC 4180: `query,reference,score,detector`.
package enum PairsFile {
  package static let columns = ["query", "reference", "score", "detector"]

  /// A line. Scores have all their digits: a rounded one could be on the other side of a threshold.
  static func line(_ pair: DuplicatePair) -> String {
    "\(quoted(pair.query)),\(quoted(pair.reference)),\(pair.score),\(quoted(pair.detector))\r\n"
  }

  /// Without the last line's end.
  package static func text(_ pairs: [DuplicatePair]) -> String {
    let lines = [columns.joined(separator: ",") + "\r\n"] + pairs.map(line)
    return String(lines.joined().dropLast())
  }

  package static func write(_ pairs: [DuplicatePair], to url: URL) throws {
    try AtomicFile.write(to: url) { descriptor in
      var block = Data((columns.joined(separator: ",") + "\r\n").utf8)
      for pair in pairs {
        block.append(contentsOf: line(pair).utf8)
        guard block.count > 1 << 20 else { continue }
        try block.withUnsafeBytes {
          try AtomicFile.writeAll($0, to: descriptor, subject: url.path)
        }
        block.removeAll(keepingCapacity: true)
      }
      try block.withUnsafeBytes {
        try AtomicFile.writeAll($0, to: descriptor, subject: url.path)
      }
    }
  }

  /// Other columns are passed over, and the order of columns is free.
  /// - Throws: `EvalError.notFound`, `.malformedData` with the line.
  package static func read(_ url: URL) throws -> [DuplicatePair] {
    guard let text = String(data: try readFile(url), encoding: .utf8) else {
      throw EvalError(.malformedData, "expected UTF-8 text", subject: url.path)
    }
    let records = records(text)
    guard let header = records.first else {
      throw EvalError(
        .malformedData, "expected the columns \(columns.joined(separator: ",")), found no line",
        subject: url.path)
    }
    let places = try columns.map { name in
      guard let place = header.cells.firstIndex(of: name) else {
        throw EvalError(
          .malformedData,
          "expected a column `\(name)`, found \(header.cells.joined(separator: ","))",
          subject: "\(url.path):1")
      }
      return place
    }
    return try records.dropFirst().map { record in
      guard record.cells.count == header.cells.count else {
        throw EvalError(
          .malformedData, "expected \(header.cells.count) cells, found \(record.cells.count)",
          subject: "\(url.path):\(record.line)")
      }
      guard let score = Double(record.cells[places[2]]), score.isFinite else {
        throw EvalError(
          .malformedData, "expected a number as score, found `\(record.cells[places[2]])`",
          subject: "\(url.path):\(record.line)")
      }
      return DuplicatePair(
        query: record.cells[places[0]], reference: record.cells[places[1]], score: score,
        detector: record.cells[places[3]])
    }
  }

  static func quoted(_ cell: String) -> String {
    guard cell.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else {
      return cell
    }
    return "\"" + cell.replacing("\"", with: "\"\"") + "\""
  }

  /// The cells of each line that has any, and where it begins.
  private static func records(_ text: String) -> [(line: Int, cells: [String])] {
    var records: [(line: Int, cells: [String])] = []
    var cells: [String] = []
    var cell = String.UnicodeScalarView()
    var isQuoted = false
    var (line, start) = (1, 1)
    func finish() {
      cells.append(String(cell))
      if cells != [""] { records.append((start, cells)) }
      cells = []
      cell = String.UnicodeScalarView()
    }
    var scalars = text.unicodeScalars[...].drop { $0 == "\u{FEFF}" }
    while let scalar = scalars.popFirst() {
      if scalar == "\n" { line += 1 }
      switch scalar {
      case "\"" where isQuoted && scalars.first == "\"":
        cell.append("\"")
        scalars.removeFirst()
      case "\"": isQuoted.toggle()
      case "," where !isQuoted:
        cells.append(String(cell))
        cell = String.UnicodeScalarView()
      case "\r" where !isQuoted: break
      case "\n" where !isQuoted:
        finish()
        start = line
      default: cell.append(scalar)
      }
    }
    finish()
    return records
  }
}
