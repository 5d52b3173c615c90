/// The Markdown that this module writes, as HTML: paragraphs, lists, headings, tables and figures; within a line escapes, bold and
/// code. What reports have in common is so written once.
struct MarkdownHTML {
  /// By the name of their file.
  let figures: [String: FigureFile]
  /// Names the tables that no heading or paragraph introduces.
  let subject: String
  /// Hashes of protocols lead to these.
  let protocols: PageProtocols?

  init(figures: [FigureFile] = [], subject: String, protocols: PageProtocols? = nil) {
    self.protocols = protocols
    self.figures = Dictionary(
      figures.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    self.subject = subject
  }

  func markup(_ blocks: [String]) -> String {
    var result = ""
    var lead = subject
    for block in blocks {
      var lines = block.split(separator: "\n", omittingEmptySubsequences: false)[...]
      while let line = lines.first {
        if line.isEmpty {
          lines.removeFirst()
        } else if line.hasPrefix("|") {
          let rows = lines.prefix { $0.hasPrefix("|") }
          lines = lines.dropFirst(rows.count)
          result += table(rows.map(String.init), caption: lead)
        } else if line.hasPrefix("- ") {
          let items = lines.prefix { $0.hasPrefix("- ") }
          lines = lines.dropFirst(items.count)
          result +=
            "<ul>\n"
            + items.map { "<li>\(inline(String($0.dropFirst(2))))</li>\n" }.joined()
            + "</ul>\n"
        } else if line.hasPrefix("![") {
          lines.removeFirst()
          result += figure(String(line))
        } else if line.hasPrefix("[Numbers]") {
          // They are below the figure.
          lines.removeFirst()
        } else if line.hasPrefix("#") {
          lines.removeFirst()
          let title = String(line.drop { $0 == "#" || $0 == " " })
          lead = Self.plain(title)
          result += "<h3>\(inline(title))</h3>\n"
        } else {
          let text = lines.prefix { !$0.isEmpty && !$0.hasPrefix("|") }
          lines = lines.dropFirst(text.count)
          let paragraph = text.joined(separator: " ")
          if paragraph.hasSuffix(":") { lead = Self.plain(String(paragraph.dropLast())) }
          result += "<p>\(inline(paragraph))</p>\n"
        }
      }
    }
    return result
  }

  private func figure(_ line: String) -> String {
    guard let start = line.range(of: "](figures/")?.upperBound,
      let end = line.range(of: ".svg)")?.lowerBound, start <= end,
      let figure = figures[String(line[start..<end])]
    else { return "" }
    return figure.markup
  }

  private func table(_ lines: [String], caption: String) -> String {
    guard lines.count > 1 else { return "" }
    let titles = Self.cells(lines[0])
    let alignments = Self.cells(lines[1])
    var table = HTMLTable(
      caption, showsCaption: false,
      zip(titles, alignments).map { title, alignment in
        .init(title: Self.plain(title), isNumber: alignment.hasSuffix(":"))
      })
    for line in lines.dropFirst(2) { table.append(Self.cells(line).map(inline)) }
    return table.markup
  }

  /// Of a row, without the bars around.
  private static func cells(_ line: String) -> [String] {
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

  /// A line as markup.
  func inline(_ text: String) -> String {
    var result = ""
    var isBold = false
    var rest = text[...]
    while let character = rest.popFirst() {
      switch character {
      case "\\":
        if let next = rest.popFirst() { result += HTML.escaped(String(next)) }
      case "*" where rest.first == "*":
        rest.removeFirst()
        result += isBold ? "</b>" : "<b>"
        isBold.toggle()
      case "`":
        let code = rest.prefix { $0 != "`" }
        rest = rest.dropFirst(code.count + 1)
        result +=
          protocols?.link(hash: String(code)) ?? "<code>\(HTML.escaped(String(code)))</code>"
      case "&":
        // `Markdown.escaped` writes these three and no others.
        let entity = ["lt;", "gt;", "amp;"].first { rest.hasPrefix($0) }
        result += entity.map { "&" + $0 } ?? "&amp;"
        rest = rest.dropFirst(entity?.count ?? 0)
      default: result += HTML.escaped(String(character))
      }
    }
    return result + (isBold ? "</b>" : "")
  }

  /// A line as text.
  static func plain(_ text: String) -> String {
    var result = ""
    var rest = text[...]
    while let character = rest.popFirst() {
      switch character {
      case "\\": if let next = rest.popFirst() { result.append(next) }
      case "*", "`": break
      case "&":
        let known: [(String, Character)] = [("lt;", "<"), ("gt;", ">"), ("amp;", "&")]
        let entity = known.first { rest.hasPrefix($0.0) }
        result.append(entity?.1 ?? "&")
        rest = rest.dropFirst(entity?.0.count ?? 0)
      default: result.append(character)
      }
    }
    return result
  }
}

extension FigureFile {
  /// Numbers longer than this, in characters, stay in the file beside the report.
  private static let mostNumbers = 24_000

  /// For a page that has `Palette.styleSheet` in its own.
  var markup: String {
    var svg = svg
    if let start = svg.range(of: "<style>"), let end = svg.range(of: "</style>\n") {
      svg.removeSubrange(start.lowerBound..<end.upperBound)
    }
    return
      "<figure class=\"chart\"><div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"\(HTML.escaped(title))\">\n\(svg)</div>\n\(table)</figure>\n"
  }

  private var table: String {
    guard csv.utf8.count <= Self.mostNumbers else {
      return
        "<p class=\"quiet\">Its numbers are in <code>figures/\(name).csv</code> beside the report.</p>\n"
    }
    guard let header = numbers.first else { return "" }
    let columns = header.enumerated().map { index, title in
      HTMLTable.Column(
        title: title,
        isNumber: numbers.dropFirst().contains {
          $0.indices.contains(index) && Double($0[index]) != nil
        })
    }
    var table = HTMLTable("Numbers of the figure “\(title)”", showsCaption: false, columns)
    for record in numbers.dropFirst() { table.append(record.map(HTML.escaped)) }
    return "<details><summary>Numbers</summary>\n\(table.markup)</details>\n"
  }
}

extension String {
  fileprivate var trimmed: String {
    var text = self[...]
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
