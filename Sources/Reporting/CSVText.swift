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

  /// The cells of each line, whatever its line end; empty lines are none.
  static func records(_ text: String) -> [[String]] {
    var records: [[String]] = []
    var record: [String] = []
    var cell = ""
    var isQuoted = false
    var scalars = text.unicodeScalars.drop { $0 == "\u{FEFF}" }
    func finished() -> [String] { record + [cell] }
    while let scalar = scalars.popFirst() {
      switch scalar {
      case "\"" where isQuoted && scalars.first == "\"":
        cell.unicodeScalars.append("\"")
        scalars.removeFirst()
      case "\"": isQuoted.toggle()
      case "," where !isQuoted:
        record.append(cell)
        cell = ""
      case "\r" where !isQuoted: break
      case "\n" where !isQuoted:
        if finished() != [""] { records.append(finished()) }
        (record, cell) = ([], "")
      default: cell.unicodeScalars.append(scalar)
      }
    }
    return finished() == [""] ? records : records + [finished()]
  }
}
