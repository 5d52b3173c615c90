/// A figure as it lies in a run folder: `figures/NAME.svg`, and `figures/NAME.csv` with the numbers plotted.
package struct FigureFile: Sendable, Equatable {
  package var name: String
  package var title: String
  package var svg: String
  package var csv: String
  /// The cells of `csv`, a header first.
  let numbers: [[String]]

  package init(_ figure: Figure) {
    name = figure.name
    title = figure.title
    svg = FigureRenderer.svg(figure)
    numbers = FigureCSV.records(figure)
    csv = CSVText.render(numbers)
  }

  /// In a report beside the folder `figures`.
  package var markdown: String {
    "![\(Markdown.escaped(title))](figures/\(name).svg)\n\n[Numbers](figures/\(name).csv)\n"
  }

  /// A name that any file system takes, and an XML id: lower-case letters, digits, single hyphens, a letter first.
  package static func name(_ text: String) -> String {
    let allowed = text.lowercased().unicodeScalars.map { scalar in
      "abcdefghijklmnopqrstuvwxyz0123456789".unicodeScalars.contains(scalar)
        ? Character(scalar) : "-"
    }
    let words = String(allowed).split(separator: "-").joined(separator: "-")
    return words.first?.isLetter == true ? words : "figure-\(words)"
  }
}

extension FigureFile {
  /// The figures, each with a name of its own: of names made from data, several may come out the same.
  package static func make(_ figures: [Figure]) -> [FigureFile] {
    var taken: Set<String> = []
    return figures.map { figure in
      var figure = figure
      let name = figure.name
      var number = 1
      while !taken.insert(figure.name).inserted {
        number += 1
        figure.name = "\(name)-\(number)"
      }
      return FigureFile(figure)
    }
  }
}
