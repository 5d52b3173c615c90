/// `report.tex`: the tables of `report.md` for a paper, as a document that compiles by itself. Each table is a block between two comments
/// that can be pasted into another document with the packages named at the top.
package enum LaTeXReport {
  package static func render(_ text: ReportText) -> String {
    var body = LaTeXBody()
    body.append(text.lead)
    body.append(text.comparison)
    for model in text.models { body.append([model.heading] + model.blocks) }
    for section in text.sections {
      let elements = MarkdownElement.parse(section.blocks)
      // Figures are files of their own.
      guard elements.contains(where: { !$0.isFigure }) else { continue }
      body.append([.heading(level: 2, text: Markdown.escaped(section.title))] + elements)
    }
    let protocols = text.models.flatMap { model in
      model.protocols.map { ["#" + model.heading] + $0.narrowBlocks } ?? []
    }
    if text.legend != nil { body.text += "\\appendix\n\n" }
    if !protocols.isEmpty { body.append(["## Protocols"] + protocols) }
    if let legend = text.legend { body.append([legend]) }
    return preamble + body.text + "\\end{document}\n"
  }

  private static let preamble = """
    % Written by clip-eval from the rows in results.jsonl; do not edit, it is written anew.
    %
    % Each table stands between "% table tab:NAME" and "% end of tab:NAME" and can be pasted by itself into a document with
    %   \\usepackage[T1]{fontenc}
    %   \\usepackage{array,booktabs,longtable}
    % or taken out, to be \\input: sed -n '/^% table tab:NAME$/,/^% end of/p' report.tex > NAME.tex
    % Widths are for one column of 18 cm. Figures are in figures/*.svg.
    \\documentclass{article}
    \\usepackage[a4paper,margin=1.5cm]{geometry}
    \\usepackage[T1]{fontenc}
    \\IfFileExists{lmodern.sty}{\\usepackage{lmodern}}{}
    \\usepackage{array,booktabs,longtable}
    % Here tables stay where they are named; in a paper they float.
    \\usepackage{float}
    \\floatplacement{table}{H}
    \\setlength{\\abovecaptionskip}{0pt}
    \\setlength{\\belowcaptionskip}{6pt}
    \\setlength{\\parindent}{0pt}
    \\setlength{\\parskip}{6pt plus 2pt}
    \\emergencystretch=3em
    \\begin{document}


    """
}

extension MarkdownElement {
  fileprivate var isFigure: Bool {
    if case .figure = self { true } else { false }
  }
}

/// The text between the beginning and the end of the document.
private struct LaTeXBody {
  var text = ""
  /// Headings above what comes next, as Markdown, by level.
  private var path: [Int: String] = [:]
  private var labels: Set<String> = []

  mutating func append(_ blocks: [String]) { append(MarkdownElement.parse(blocks)) }

  mutating func append(_ elements: [MarkdownElement]) {
    var lead: String?
    for (index, element) in elements.enumerated() {
      switch element {
      case .heading(let level, let title):
        if level < 2 { path = [:] } else { path = path.filter { $0.key < level } }
        lead = nil
        if level > 1 { path[level] = title }
        text += Self.heading(level, title)
      case .table(let header, let alignments, let rows):
        let titles = path.sorted { $0.key < $1.key }.map(\.value) + [lead].compactMap(\.self)
        let table = LaTeXTable(
          caption: titles.map(LaTeX.inline).joined(separator: ", "),
          label: label(titles.map(MarkdownSpan.plain).joined(separator: " ")), header: header,
          alignments: alignments, rows: rows)
        text += table.text + "\n"
        lead = nil
      case .list(let items):
        text +=
          "\\begin{itemize}\n\\raggedright\n"
          + items.map { "\\item \(LaTeX.inline($0))\n" }.joined() + "\\end{itemize}\n\n"
      case .figure: break
      case .paragraph(let paragraph):
        let next = elements.indices.contains(index + 1) ? elements[index + 1] : nil
        if paragraph.hasSuffix(":"), case .table = next {
          lead = String(paragraph.dropLast())
        } else {
          text += LaTeX.inline(paragraph) + "\n\n"
        }
      }
    }
  }

  private static func heading(_ level: Int, _ title: String) -> String {
    let text = LaTeX.inline(title)
    return switch level {
    case 1: "{\\LARGE \(text)\\par}\n\n"
    case 2: "\\section{\(text)}\n\n"
    default: "\\subsection{\(text)}\n\n"
    }
  }

  /// Made of the headings, so that it stays the same when a report is written anew.
  private mutating func label(_ title: String) -> String {
    let name = FigureFile.name(title)
    var number = 1
    var label = name
    while !labels.insert(label).inserted {
      number += 1
      label = "\(name)-\(number)"
    }
    return label
  }
}
