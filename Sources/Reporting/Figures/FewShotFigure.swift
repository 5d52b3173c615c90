package import Statistics

/// One model's mean score against the number of training samples of each class.
package struct FewShotCurve: Sendable {
  package struct Point: Sendable, Equatable {
    /// Samples of each class.
    package var shots: Int
    /// A fraction.
    package var value: Double
    /// t-interval over seeds.
    package var interval: Interval?

    package init(shots: Int, value: Double, interval: Interval? = nil) {
      self.shots = shots
      self.value = value
      self.interval = interval
    }
  }

  package var model: String
  package var points: [Point]
  /// Score without any training sample.
  package var zeroShot: Double?

  package init(model: String, points: [Point], zeroShot: Double? = nil) {
    self.model = model
    self.points = points
    self.zeroShot = zeroShot
  }
}

/// Figure 6 of the paper: zero-shot and few-shot scores, over several datasets or one.
package struct FewShotComparison: Sendable {
  /// One a model.
  package var curves: [FewShotCurve]
  /// Curves that somebody published, drawn in grey.
  package var published: [FewShotCurve] = []
  /// Where they are from.
  package var publishedSource: String?
  /// What the scores are the mean of.
  package var datasets: [String]
  /// Behind each point.
  package var seeds: Int?

  package init(
    curves: [FewShotCurve], published: [FewShotCurve] = [], publishedSource: String? = nil,
    datasets: [String], seeds: Int?
  ) {
    self.curves = curves
    self.published = published
    self.publishedSource = publishedSource
    self.datasets = datasets
    self.seeds = seeds
  }

  package var figure: Figure {
    let place = datasets.count == 1 ? datasets[0] : "\(datasets.count) datasets"
    var figure = Figure(
      name: datasets.count == 1 ? "few-shot-\(datasets[0])" : "few-shot",
      title: "Zero-shot and few-shot: \(place)", description: description(place),
      x: Axis(
        "labelled training samples per class", name: "shots", scale: .log2WithZero,
        ticks: ticks),
      y: Axis(
        datasets.count == 1 ? "score (%)" : "mean score (%)", name: "score", unit: .percent,
        range: range))
    let markers: [Series.Marker] = [.circle, .square, .triangle, .diamond, .cross, .plus]
    let grey = published.enumerated().flatMap { index, curve in
      series(
        curve, colour: nil, line: Series.Dash.dashed, marker: markers[index % markers.count],
        named: "\(curve.model) (published)")
    }
    let own = curves.enumerated().flatMap { index, curve in
      series(
        curve, colour: index,
        line: Series.Dash.allCases[(index / Palette.series.count) % Series.Dash.allCases.count],
        marker: markers[index % markers.count], named: curve.model)
    }
    figure.series = grey + own
    figure.remarks = remarks
    return figure
  }

  private var intervals: [Interval] {
    (curves + published).flatMap { $0.points.compactMap(\.interval) }
  }

  /// Of few seeds a t-interval may reach beyond what a score can be: there the plot ends, not its numbers. Nil where none does.
  private var range: ClosedRange<Double>? {
    guard intervals.contains(where: { $0.upper > 1 || $0.lower < 0 }) else { return nil }
    let all = curves + published
    let values = all.flatMap { $0.points.map(\.value) + [$0.zeroShot].compactMap(\.self) }
    let lowest = (values + intervals.map(\.lower)).min() ?? 0
    return max(0, (lowest * 10).rounded(.down) / 10)...1
  }

  private var remarks: [String] {
    var remarks: [String] = []
    if (curves + published).contains(where: { $0.zeroShot != nil }) {
      remarks.append("Star at 0: zero-shot.")
    }
    if curves.flatMap(\.points).contains(where: { $0.interval != nil }) {
      let count = seeds.map { "\($0) seeds" } ?? "seeds"
      remarks.append(
        "Band: 95 % t-interval over \(count), the variance of training samples\(range == nil ? "" : "; what lies beyond 0 and 100 is cut off")."
      )
    }
    if !published.isEmpty {
      remarks.append("Grey: \(publishedSource ?? "published").")
    }
    return remarks.isEmpty ? [] : [remarks.joined(separator: " ")]
  }

  private var ticks: [Double] {
    let all = curves + published
    let shots = Set(all.flatMap(\.points).map(\.shots))
    let zero: Set<Int> = all.contains { $0.zeroShot != nil } ? [0] : []
    return shots.union(zero).sorted().map(Double.init)
  }

  private func series(
    _ curve: FewShotCurve, colour: Int?, line: Series.Dash, marker: Series.Marker,
    named name: String
  ) -> [Series] {
    let points = curve.points.sorted { $0.shots < $1.shots }
    var main = Series(
      name, colour: colour, line: line, marker: marker,
      points: points.map { point in
        let spread = point.interval.map { " (\(Percent.text($0)))" } ?? ""
        return Series.Point(
          Double(point.shots), point.value, yInterval: point.interval,
          tip: "\(name), \(point.shots) per class: \(Percent.text(point.value)) %\(spread)")
      })
    main.uncertainty = .band
    guard let zeroShot = curve.zeroShot else { return [main] }
    var star = Series(
      name, colour: colour, marker: .star,
      points: [
        Series.Point(0, zeroShot, tip: "\(name), zero-shot: \(Percent.text(zeroShot)) %")
      ])
    star.isNamed = points.isEmpty
    return points.isEmpty ? [star] : [main, star]
  }

  private func description(_ place: String) -> String {
    let parts = curves.map { curve in
      let zero = curve.zeroShot.map { "zero-shot \(Percent.text($0)) %" }
      let points = curve.points.sorted { $0.shots < $1.shots }.map {
        "\($0.shots) per class \(Percent.text($0.value)) %"
      }
      return "\(curve.model): "
        + ([zero].compactMap(\.self) + points).joined(separator: ", ")
    }
    return "Scores on \(place) against labelled samples per class. "
      + parts.joined(separator: "; ") + "."
  }
}
