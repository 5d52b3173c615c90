package import Foundation

/// Rows of a CSV file (RFC 4180): quoted fields may hold separators, doubled quotes and line breaks. Also takes
/// tabs or semicolons as the separator, a byte-order mark, and any line ending.
package struct DelimitedText {
  package struct Row {
    /// Of the row's first character, from 1.
    package var line: Int
    package var fields: [String]
  }

  package private(set) var rows: [Row] = []

  /// - Parameter separator: nil takes the commonest of comma, tab and semicolon in the first line.
  /// - Throws: `EvalError.malformedData` with the line for an open quote or bytes that are not UTF-8.
  package init(
    parsing data: Data, separator: Character? = nil, subject: String
  ) throws(EvalError) {
    var bytes = [UInt8](data)[...]
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { bytes = bytes.dropFirst(3) }
    let separator = separator?.asciiValue ?? Self.separator(of: bytes)
    let quote = UInt8(ascii: "\"")
    var (field, fields): ([UInt8], [String]) = ([], [])
    var (line, rowLine, isQuoted, wasQuoted) = (1, 1, false, false)

    func fail(_ message: String, line: Int) -> EvalError {
      EvalError(.malformedData, message, subject: "\(subject):\(line)")
    }
    func endField() throws(EvalError) {
      guard let text = String(validating: field, as: UTF8.self) else {
        throw fail("expected UTF-8 text", line: line)
      }
      fields.append(text)
      field.removeAll(keepingCapacity: true)
      wasQuoted = false
    }
    func endRow() throws(EvalError) {
      let isBlank = fields.isEmpty && field.isEmpty && !wasQuoted
      if !isBlank {
        try endField()
        rows.append(Row(line: rowLine, fields: fields))
      }
      fields.removeAll(keepingCapacity: true)
    }

    var i = bytes.startIndex
    while i < bytes.endIndex {
      let byte = bytes[i]
      let next = i + 1 < bytes.endIndex ? bytes[i + 1] : nil
      if byte == 0x0a || (byte == 0x0d && next != 0x0a) { line += 1 }
      if isQuoted {
        if byte == quote {
          if next == quote {
            field.append(quote)
            i += 1
          } else {
            isQuoted = false
          }
        } else {
          field.append(byte)
        }
      } else if byte == quote && field.isEmpty && !wasQuoted {
        (isQuoted, wasQuoted) = (true, true)
      } else if byte == separator {
        try endField()
      } else if byte == 0x0a || byte == 0x0d {
        if byte == 0x0d && next == 0x0a {
          i += 1
          line += 1
        }
        try endRow()
        rowLine = line
      } else {
        field.append(byte)
      }
      i += 1
    }
    guard !isQuoted else { throw fail("a quoted field is not closed", line: rowLine) }
    try endRow()
  }

  private static func separator(of bytes: ArraySlice<UInt8>) -> UInt8 {
    let first = bytes.prefix { $0 != 0x0a && $0 != 0x0d }
    let candidates = [UInt8(ascii: ","), UInt8(ascii: "\t"), UInt8(ascii: ";")]
    let counts = candidates.map { candidate in first.count { $0 == candidate } }
    let most = counts.max() ?? 0
    return zip(candidates, counts).first { $0.1 == most }?.0 ?? candidates[0]
  }
}
