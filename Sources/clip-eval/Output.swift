import Core
import Foundation

/// Results go to standard output; everything else to standard error.
enum Output {
  static func line(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

  /// One JSON document, keys sorted.
  static func json(_ value: some Encodable) throws {
    var data = try CanonicalJSON.pretty(value)
    data.append(UInt8(ascii: "\n"))
    FileHandle.standardOutput.write(data)
  }

  /// Columns padded to their widest cell, two spaces between; numbers align right where `rightAligned` says so.
  static func table(_ rows: [[String]], rightAligned: Set<Int> = []) {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    for row in rows {
      let cells = row.enumerated().map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        if rightAligned.contains(column) { return padding + cell }
        return column == row.count - 1 ? cell : cell + padding
      }
      line(cells.joined(separator: "  "))
    }
  }
}
