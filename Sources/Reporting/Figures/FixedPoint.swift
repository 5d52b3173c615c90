import Foundation

/// Numbers as text in figures: the same bytes everywhere, whatever the locale.
enum FixedPoint {
  /// With that many decimals; nothing is "-0".
  static func text(_ value: Double, decimals: Int) -> String {
    let text = String(format: "%.*f", decimals, value)
    guard text.hasPrefix("-"), !text.contains(where: { "123456789".contains($0) }) else {
      return text
    }
    return String(text.dropFirst())
  }

  /// With at most that many decimals.
  static func shortest(_ value: Double, decimals: Int) -> String {
    var text = text(value, decimals: decimals)
    guard text.contains(".") else { return text }
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }

  /// A hundredth of a pixel is more than anybody sees.
  static func coordinate(_ value: Double) -> String { shortest(value, decimals: 2) }

  /// Three significant digits, as C is told: `0.316`, `1e-6`.
  static func significant(_ value: Double) -> String {
    withoutPadding(String(format: "%.3g", value))
  }

  /// Two significant digits and a power of ten, as gradient norms are told: `3.1e-7`.
  static func scientific(_ value: Double) -> String {
    withoutPadding(String(format: "%.1e", value))
  }

  /// `e6` for `e+06`.
  private static func withoutPadding(_ text: String) -> String {
    text.replacing(/e([+-])0*(\d+)$/) { match in "e\(match.1 == "-" ? "-" : "")\(match.2)" }
  }
}
