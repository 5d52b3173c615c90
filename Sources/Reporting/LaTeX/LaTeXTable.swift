/// A cell of a table, taken apart once.
struct LaTeXCell {
  let markdown: String
  let spans: [MarkdownSpan]
  /// In ems.
  let width: Double

  init(_ markdown: String) {
    self.markdown = markdown
    spans = MarkdownSpan.parse(markdown)
    width = LaTeXWidth.of(spans)
  }
}

/// A table of a report as LaTeX: booktabs, in a block that can be taken out of the document by itself.
struct LaTeXTable {
  /// More lines than this do not float.
  private static let mostLines = 45

  /// LaTeX.
  var caption: String
  /// Without `tab:`.
  var label: String
  private var header: [String]
  private var alignments: [MarkdownTable.Alignment]
  private var rows: [[LaTeXCell]]

  /// - Parameters:
  ///   - caption: LaTeX, without a full stop.
  ///   - header, rows: Markdown.
  init(
    caption: String, label: String, header: [String], alignments: [MarkdownTable.Alignment],
    rows: [[String]]
  ) {
    self.label = label
    let (same, unknown) = Self.sameInAllRows(header, alignments, rows)
    let left = header.indices.filter { same[$0] == nil && !unknown.contains($0) }
    self.header = left.map { header[$0] }
    self.alignments = left.map { alignments[$0] }
    self.rows = rows.map { row in
      left.map { LaTeXCell(row.indices.contains($0) ? row[$0] : "") }
    }
    var notes = header.indices.compactMap { column in
      same[column].map { "\(header[column]): \($0)" }
    }
    if !unknown.isEmpty {
      notes.append(
        "Not known or not applicable: \(unknown.map { header[$0] }.joined(separator: ", "))")
    }
    self.caption =
      caption + notes.map { ". " + LaTeX.inline($0) }.joined()
  }

  /// Columns that say the same of every row say it in the caption; lines of means are no rows.
  private static func sameInAllRows(
    _ header: [String], _ alignments: [MarkdownTable.Alignment], _ rows: [[String]]
  ) -> (same: [Int: String], unknown: [Int]) {
    var same: [Int: String] = [:]
    var unknown: [Int] = []
    let rows = rows.filter { $0.first?.hasPrefix("**") != true }
    for column in header.indices.dropFirst() {
      let cells = Set(rows.map { $0.indices.contains(column) ? $0[column] : "" })
      guard cells.count == 1, let cell = cells.first else { continue }
      if cell == Markdown.unknown {
        unknown.append(column)
      } else if rows.count > 1, alignments[column] == .left || cell == "0" {
        // Of numbers that are the same a reader wants to see that they are.
        same[column] = cell
      }
    }
    return (same, unknown)
  }

  var text: String {
    let layout = LaTeXLayout(header: header, alignments: alignments, rows: rows)
    return layout.parts.enumerated().map { index, part in
      let isCut = layout.parts.count > 1
      let number = isCut ? " (part \(index + 1) of \(layout.parts.count))" : ""
      let name = index == 0 ? label : "\(label)-part-\(index + 1)"
      let caption = "\\caption{\(caption)\(number).}\\label{tab:\(name)}"
      let body =
        part.lineCount > Self.mostLines
        ? long(part, layout, caption: caption) : floating(part, layout, caption: caption)
      return "% table tab:\(name)\n\(body)% end of tab:\(name)\n"
    }.joined(separator: "\n")
  }

  private func floating(_ part: LaTeXLayout.Part, _ layout: LaTeXLayout, caption: String) -> String
  {
    """
    \\begin{table}
    \\centering
    \(caption)
    \\\(layout.size)\\setlength{\\tabcolsep}{\(FixedPoint.shortest(LaTeXLayout.columnSeparation, decimals: 1))pt}
    \\begin{tabular}{\(specification(part))}
    \\toprule
    \(titles(part, layout))
    \\midrule
    \(lines(part))\\bottomrule
    \\end{tabular}
    \\end{table}

    """
  }

  private func long(_ part: LaTeXLayout.Part, _ layout: LaTeXLayout, caption: String) -> String {
    let titles = titles(part, layout)
    return """
      {\\\(layout.size)\\setlength{\\tabcolsep}{\(FixedPoint.shortest(LaTeXLayout.columnSeparation, decimals: 1))pt}\\setlength{\\LTcapwidth}{\\linewidth}
      \\begin{longtable}{\(specification(part))}
      \(caption)\\\\
      \\toprule
      \(titles)
      \\midrule
      \\endfirsthead
      \\toprule
      \(titles)
      \\midrule
      \\endhead
      \\bottomrule
      \\endfoot
      \(lines(part))\\end{longtable}}

      """
  }

  private func specification(_ part: LaTeXLayout.Part) -> String {
    "@{}"
      + part.columns.map { column in
        switch column.kind {
        case .left: "l"
        case .right: "r"
        case .wrapped(let share):
          ">{\\raggedright\\arraybackslash}p{\(FixedPoint.text(share, decimals: 3))\\linewidth}"
        }
      }.joined() + "@{}"
  }

  private func titles(_ part: LaTeXLayout.Part, _ layout: LaTeXLayout) -> String {
    part.columns.map { column in
      let lines = layout.titles[column.number].map(LaTeX.escaped)
      guard lines.count > 1 else { return lines.joined() }
      let side = column.kind == .right ? "r" : "l"
      return "\\begin{tabular}[b]{@{}\(side)@{}}\(lines.joined(separator: "\\\\"))\\end{tabular}"
    }.joined(separator: " & ") + " \\\\"
  }

  private func lines(_ part: LaTeXLayout.Part) -> String {
    var isAfterRule = true
    return rows.map { row in
      // A mean over the rows above.
      let isMean = row.first?.markdown.hasPrefix("**") == true
      let rule = !isAfterRule && isMean ? "\\midrule\n" : ""
      isAfterRule = isMean
      let cells = part.columns.map { LaTeX.text(row[$0.number].spans) }
      return rule + cells.joined(separator: " & ") + " \\\\\n"
    }.joined()
  }
}
