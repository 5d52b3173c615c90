import Foundation
import Robustness

/// One axis of a figure.
package struct Axis: Sendable {
  package enum Scale: Sendable, Equatable {
    case linear
    case log10
    case log2
    /// log2 with 0 as a point of its own, left of a break.
    case log2WithZero
    /// log(p / (1 − p)), of fractions.
    case logit
    /// The standard normal quantile, of fractions.
    case probit
    /// One line a name; values are indices. For the y axis, from the top.
    case categories([String])
  }

  package enum Unit: Sendable {
    case number
    /// Values are fractions, labels percent.
    case percent
  }

  /// With its unit.
  package var label: String
  /// Of the values in the CSV beside the figure.
  package var name: String
  package var scale: Scale
  package var unit: Unit
  /// What is shown; nil for what the marks span.
  package var range: ClosedRange<Double>?
  /// Values that get a label; nil for round ones.
  package var ticks: [Double]?

  package init(
    _ label: String, name: String, scale: Scale = .linear, unit: Unit = .number,
    range: ClosedRange<Double>? = nil, ticks: [Double]? = nil
  ) {
    self.label = label
    self.name = name
    self.scale = scale
    self.unit = unit
    self.range = range
    self.ticks = ticks
  }
}

/// An axis whose range and ticks are settled.
struct ResolvedAxis {
  struct Tick: Equatable {
    /// 0 at the axis's start, 1 at its end.
    var position: Double
    var label: String
  }

  let axis: Axis
  private(set) var ticks: [Tick] = []
  /// Where the break after 0 is.
  private(set) var breakPosition: Double?
  /// Ends of the axis, on the scale.
  private let lower: Double
  private let upper: Double
  /// Of 0 on `log2WithZero`.
  private let zero: Double?

  /// - Parameters:
  ///   - values: of all marks.
  ///   - tickCount: about how many ticks there is room for.
  init(_ axis: Axis, values: [Double], tickCount: Int) {
    self.axis = axis
    zero = Self.zero(axis, values)
    let bounds = axis.range.map { [$0.lowerBound, $0.upperBound] } ?? values
    let placed = bounds.compactMap { [zero] in
      Self.scaled($0, axis.scale, zero: $0 == 0 ? zero : nil)
    }
    var span = (lower: placed.min() ?? 0, upper: placed.max() ?? 1)
    let factor = axis.unit == .percent ? 100.0 : 1
    switch axis.scale {
    case .linear:
      if span.upper <= span.lower {
        let margin = max(abs(span.lower) * 0.1, 1 / factor)
        span = (span.lower - margin, span.upper + margin)
      }
      if axis.range == nil {
        let step = NiceStep(span: (span.upper - span.lower) * factor, count: tickCount)
        span = (
          step.floor(span.lower * factor) / factor, step.ceiling(span.upper * factor) / factor
        )
      }
    case .categories(let names): span = (-0.5, Double(max(names.count, 1)) - 0.5)
    case .log10, .log2, .log2WithZero, .logit, .probit:
      let margin = span.upper > span.lower ? (span.upper - span.lower) * 0.04 : 0.5
      if axis.range == nil || span.upper <= span.lower {
        span = (span.lower - margin, span.upper + margin)
      }
    }
    (lower, upper) = span
    ticks = makeTicks(tickCount)
    if let zero { breakPosition = fraction(zero + 0.5) }
  }

  /// 0 at the axis's start, 1 at its end, beyond them outside of the range; nil for what the scale has no place for.
  func position(_ value: Double) -> Double? {
    Self.scaled(value, axis.scale, zero: value == 0 ? zero : nil).map(fraction)
  }

  /// The same, but what lies at infinity on the scale is at the axis's end: the end of an interval may.
  func end(_ value: Double) -> Double? {
    let hasInfinities = axis.scale == .logit || axis.scale == .probit
    return hasInfinities && (value == 0 || value == 1) ? value : position(value)
  }

  private func fraction(_ scaled: Double) -> Double { (scaled - lower) / (upper - lower) }

  /// The ends of the axis as values.
  var range: ClosedRange<Double> {
    func value(_ scaled: Double) -> Double {
      switch axis.scale {
      case .linear, .categories: scaled
      case .log10: pow(10, scaled)
      case .log2, .log2WithZero: exp2(scaled)
      case .logit: AccuracyScale.logit.fraction(scaled)
      case .probit: AccuracyScale.probit.fraction(scaled)
      }
    }
    return value(lower)...max(value(lower), value(upper))
  }

  private static func scaled(_ value: Double, _ scale: Axis.Scale, zero: Double?) -> Double? {
    guard value.isFinite else { return nil }
    if let zero { return zero }
    switch scale {
    case .linear, .categories: return value
    case .log10: return value > 0 ? Foundation.log10(value) : nil
    case .log2, .log2WithZero: return value > 0 ? Foundation.log2(value) : nil
    case .logit: return AccuracyScale.logit.transformed(value)
    case .probit: return AccuracyScale.probit.transformed(value)
    }
  }

  /// One step left of the smallest positive value; nil where there is no 0 to show.
  private static func zero(_ axis: Axis, _ values: [Double]) -> Double? {
    guard axis.scale == .log2WithZero, values.contains(0) || axis.range?.lowerBound == 0 else {
      return nil
    }
    let smallest = values.filter { $0 > 0 && $0.isFinite }.min() ?? 1
    return Foundation.log2(smallest).rounded(.down) - 1
  }

  private func makeTicks(_ count: Int) -> [Tick] {
    let factor = axis.unit == .percent ? 100.0 : 1
    if let values = axis.ticks {
      return values.compactMap { tick($0, FixedPoint.shortest($0 * factor, decimals: 6)) }
    }
    switch axis.scale {
    case .categories(let names):
      return names.enumerated().compactMap { tick(Double($0.offset), $0.element) }
    case .linear:
      let step = NiceStep(span: (upper - lower) * factor, count: count)
      return step.multiples(in: lower * factor...upper * factor).compactMap {
        tick($0 / factor, FixedPoint.text($0, decimals: step.decimals))
      }
    case .log10: return powersOfTen(count, factor)
    case .log2, .log2WithZero:
      let first = Int(lower.rounded(.up))
      let last = Int(upper.rounded(.down))
      let stride = max(1, (last - first) / max(count, 1) + 1)
      let powers = Swift.stride(from: first, through: last, by: stride).compactMap {
        exponent -> Tick? in
        if let zero, Double(exponent) <= zero { return nil }
        let value = exp2(Double(exponent))
        return tick(value, FixedPoint.shortest(value * factor, decimals: 6))
      }
      return (zero == nil ? [] : [tick(0, "0")].compactMap(\.self)) + powers
    case .logit, .probit:
      // The first to have a place if there is little room come first.
      let lower = [0.1, 0.01, 0.2, 0.3, 0.05, 0.02, 0.4, 0.001, 0.005, 0.002]
      let values = [0.5] + lower.flatMap { [$0, 1 - $0] }
      return thinned(
        values.compactMap { tick($0, FixedPoint.shortest($0 * factor, decimals: 4)) }, count)
    }
  }

  private func tick(_ value: Double, _ label: String) -> Tick? {
    guard let position = position(value), position > -1e-9, position < 1 + 1e-9 else { return nil }
    return Tick(position: position, label: label)
  }

  /// Over less than two decades, 1, 2 and 5 of each.
  private func powersOfTen(_ count: Int, _ factor: Double) -> [Tick] {
    let shift = Foundation.log10(factor)
    let first = Int((lower + shift).rounded(.down))
    let last = Int((upper + shift).rounded(.up))
    guard upper - lower >= 2 else {
      let values = (first...last).flatMap { exponent in
        [1.0, 2, 5].map { $0 * pow(10, Double(exponent)) }
      }
      return thinned(
        values.compactMap { tick($0 / factor, FixedPoint.significant($0)) }, count)
    }
    let stride = max(1, (last - first) / max(count, 1) + 1)
    return (first...last).filter { $0 % stride == 0 }.compactMap {
      tick(pow(10, Double($0)) / factor, Self.power($0))
    }
  }

  /// `10⁻⁶`; small powers written out.
  private static func power(_ exponent: Int) -> String {
    switch exponent {
    case -2...3: return FixedPoint.shortest(pow(10, Double(exponent)), decimals: 2)
    default:
      let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
      let text = String(abs(exponent)).compactMap { $0.wholeNumberValue }.map { digits[$0] }
      return "10" + (exponent < 0 ? "⁻" : "") + String(text)
    }
  }

  /// Those that leave the ones before them room.
  private func thinned(_ ticks: [Tick], _ count: Int) -> [Tick] {
    let distance = 0.7 / Double(max(count, 1))
    var kept: [Tick] = []
    for tick in ticks where kept.allSatisfy({ abs($0.position - tick.position) > distance }) {
      kept.append(tick)
    }
    return kept.sorted { $0.position < $1.position }
  }
}

/// A distance between ticks of which people read multiples easily: 1, 2, 2.5 or 5 times a power of ten.
struct NiceStep: Equatable {
  private let mantissa: Double
  private let exponent: Int

  /// - Parameter count: about how many steps make the span.
  init(span: Double, count: Int) {
    let raw = span / Double(max(count, 1))
    guard raw.isFinite, raw > 0, raw > 1e-300 else {
      (mantissa, exponent) = (1, 0)
      return
    }
    let power = Int(Foundation.log10(raw).rounded(.down))
    let leading = raw / pow(10, Double(power))
    let choices = [1, 2, 2.5, 5].first { leading <= $0 * (1 + 1e-9) }
    (mantissa, exponent) = choices.map { ($0, power) } ?? (1, power + 1)
  }

  var decimals: Int { max(0, (mantissa == 2.5 ? 1 : 0) - exponent) }

  /// Exact for negative exponents too, where multiplying by a power of ten would not be.
  private func value(_ multiple: Double) -> Double {
    exponent < 0
      ? multiple * mantissa / pow(10, Double(-exponent))
      : multiple * mantissa * pow(10, Double(exponent))
  }

  func floor(_ bound: Double) -> Double { value((bound / value(1) + 1e-9).rounded(.down)) }
  func ceiling(_ bound: Double) -> Double { value((bound / value(1) - 1e-9).rounded(.up)) }

  func multiples(in range: ClosedRange<Double>) -> [Double] {
    let first = (range.lowerBound / value(1) - 1e-9).rounded(.up)
    let last = (range.upperBound / value(1) + 1e-9).rounded(.down)
    guard first <= last, last - first < 1000 else { return [] }
    return stride(from: first, through: last, by: 1).map(value)
  }
}
