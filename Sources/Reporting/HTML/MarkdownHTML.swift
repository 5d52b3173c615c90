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
    for element in MarkdownElement.parse(blocks) {
      switch element {
      case .heading(_, let title):
        lead = MarkdownSpan.plain(title)
        result += "<h3>\(inline(title))</h3>\n"
      case .table(let titles, let alignments, let rows):
        var table = HTMLTable(
          lead, showsCaption: false,
          zip(titles, alignments).map { title, alignment in
            .init(title: MarkdownSpan.plain(title), isNumber: alignment == .right)
          })
        for row in rows { table.append(row.map(inline)) }
        result += table.markup
      case .list(let items):
        result += "<ul>\n" + items.map { "<li>\(inline($0))</li>\n" }.joined() + "</ul>\n"
      // Its numbers are below it.
      case .figure(let name): result += figures[name]?.markup ?? ""
      case .paragraph(let text):
        if text.hasSuffix(":") { lead = MarkdownSpan.plain(String(text.dropLast())) }
        result += "<p>\(inline(text))</p>\n"
      }
    }
    return result
  }

  /// A line as markup.
  func inline(_ markdown: String) -> String {
    MarkdownSpan.parse(markdown).map { span in
      let text = HTML.escaped(span.text)
      let markup = span.isCode ? protocols?.link(hash: span.text) ?? "<code>\(text)</code>" : text
      return span.isBold ? "<b>\(markup)</b>" : markup
    }.joined()
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
