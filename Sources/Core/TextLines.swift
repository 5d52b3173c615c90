package import Foundation

/// Text files with one item per line.
package enum TextLines {
  /// The lines of a UTF-8 file without their ends (`\n` or `\r\n`); a last line may lack its end, and a byte order mark
  /// is dropped. Empty lines are kept.
  /// - Throws: `EvalError.notFound`, or `.malformedData` with the line that is not UTF-8.
  package static func read(_ url: URL) throws -> [String] {
    var bytes = [UInt8](try readFile(url))[...]
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return try lines.enumerated().map { index, line in
      let content = line.last == 0x0D ? line.dropLast() : line
      guard let text = String(validating: content, as: UTF8.self) else {
        throw EvalError(
          .malformedData, "expected UTF-8.", subject: "\(url.path):\(index + 1)",
          remedy: "Convert the file to UTF-8.")
      }
      return text
    }
  }
}
