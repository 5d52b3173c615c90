/// Tables as text, by RFC 4180.
enum CSVText {
  /// With quotes where they are needed.
  static func render(_ records: [[String]], lineEnd: String = "\r\n") -> String {
    records.map { $0.map(quoted).joined(separator: ",") + lineEnd }.joined()
  }

  private static func quoted(_ cell: String) -> String {
    guard cell.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else {
      return cell
    }
    return "\"" + cell.replacing("\"", with: "\"\"") + "\""
  }
}
