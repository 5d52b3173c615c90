import Foundation

/// Numbers as text in figures: the same bytes everywhere, whatever the locale.
enum FixedPoint {
  /// With that many decimals; nothing is "-0".
  static func text(_ value: Double, decimals: Int) -> String {
    let text = exactly(value, decimals: decimals)
    guard text.utf8.first == minus, !text.utf8.contains(where: { (0x31...0x39).contains($0) })
    else { return text }
    return String(text.dropFirst())
  }

  /// With at most that many decimals.
  static func shortest(_ value: Double, decimals: Int) -> String {
    let text = text(value, decimals: decimals)
    guard text.utf8.contains(point) else { return text }
    var digits = text.utf8[...]
    while digits.last == zero { digits.removeLast() }
    if digits.last == point { digits.removeLast() }
    return String(Substring(digits))
  }

  /// A hundredth of a pixel is more than anybody sees.
  static func coordinate(_ value: Double) -> String { shortest(value, decimals: 2) }

  /// Three significant digits, as C is told: `0.316`, `1e-6`.
  static func significant(_ value: Double) -> String {
    withoutPadding(formatted("%.3g", value))
  }

  /// Two significant digits and a power of ten, as gradient norms are told: `3.1e-7`.
  static func scientific(_ value: Double) -> String {
    withoutPadding(formatted("%.1e", value))
  }

  /// With that many decimals and the sign it has.
  static func exactly(_ value: Double, decimals: Int) -> String {
    formatted("%.*f", Int32(clamping: decimals), value)
  }

  private static let minus = UInt8(ascii: "-")
  private static let plus = UInt8(ascii: "+")
  private static let zero = UInt8(ascii: "0")
  private static let point = UInt8(ascii: ".")

  /// As C prints it, in C's locale. A report has some hundred thousand numbers, and `String(format:)` is slow.
  private static func formatted(_ format: String, _ arguments: any CVarArg...) -> String {
    withVaList(arguments) { list in
      // 309 digits before the point, and decimals.
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
        let count = vsnprintf(buffer.baseAddress, buffer.count, format, list)
        return String(
          decoding: UnsafeRawBufferPointer(buffer).prefix(
            max(0, min(Int(count), buffer.count - 1))),
          as: UTF8.self)
      }
    }
  }

  /// `e6` for `e+06`.
  private static func withoutPadding(_ text: String) -> String {
    guard let place = text.utf8.firstIndex(of: UInt8(ascii: "e")) else { return text }
    var digits = text.utf8[text.utf8.index(after: place)...]
    let isNegative = digits.first == minus
    if isNegative || digits.first == plus { digits.removeFirst() }
    while digits.count > 1, digits.first == zero { digits.removeFirst() }
    return text[..<place] + "e" + (isNegative ? "-" : "") + String(Substring(digits))
  }
}
