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
      // By bytes: every mark is ASCII, whatever combining character a stranger's text puts behind it.
      var lines = block.utf8.split(separator: newline, omittingEmptySubsequences: false)[...]
      while let line = lines.first {
        if line.isEmpty {
          lines.removeFirst()
        } else if line.first == bar {
          let rows = lines.prefix { $0.first == bar }
          lines = lines.dropFirst(rows.count)
          if let table = table(rows.map(cells)) { elements.append(table) }
        } else if line.starts(with: "- ".utf8) {
          let items = lines.prefix { $0.starts(with: "- ".utf8) }
          lines = lines.dropFirst(items.count)
          elements.append(.list(items.map { text($0.dropFirst(2)) }))
        } else if line.starts(with: "![".utf8) {
          lines.removeFirst()
          if let figure = figure(Substring(line)) { elements.append(figure) }
        } else if line.starts(with: "[Numbers]".utf8) {
          lines.removeFirst()
        } else if line.first == hash {
          lines.removeFirst()
          elements.append(
            .heading(
              level: line.prefix { $0 == hash }.count,
              text: text(line.drop { $0 == hash || $0 == space })))
        } else {
          let paragraph = lines.prefix { !$0.isEmpty && $0.first != bar }
          lines = lines.dropFirst(paragraph.count)
          elements.append(.paragraph(paragraph.map(text).joined(separator: " ")))
        }
      }
    }
    return elements
  }

  private static let newline = UInt8(ascii: "\n")
  private static let bar = UInt8(ascii: "|")
  private static let hash = UInt8(ascii: "#")
  private static let space = UInt8(ascii: " ")
  private static let backslash = UInt8(ascii: "\\")

  private static func text(_ bytes: Substring.UTF8View) -> String { String(Substring(bytes)) }

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
  private static func cells(_ line: Substring.UTF8View) -> [String] {
    var cells: [String] = []
    var rest = line.dropFirst()
    var isEscaped = false
    var place = rest.startIndex
    while place < rest.endIndex {
      let byte = rest[place]
      let next = rest.index(after: place)
      if byte == bar, !isEscaped {
        cells.append(text(trimmed(rest[..<place])))
        rest = rest[next...]
      }
      isEscaped = byte == backslash && !isEscaped
      place = next
    }
    return cells
  }

  private static func trimmed(_ bytes: Substring.UTF8View) -> Substring.UTF8View {
    var bytes = bytes
    while bytes.first == space { bytes.removeFirst() }
    while bytes.last == space { bytes.removeLast() }
    return bytes
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
    var bytes: [UInt8] = []
    var isBold = false
    func end(isCode: Bool = false) {
      guard isCode || !bytes.isEmpty else { return }
      spans.append(
        MarkdownSpan(text: String(decoding: bytes, as: UTF8.self), isBold: isBold, isCode: isCode))
      bytes = []
    }
    var rest = markdown.utf8[...]
    while let byte = rest.popFirst() {
      switch byte {
      case backslash: if let next = rest.popFirst() { bytes.append(next) }
      case star where rest.first == star:
        rest.removeFirst()
        end()
        isBold.toggle()
      case backtick:
        end()
        let code = rest.prefix { $0 != backtick }
        bytes = Array(code)
        rest = rest[code.endIndex...].dropFirst()
        end(isCode: true)
      case ampersand:
        let entity = entities.first { rest.starts(with: $0.name.utf8) }
        bytes.append(entity?.byte ?? ampersand)
        rest = rest.dropFirst(entity?.name.utf8.count ?? 0)
      default: bytes.append(byte)
      }
    }
    end()
    return spans
  }

  private static let backslash = UInt8(ascii: "\\")
  private static let star = UInt8(ascii: "*")
  private static let backtick = UInt8(ascii: "`")
  private static let ampersand = UInt8(ascii: "&")
  private static let marks = [backslash, star, backtick, ampersand]
  private static let entities: [(name: String, byte: UInt8)] = [
    ("lt;", UInt8(ascii: "<")), ("gt;", UInt8(ascii: ">")), ("amp;", ampersand),
  ]

  /// A line as text.
  static func plain(_ markdown: String) -> String { parse(markdown).map(\.text).joined() }
}
