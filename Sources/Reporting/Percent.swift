import Foundation
package import Statistics

/// Fractions as people read them: percent with one decimal.
package enum Percent {
  package static func text(_ fraction: Double?) -> String {
    fraction.map { FixedPoint.exactly($0 * 100, decimals: 1) } ?? Markdown.unknown
  }

  /// `60.3–62.2`
  package static func text(_ interval: Interval?) -> String {
    interval.map { "\(text($0.lower))–\(text($0.upper))" } ?? Markdown.unknown
  }

  /// With its sign, and none for what rounds to zero.
  package static func signed(_ fraction: Double?) -> String {
    guard let fraction else { return Markdown.unknown }
    let digits = text(abs(fraction))
    if digits == text(0) { return digits }
    return (fraction < 0 ? "−" : "+") + digits
  }
}
