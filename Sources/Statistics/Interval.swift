/// A closed interval of real numbers, written in JSON as `[lower, upper]`.
package struct Interval: Sendable, Hashable {
  package var lower: Double
  package var upper: Double

  package init(lower: Double, upper: Double) {
    self.lower = lower
    self.upper = upper
  }

  /// - Parameter reach: how far it goes to either side; not negative.
  init(around value: Double, reach: Double) {
    self.init(lower: value - reach, upper: value + reach)
  }

  package func contains(_ value: Double) -> Bool { lower <= value && value <= upper }
}

extension Interval: Codable {
  package init(from decoder: any Decoder) throws {
    var container = try decoder.unkeyedContainer()
    lower = try container.decode(Double.self)
    upper = try container.decode(Double.self)
    guard container.isAtEnd, lower <= upper else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "expected an interval as [lower, upper]")
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.unkeyedContainer()
    try container.encode(lower)
    try container.encode(upper)
  }
}
