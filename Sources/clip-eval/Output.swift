import Core
import Foundation

/// Results go to standard output; everything else to standard error.
enum Output {
  /// - Throws: `EvalError.cannotWrite`: a full disk, a closed descriptor.
  static func line(_ text: String) throws { try write(Data((text + "\n").utf8)) }

  private static func write(_ data: Data) throws {
    try data.withUnsafeBytes {
      try AtomicFile.writeAll($0, to: STDOUT_FILENO, subject: "standard output")
    }
  }

  /// One JSON document, keys sorted, dates in ISO 8601.
  static func json(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    encoder.dateEncodingStrategy = .iso8601
    var data = try encoder.encode(value)
    data.append(UInt8(ascii: "\n"))
    try write(data)
  }

  /// Columns padded to their widest cell, two spaces between; numbers align right where `rightAligned` says so.
  static func table(_ rows: [[String]], rightAligned: Set<Int> = []) throws {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    for row in rows {
      var text = ""
      for (column, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        text += (column == 0 ? "" : "  ")
        text += rightAligned.contains(column) ? padding + cell : cell + padding
      }
      while text.last == " " { text.removeLast() }
      try line(text)
    }
  }

  /// Text in lines of `width` at most, broken at spaces: what has none, like a long path, stays whole.
  static func wrapped(_ text: String, indent: String, width: Int = 100) -> String {
    var lines: [String] = []
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      if let last = lines.last, last.count + word.count < width {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(indent + word)
      }
    }
    return lines.joined(separator: "\n")
  }

  /// Refuses a file that cannot be written before any work is done for it.
  ///
  /// - Throws: `EvalError.cannotWrite`.
  static func checkWritable(_ path: String) throws {
    func refuse(_ reason: String, _ subject: String) -> EvalError {
      EvalError(
        .cannotWrite, "cannot write: \(reason)", subject: subject,
        remedy: "Name another --output.")
    }
    let url = URL(filePath: path).standardizedFileURL
    if isFolder(url) { throw refuse("is a folder, expected a file", path) }
    var folder = url.deletingLastPathComponent()
    while !FileManager.default.fileExists(atPath: folder.path), folder.path != "/" {
      folder = folder.deletingLastPathComponent()
    }
    guard isFolder(folder) else { throw refuse("is not a folder", folder.path) }
    guard access(folder.path, W_OK | X_OK) == 0 else {
      throw refuse(String(cString: strerror(errno)), folder.path)
    }
  }
}

/// A document that says what it describes: the keys of `value`, and beside them `kind` and `schemaVersion`.
struct Described<Value: Encodable>: Encodable {
  let kind: String
  let value: Value

  private enum Key: CodingKey { case kind, schemaVersion }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(kind, forKey: .kind)
    try container.encode(1, forKey: .schemaVersion)
    try value.encode(to: encoder)
  }
}
