import Core
import Foundation

/// The lines of a text file with their numbers from 1, without empty ones and a byte-order mark. Line ends are LF, CR LF and CR; U+2028
/// and the like, which JSON strings may hold as they are, are not.
func numberedLines(_ url: URL) throws -> [(line: Int, text: String)] {
  var data = try readFile(url)
  if data.starts(with: [0xef, 0xbb, 0xbf]) { data = data.dropFirst(3) }
  guard let text = String(validating: data, as: UTF8.self) else {
    throw EvalError(.malformedData, "expected UTF-8 text", subject: url.path)
  }
  return text.split(omittingEmptySubsequences: false, whereSeparator: isLineEnd).enumerated()
    .map { ($0 + 1, $1.trimmingCharacters(in: .whitespaces)) }.filter { !$0.1.isEmpty }
}

private func isLineEnd(_ character: Character) -> Bool {
  character == "\n" || character == "\r\n" || character == "\r"
}
