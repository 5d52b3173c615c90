import Robustness
import Statistics

extension RobustnessFigure {
  package var figure: Figure {
    var figure = Figure(
      name: name, title: title, description: description, subtitle: subtitle,
      x: Axis("\(baseLabel) (%)", name: "base", scale: axisScale, unit: .percent),
      y: Axis("\(shiftLabel) (%)", name: "shift", scale: axisScale, unit: .percent))
    figure.naming = .legend
    figure.height = 560
    let own = ownSeries + curveSeries
    figure.series = baselineSeries + [line].compactMap(\.self) + own + [clearance(own)]
    figure.rules = [Rule(.line(intercept: 0, slope: 1), label: "y = x", dash: .dotted)]
    figure.remarks = [remark] + remarks
    return figure
  }

  private var axisScale: Axis.Scale {
    switch scale {
    case .logit: .logit
    case .probit: .probit
    case .linear: .linear
    }
  }

  private var own: [RobustnessPoint] { points + curves.flatMap(\.points) }

  // MARK: Models of the literature

  /// Kinds of baselines, in the order of the paper's legend.
  private static let kinds:
    [(name: String, families: [String], marker: Series.Marker, colour: Int)] =
      [
        ("standard models", ["standard"], .circle, 0),
        ("robustness interventions", ["robust-intervention", "lp-adversarial"], .square, 2),
        ("trained with more data", ["more-data"], .triangle, 3),
      ]

  private var baselineSeries: [Series] {
    let known = Self.kinds.flatMap(\.families)
    let others = baselines.filter { !known.contains($0.family) }.map(\.family).uniqued()
    let kinds =
      Self.kinds.map { ($0.name, $0.families, $0.marker, Optional($0.colour)) }
      + others.map { ($0, [$0], .plus, nil) }
    return kinds.compactMap { name, families, marker, colour in
      let members = baselines.filter { families.contains($0.family) }
      guard !members.isEmpty else { return nil }
      var series = Series(
        name, colour: colour, marker: marker,
        points: members.map { Series.Point($0.base, $0.shift, tip: Self.tip($0)) })
      series.isHollow = true
      return series
    }
  }

  /// The fit over the whole width, with its band.
  private var line: Series? {
    guard let fit, fit.scale == scale else { return nil }
    let places = (baselines + own).compactMap { scale.transformed($0.base, count: $0.baseCount) }
    guard let first = places.min(), let last = places.max(), first < last else { return nil }
    let steps = 100
    let points = (0...steps).compactMap { step -> Series.Point? in
      let base = scale.fraction(first + (last - first) * Double(step) / Double(steps))
      return fit.predicted(base: base).map {
        Series.Point(base, $0, yInterval: fit.band(base: base))
      }
    }
    var series = Series("line through \(fitName)", colour: 0, line: .solid, points: points)
    series.uncertainty = .band
    return series
  }

  // MARK: One's own

  private static let ownColours = [1, 4, 5]
  private static let ownMarkers: [Series.Marker] = [.star, .diamond, .cross, .square, .triangle]

  private var ownSeries: [Series] {
    points.map(\.family).uniqued().enumerated().map { index, family in
      Series(
        family, colour: Self.ownColours[index % Self.ownColours.count],
        marker: Self.ownMarkers[index % Self.ownMarkers.count],
        points: points.filter { $0.family == family }.map { point in
          place(point, label: isLabelled ? point.model : nil)
        })
    }
  }

  private var curveSeries: [Series] {
    let used = points.map(\.family).uniqued().count
    return curves.enumerated().map { index, curve in
      Series(
        curve.name, colour: Self.ownColours[(used + index) % Self.ownColours.count], line: .solid,
        marker: Self.ownMarkers[(used + index) % Self.ownMarkers.count],
        points: curve.points.enumerated().map { number, point in
          let label = curve.labels.flatMap { $0.indices.contains(number) ? $0[number] : nil }
          return place(point, label: isLabelled ? label ?? point.model : nil)
        })
    }
  }

  /// Marks nothing: labels keep off its points, which lie along lines and bars.
  private func clearance(_ series: [Series]) -> Series {
    func between(_ a: Double, _ b: Double) -> [Double] {
      guard let first = scale.transformed(a), let last = scale.transformed(b) else { return [] }
      return (0...20).map { scale.fraction(first + (last - first) * Double($0) / 20) }
    }
    var places: [(x: Double, y: Double)] = []
    for one in series {
      for point in one.points {
        if let interval = point.xInterval {
          places += between(interval.lower, interval.upper).map { ($0, point.y) }
        }
        if let interval = point.yInterval {
          places += between(interval.lower, interval.upper).map { (point.x, $0) }
        }
      }
      guard one.line != nil else { continue }
      for (a, b) in zip(one.points, one.points.dropFirst()) {
        places += Array(zip(between(a.x, b.x), between(a.y, b.y)))
      }
    }
    var clearance = Series("", colour: nil, points: places.map { Series.Point($0.x, $0.y) })
    clearance.isNamed = false
    clearance.isRepeated = true
    return clearance
  }

  private func place(_ point: RobustnessPoint, label: String?) -> Series.Point {
    let bars = AccuracyBars(point, confidence: confidence)
    // An accuracy of 0 or 1 where the fit has it.
    func drawn(_ value: Double, _ count: Int?) -> Double {
      guard scale.transformed(value) == nil else { return value }
      return scale.transformed(value, count: count).map(scale.fraction) ?? value
    }
    return Series.Point(
      drawn(point.base, point.baseCount), drawn(point.shift, point.shiftCount),
      xInterval: bars.base, yInterval: bars.shift, label: label, tip: Self.tip(point))
  }

  private static func tip(_ point: RobustnessPoint) -> String {
    "\(point.model): base \(Percent.text(point.base)) %, shift \(Percent.text(point.shift)) %"
  }

  // MARK: Texts

  private var subtitle: String? {
    fit.map { fit in
      func number(_ value: Double) -> String {
        FixedPoint.text(value, decimals: 3).replacing("-", with: "−")
      }
      let spread = fit.slopeInterval95.map { " (\(number($0.lower)) to \(number($0.upper)))" } ?? ""
      return
        "\(fit.count) \(fitName), \(fit.scale.rawValue) scale: slope \(number(fit.slope))\(spread), intercept \(number(fit.intercept))"
    }
  }

  private var remark: String {
    var parts: [String] = []
    if fit != nil {
      parts.append("Band: 95 % bootstrap over the line's models. Dotted: y = x.")
    } else {
      parts.append("Dotted: y = x.")
    }
    if own.contains(where: { !AccuracyBars($0).isEmpty }) {
      let level = FixedPoint.shortest(confidence * 100, decimals: 2)
      parts.append("Bars: \(level) % Clopper–Pearson over samples.")
    }
    let lost = (baselines + own).count {
      scale.transformed($0.base, count: $0.baseCount) == nil
        || scale.transformed($0.shift, count: $0.shiftCount) == nil
    }
    if lost > 0 {
      parts.append(
        "Not shown: \(lost) at 0 or 100 %, which have no place on the \(scale.rawValue) scale.")
    }
    return parts.joined(separator: " ")
  }

  private var description: String {
    let counts = baselineSeries.map { "\($0.points.count) \($0.name)" }
    let values = own.map { point -> String in
      let text =
        "\(point.model) (\(point.family)): base \(Percent.text(point.base)) %, shift \(Percent.text(point.shift)) %"
      guard let expected = fit?.predicted(base: point.base, count: point.baseCount) else {
        return text
      }
      return text + ", expected \(Percent.text(expected)) %"
    }
    return
      (["\(shiftLabel) against \(baseLabel)."]
      + (counts.isEmpty ? [] : [counts.joined(separator: ", ") + "."])
      + (values.isEmpty ? [] : [values.joined(separator: "; ") + "."]))
      .joined(separator: " ")
  }
}
