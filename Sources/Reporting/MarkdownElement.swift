/// The Markdown that this module writes, taken apart again: what a report says is so written once, for all formats.
enum MarkdownElement: Equatable {
  case heading(level: Int, text: String)
  /// The cells are Markdown.
  case table(header: [String], alignments: [MarkdownTable.Alignment], rows: [[String]])
  case list([String])
  /// By the name of its file; the link to its numbers belongs to it.
  case figure(name: String)
  case paragraph(String)

  static func parse(_ blocks: [String]) -> [MarkdownElement] {
    var elements: [MarkdownElement] = []
    for block in blocks {
      var lines = block.split(separator: "\n", omittingEmptySubsequences: false)[...]
      while let line = lines.first {
        if line.isEmpty {
          lines.removeFirst()
        } else if line.hasPrefix("|") {
          let rows = lines.prefix { $0.hasPrefix("|") }
          lines = lines.dropFirst(rows.count)
          if let table = table(rows.map(cells)) { elements.append(table) }
        } else if line.hasPrefix("- ") {
          let items = lines.prefix { $0.hasPrefix("- ") }
          lines = lines.dropFirst(items.count)
          elements.append(.list(items.map { String($0.dropFirst(2)) }))
        } else if line.hasPrefix("![") {
          lines.removeFirst()
          if let figure = figure(line) { elements.append(figure) }
        } else if line.hasPrefix("[Numbers]") {
          lines.removeFirst()
        } else if line.hasPrefix("#") {
          lines.removeFirst()
          elements.append(
            .heading(
              level: line.prefix { $0 == "#" }.count,
              text: String(line.drop { $0 == "#" || $0 == " " })))
        } else {
          let text = lines.prefix { !$0.isEmpty && !$0.hasPrefix("|") }
          lines = lines.dropFirst(text.count)
          elements.append(.paragraph(text.joined(separator: " ")))
        }
      }
    }
    return elements
  }

  private static func figure(_ line: Substring) -> MarkdownElement? {
    guard let start = line.range(of: "](figures/")?.upperBound,
      let end = line.range(of: ".svg)")?.lowerBound, start <= end
    else { return nil }
    return .figure(name: String(line[start..<end]))
  }

  private static func table(_ lines: [[String]]) -> MarkdownElement? {
    guard lines.count > 1 else { return nil }
    return .table(
      header: lines[0], alignments: lines[1].map { $0.hasSuffix(":") ? .right : .left },
      rows: Array(lines.dropFirst(2)))
  }

  /// Of a row, without the bars around.
  private static func cells(_ line: Substring) -> [String] {
    var cells: [String] = []
    var cell = ""
    var isEscaped = false
    for character in line.dropFirst() {
      if character == "|", !isEscaped {
        cells.append(cell.trimmed)
        cell = ""
      } else {
        cell.append(character)
      }
      isEscaped = character == "\\" && !isEscaped
    }
    return cells
  }
}

/// A piece of a line of Markdown, without escapes.
struct MarkdownSpan: Equatable {
  var text: String
  var isBold = false
  var isCode = false

  /// What `Markdown.escaped` wrote, `**bold**` and code.
  static func parse(_ markdown: String) -> [MarkdownSpan] {
    // Most cells are plain.
    guard markdown.utf8.contains(where: { marks.contains($0) }) else {
      return markdown.isEmpty ? [] : [MarkdownSpan(text: markdown)]
    }
    var spans: [MarkdownSpan] = []
    var span = MarkdownSpan(text: "")
    func end() { if !span.text.isEmpty { spans.append(span) } }
    var rest = markdown[...]
    while let character = rest.popFirst() {
      switch character {
      case "\\": if let next = rest.popFirst() { span.text.append(next) }
      case "*" where rest.first == "*":
        rest.removeFirst()
        end()
        span = MarkdownSpan(text: "", isBold: !span.isBold)
      case "`":
        let code = rest.prefix { $0 != "`" }
        rest = rest.dropFirst(code.count + 1)
        end()
        spans.append(MarkdownSpan(text: String(code), isBold: span.isBold, isCode: true))
        span.text = ""
      case "&":
        let known: [(name: String, character: Character)] = [
          ("lt;", "<"), ("gt;", ">"), ("amp;", "&"),
        ]
        let entity = known.first { rest.hasPrefix($0.name) }
        span.text.append(entity?.character ?? "&")
        rest = rest.dropFirst(entity?.name.count ?? 0)
      default: span.text.append(character)
      }
    }
    end()
    return spans
  }

  private static let marks = Array("\\*`&".utf8)

  /// A line as text.
  static func plain(_ markdown: String) -> String { parse(markdown).map(\.text).joined() }
}

extension String {
  fileprivate var trimmed: String {
    var text = self[...]
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
