/// How a table fits on a page: its size of type, which columns are wrapped, and, where even that is too wide, where it is cut in parts.
struct LaTeXLayout {
  enum Column: Equatable {
    case left
    case right
    /// A share of the width of the text.
    case wrapped(Double)
  }

  /// Names of sizes in a document of 10 pt, the em of their font in points.
  private static let sizes: [(name: String, em: Double)] = [
    // Small fonts are wider than they are high.
    ("small", 9), ("footnotesize", 8.1), ("scriptsize", 7.6),
  ]
  /// On A4 with margins of 1.5 cm.
  private static let textWidth = 512.0
  /// On each side of a column but the outer ones, in points.
  static let columnSeparation = 3.0
  /// What a wrapped column may shrink to, in points.
  private static let leastWrapped = 50.0

  /// Some of the columns of a table; parts after the first begin with those that name the rows again.
  struct Part {
    var columns: [(number: Int, kind: Column)]
    /// How many lines the rows take, those of wrapped cells counted.
    var lineCount: Int
  }

  var size: String
  var parts: [Part]
  /// Lines of each title, as plain text.
  var titles: [[String]]

  /// - Parameters:
  ///   - header: Markdown.
  ///   - rows: as many cells each.
  init(header: [String], alignments: [MarkdownTable.Alignment], rows: [[LaTeXCell]]) {
    let cells = header.indices.map { column in rows.map { $0[column] } }
    let cellWidths = cells.map { $0.map(\.width) }
    let widths = cellWidths.map { $0.max() ?? 0 }
    for breaksWords in [false, true] {
      let titles = zip(header, widths).map {
        Self.lines($0, width: $1, breaksWords: breaksWords)
      }
      let whole = zip(titles, widths).map { titles, width in
        titles.reduce(width) { max($0, LaTeXWidth.of($1)) }
      }
      let plain = alignments.map { $0 == .right ? Column.right : .left }
      let separators = Self.separators(header.count)
      for size in Self.sizes where whole.reduce(0, +) * size.em + separators <= Self.textWidth {
        let columns = header.indices.map { (number: $0, kind: plain[$0]) }
        self.init(
          size: size.name, parts: [Part(columns: columns, lineCount: rows.count)], titles: titles)
        return
      }
      guard breaksWords else { continue }
      let size = Self.sizes.last ?? (name: "scriptsize", em: 7.6)
      let points = whole.map { $0 * size.em }
      let least = zip(header.indices, points).map { column, points in
        guard alignments[column] == .left else { return points }
        let title = titles[column].reduce(0) { max($0, LaTeXWidth.of($1)) }
        let word = max(title, Self.longestWord(cells[column])) * size.em
        return min(points, max(Self.leastWrapped, word))
      }
      let parts = Self.parts(least, alignments).map { part in
        let shares = Self.shared(
          part.map { column in
            let text = cellWidths[column].reduce(0, +)
            return (least: least[column], wanted: points[column], text: text)
          })
        let columns = zip(part, shares).map { number, width in
          (
            number: number,
            kind: width < points[number] ? .wrapped(width / Self.textWidth) : plain[number]
          )
        }
        return Part(
          columns: columns, lineCount: Self.lineCount(columns, cellWidths, em: size.em))
      }
      self.init(size: size.name, parts: parts, titles: titles)
      return
    }
    self.init(size: "small", parts: [], titles: [])
  }

  private init(size: String, parts: [Part], titles: [[String]]) {
    self.size = size
    self.parts = parts
    self.titles = titles
  }

  /// - Parameter widths: of the cells of each column, in ems.
  private static func lineCount(
    _ columns: [(number: Int, kind: Column)], _ widths: [[Double]], em: Double
  ) -> Int {
    (widths.first ?? []).indices.reduce(0) { count, row in
      count
        + columns.reduce(1) { most, column in
          guard case .wrapped(let share) = column.kind else { return most }
          // Lines are not filled to their ends.
          let lines = 1.1 * widths[column.number][row] * em / (share * textWidth)
          return max(most, Int(lines.rounded(.up)))
        }
    }
  }

  private static func separators(_ count: Int) -> Double {
    2 * columnSeparation * Double(max(0, count - 1))
  }

  /// A title in lines about as wide as what stands below it, without markup.
  private static func lines(_ title: String, width: Double, breaksWords: Bool) -> [String] {
    var words: [String] = []
    for word in MarkdownSpan.plain(title).split(separator: " ") {
      guard breaksWords, word.count > 8 else {
        words.append(" " + word)
        continue
      }
      var piece = " "
      for character in word {
        piece.append(character)
        if piece.count > 3 && "-/@_".contains(character) || piece.count > LaTeX.longestWord {
          words.append(piece)
          piece = ""
        }
      }
      if !piece.isEmpty { words.append(piece) }
    }
    func trimmed(_ word: String) -> String { word.hasPrefix(" ") ? String(word.dropFirst()) : word }
    let room = words.reduce(width) { max($0, LaTeXWidth.of(trimmed($1))) }
    var lines: [String] = []
    for word in words {
      if let line = lines.last, LaTeXWidth.of(line + word) <= room {
        lines[lines.count - 1] = line + word
      } else {
        lines.append(trimmed(word))
      }
    }
    return lines.isEmpty ? [""] : lines
  }

  /// In ems; of words that may be broken, as much as is not.
  private static func longestWord(_ cells: [LaTeXCell]) -> Double {
    cells.reduce(0) { width, cell in
      cell.markdown.utf8.split(separator: UInt8(ascii: " ")).reduce(width) { width, word in
        let spans = MarkdownSpan.parse(String(Substring(word)))
        let own = LaTeXWidth.of(spans)
        let count = spans.reduce(0) { $0 + $1.text.count }
        return max(
          width,
          count > LaTeX.longestWord
            ? own * Double(LaTeX.longestWord / 2 + 1) / Double(count) : own)
      }
    }
  }

  /// As many columns a part as fit, each part with the columns that name the rows.
  private static func parts(
    _ least: [Double], _ alignments: [MarkdownTable.Alignment]
  ) -> [[Int]] {
    var keys = alignments.prefix { $0 == .left }.count
    func width(_ columns: [Int]) -> Double {
      columns.reduce(0) { $0 + least[$1] } + separators(columns.count)
    }
    while keys > 1, width(Array(0..<keys)) > 0.45 * textWidth { keys -= 1 }
    let names = Array(0..<max(keys, min(1, least.count)))
    var parts = [names]
    for column in least.indices.dropFirst(names.count) {
      let last = parts[parts.count - 1]
      if width(last + [column]) <= textWidth || last.count == names.count {
        parts[parts.count - 1].append(column)
      } else {
        parts.append(names + [column])
      }
    }
    return parts
  }

  /// Shares the width of the page among columns: each has its least, then more the more text it has to hold.
  private static func shared(
    _ columns: [(least: Double, wanted: Double, text: Double)]
  ) -> [Double] {
    var widths = columns.map(\.least)
    var room = textWidth - separators(columns.count) - widths.reduce(0, +)
    while room > 0.5 {
      let hungry = columns.indices.filter { columns[$0].wanted - widths[$0] > 0.01 }
      let text = hungry.reduce(0) { $0 + columns[$1].text }
      guard text > 0 else { break }
      let shares = hungry.map { column in
        min(room * columns[column].text / text, columns[column].wanted - widths[column])
      }
      for (column, share) in zip(hungry, shares) { widths[column] += share }
      room -= shares.reduce(0, +)
    }
    return widths
  }
}
