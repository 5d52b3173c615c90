/// The colours of figures, for light and dark backgrounds. Series stay apart under protanopia, deuteranopia and tritanopia, and
/// stand out from the background by at least 3 : 1 (WCAG 2.1, 1.4.11); markers and dashes tell them apart without colour.
package enum Palette {
  package struct Pair: Sendable {
    /// `#rrggbb`
    package let light: String
    package let dark: String
  }

  package static let background = Pair(light: "#ffffff", dark: "#0d1117")
  /// Of series, by their number.
  package static let series = [
    Pair(light: "#3240bc", dark: "#4f8fd0"), Pair(light: "#e06400", dark: "#e07818"),
    Pair(light: "#009e70", dark: "#38e093"), Pair(light: "#a877bd", dark: "#ffc8e0"),
    Pair(light: "#762a04", dark: "#e8f048"), Pair(light: "#4d215d", dark: "#9558f8"),
  ]
  package static let text = Pair(light: "#1f2328", dark: "#e6edf3")
  /// Tick labels, remarks, reference lines.
  package static let quietText = Pair(light: "#59636e", dark: "#9198a1")
  static let grid = Pair(light: "#e4e8ec", dark: "#262c36")

  /// The style sheet of a figure; every rule is for `.ce-figure` alone, so that figures may stand within a page.
  static var styleSheet: String {
    func rules(_ colour: (Pair) -> String) -> String {
      let fixed = [
        ".paper{fill:\(colour(background))}", ".ink{fill:\(colour(text))}",
        ".quiet{fill:\(colour(quietText))}", ".axis{stroke:\(colour(quietText))}",
        ".grid{stroke:\(colour(grid))}", ".hollow{fill:\(colour(background))}",
        ".halo{stroke:\(colour(background))}",
        ".grey{color:\(colour(quietText))}",
      ]
      let numbered = series.enumerated().map { ".c\($0.offset){color:\(colour($0.element))}" }
      return (fixed + numbered).map { ".ce-figure \($0)" }.joined(separator: "\n")
    }
    return """
      .ce-figure{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-size:12px}
      .ce-figure .halo{paint-order:stroke;stroke-width:3px;stroke-linejoin:round}
      \(rules { $0.light })
      @media screen and (prefers-color-scheme:dark){
      \(rules { $0.dark })
      }
      """
  }

  /// The class that gives a series its colour; nil is grey.
  static func className(_ number: Int?) -> String {
    number.map { "c\(($0 % series.count + series.count) % series.count)" } ?? "grey"
  }
}
