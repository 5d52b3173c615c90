package import Overlap
package import Statistics

/// Figure 17 of the paper: what overlap with a reference set does to accuracy, over datasets. Two panels, a figure each.
package struct OverlapFigure: Sendable {
  package enum Significance: Sendable, CaseIterable {
    /// Below 0.05 after Bonferroni.
    case adjusted
    /// Below 0.05 alone.
    case single
    case none
  }

  /// A dataset with overlap.
  package struct Point: Sendable {
    package var dataset: String
    /// Fractions.
    package var contamination: Double
    /// Overlap − Clean; nil where all overlaps.
    package var difference: Double?
    package var differenceInterval: Interval?
    /// All − Clean.
    package var change: Double?
    package var changeInterval: Interval?
    package var significance: Significance

    package init(
      _ dataset: String, contamination: Double, difference: Double?,
      differenceInterval: Interval? = nil, change: Double?, changeInterval: Interval? = nil,
      significance: Significance
    ) {
      self.dataset = dataset
      self.contamination = contamination
      self.difference = difference
      self.differenceInterval = differenceInterval
      self.change = change
      self.changeInterval = changeInterval
      self.significance = significance
    }
  }

  package var points: [Point]
  /// Datasets of which nothing overlaps.
  package var clean: Int
  /// Of whose accuracy it is.
  package var model: String

  /// - Parameter clean: datasets of which nothing overlaps, which have no place on the axes.
  package init(model: String, points: [Point], clean: Int) {
    self.model = model
    self.points = points
    self.clean = clean
  }

  package init(model: String, _ summary: OverlapSummary) {
    let overlapping = summary.entries.filter { $0.row.overlap.count > 0 }
    self.init(
      model: model,
      points: overlapping.map { entry in
        Point(
          entry.dataset, contamination: entry.row.contamination, difference: entry.row.difference,
          differenceInterval: entry.row.differenceInterval99_5, change: entry.row.change,
          changeInterval: entry.row.changeInterval95,
          significance: (entry.bonferroni ?? 1) < 0.05
            ? .adjusted : (entry.row.pValue ?? 1) < 0.05 ? .single : .none)
      }, clean: summary.datasetsWithoutOverlap)
  }

  /// The left panel and the right one.
  package var figures: [Figure] { [differences, changes] }

  /// Overlap − Clean against contamination.
  package var differences: Figure {
    figure(
      "overlap-difference", title: "Accuracy on overlapping less clean samples: \(model)",
      what: "overlap less clean", x: .log10,
      y: Axis("accuracy on overlap − clean (%)", name: "overlapMinusClean", unit: .percent),
      remark:
        "Bars: 99.5 % Clopper–Pearson intervals of the accuracy on overlap, with that on clean samples taken as known.",
      value: \.difference, interval: \.differenceInterval)
  }

  /// All − Clean against contamination.
  package var changes: Figure {
    figure(
      "overlap-change", title: "Change of overall accuracy by overlap: \(model)",
      what: "all less clean", x: .linear,
      y: Axis("accuracy on all − clean (%)", name: "allMinusClean", unit: .percent),
      remark: "Bars: 95 % intervals of a bootstrap over samples.",
      value: \.change, interval: \.changeInterval)
  }

  private func figure(
    _ name: String, title: String, what: String, x scale: Axis.Scale, y: Axis, remark: String,
    value: (Point) -> Double?, interval: (Point) -> Interval?
  ) -> Figure {
    let shown = points.filter { $0.contamination > 0 && value($0) != nil }
    func tip(_ point: Point) -> String {
      "\(point.dataset): contamination \(Percent.text(point.contamination)) %, \(what) \(signed(value(point))) %"
    }
    var figure = Figure(
      name: "\(name)-\(model)", title: title,
      description: "\(shown.count) datasets. " + shown.map(tip).joined(separator: "; ") + ".",
      subtitle:
        "\(shown.count) datasets with overlap; one-sided binomial test of overlap against clean",
      x: Axis(
        "contamination (%)", name: "contamination", scale: scale, unit: .percent,
        range: scale == .linear ? linearRange(shown) : nil), y: y)
    figure.naming = .legend
    figure.height = 480
    figure.rules = [Rule(.y(0), label: nil, dash: .solid)]
    figure.series = Significance.allCases.reversed().compactMap { kind in
      let own = shown.filter { $0.significance == kind }
      guard !own.isEmpty else { return nil }
      var series = Series(
        kind.name, colour: kind.colour, marker: kind.marker,
        points: own.map { point in
          Series.Point(
            point.contamination, value(point) ?? .nan, yInterval: interval(point),
            label: isLabelled(point, among: shown) ? point.dataset : nil, tip: tip(point))
        })
      series.isHollow = kind == .none
      return series
    }
    let hasBars = shown.contains { interval($0) != nil }
    figure.remarks = (hasBars ? [remark] : []) + leftOut(shown.count)
    return figure
  }

  /// From 0, which no mark has.
  private func linearRange(_ shown: [Point]) -> ClosedRange<Double> {
    let highest = shown.map(\.contamination).max() ?? 0.01
    return 0...min(1, highest * 1.06)
  }

  private func leftOut(_ shown: Int) -> [String] {
    var remarks: [String] = []
    if clean > 0 { remarks.append("\(clean) without overlap are not shown.") }
    if points.count > shown {
      remarks.append("\(points.count - shown) of which all overlaps are not shown.")
    }
    return remarks
  }

  /// All names where there are few; else of those that stand out.
  private func isLabelled(_ point: Point, among shown: [Point]) -> Bool {
    shown.count <= 12 || point.significance != .none || abs(point.change ?? 0) >= 0.001
      || point.contamination >= 0.1
  }

  /// With two decimals: most changes are tenths of a percent.
  private func signed(_ fraction: Double?) -> String {
    guard let fraction else { return Markdown.unknown }
    return FixedPoint.text(fraction * 100, decimals: 2).replacing("-", with: "−")
  }
}

extension OverlapFigure.Significance {
  fileprivate var name: String {
    switch self {
    case .adjusted: "p < 0.05 after Bonferroni"
    case .single: "p < 0.05, but not after Bonferroni"
    case .none: "p ≥ 0.05, or no test"
    }
  }

  fileprivate var colour: Int? {
    switch self {
    case .adjusted: 1
    case .single: 0
    case .none: nil
    }
  }

  fileprivate var marker: Series.Marker {
    switch self {
    case .adjusted: .diamond
    case .single: .square
    case .none: .circle
    }
  }
}
