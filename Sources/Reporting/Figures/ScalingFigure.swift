import Foundation
import Statistics

/// Mean scores against what an image costs: Figures 9 (errors, both axes logarithmic, a line through each family) and 10 (scores) of
/// the paper.
package struct ScalingFigure: Sendable {
  package enum Quantity: Sendable { case error, score }

  package var name: String
  package var title: String
  package var quantity: Quantity
  package var points: [ScalePoint]
  /// The paper's, over the same datasets; drawn in grey.
  package var published: [ScalePoint]
  /// Where they are from.
  package var publishedSource: String?
  /// What the scores are the mean of: `27 datasets`.
  package var datasets: String
  package var remarks: [String]

  package init(
    name: String, title: String, quantity: Quantity, points: [ScalePoint],
    published: [ScalePoint] = [], publishedSource: String? = nil, datasets: String,
    remarks: [String] = []
  ) {
    self.name = name
    self.title = title
    self.quantity = quantity
    self.points = points
    self.published = published
    self.publishedSource = publishedSource
    self.datasets = datasets
    self.remarks = remarks
  }

  package var figure: Figure {
    let isError = quantity == .error
    let values = (points + published).map(value)
    var figure = Figure(
      name: name, title: title, description: description, subtitle: subtitle,
      x: Axis(ScalePoint.costLabel, name: "gflops", scale: .log10),
      y: isError
        ? Axis(
          "mean error (%), logarithmic", name: "error", scale: .log10, unit: .percent,
          ticks: Self.ticks(values))
        : Axis("mean score (%)", name: "score", unit: .percent, range: Axis.roomy(values)))
    figure.naming = .legend
    let own = ScalePoint.families(points).enumerated().map { index, family in
      series(family, colour: index, isPublished: false)
    }
    let theirs = ScalePoint.families(published).enumerated().map { index, family in
      series(family, colour: nil, isPublished: true)
    }
    let drawn = theirs + own + lines
    figure.series = drawn + [.clearance(of: drawn, x: figure.x.scale, y: figure.y.scale)]
    figure.remarks = [
      ([
        published.isEmpty
          ? nil : "Grey: \(publishedSource ?? "published"), mean of the same \(datasets)."
      ]
      .compactMap(\.self) + remarks).joined(separator: " ")
    ].filter { !$0.isEmpty }
    return figure
  }

  private func value(_ point: ScalePoint) -> Double {
    quantity == .error ? 1 - point.score : point.score
  }

  private func series(
    _ family: (name: String, points: [ScalePoint]), colour: Int?, isPublished: Bool
  ) -> Series {
    let markers: [Series.Marker] = [.circle, .square, .triangle, .diamond, .cross, .plus]
    let families = (points + published).map(\.family).uniqued()
    let number = families.firstIndex(of: family.name) ?? 0
    let own = Set(points.map(\.model))
    var series = Series(
      isPublished ? "\(family.name) (published)" : family.name, colour: colour,
      line: isPublished ? .dotted : quantity == .error ? nil : .solid,
      marker: markers[number % markers.count],
      points: family.points.map { point in
        Series.Point(
          point.gflops, value(point),
          label: isPublished && own.contains(point.model) ? nil : point.model, tip: tip(point))
      })
    series.isHollow = isPublished
    return series
  }

  /// Through each family of three models or more, from its first to its last; of errors alone.
  private var lines: [Series] {
    guard quantity == .error else { return [] }
    return ScalePoint.families(points).enumerated().compactMap { index, family in
      guard let fit = ScalePoint.powerLaw(family.points), let first = family.points.first,
        let last = family.points.last
      else { return nil }
      var line = Series(
        "fit of \(family.name)", colour: index, line: .dashed,
        points: [first, last].map { end in
          Series.Point(end.gflops, pow(10, fit.predicted(log10(end.gflops))))
        })
      line.isNamed = ScalePoint.families(points).count > 1
      return line
    }
  }

  /// `ResNet: error ∝ GFLOPs^−0.107 (−0.12 to −0.09), 5 models`
  private var subtitle: String? {
    guard quantity == .error else { return nil }
    let texts = ScalePoint.families(points).compactMap { family -> String? in
      guard let fit = ScalePoint.powerLaw(family.points) else { return nil }
      func number(_ value: Double) -> String {
        FixedPoint.text(value, decimals: 3).replacing("-", with: "−")
      }
      let spread = fit.slopeInterval95.map { " (\(number($0.lower)) to \(number($0.upper)))" } ?? ""
      return
        "\(family.name): slope \(number(fit.slope))\(spread) over \(family.points.count) models"
    }
    return texts.isEmpty ? nil : texts.joined(separator: "; ")
  }

  /// Percentages that people read easily, as many as the range has.
  private static func ticks(_ values: [Double]) -> [Double]? {
    guard let low = values.min(), let high = values.max(), low > 0 else { return nil }
    let fine = [0.01, 0.02, 0.03, 0.05, 0.07] + stride(from: 0.1, through: 0.951, by: 0.05)
    let coarse = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1]
    return high / low < 3 ? fine : coarse
  }

  private func tip(_ point: ScalePoint) -> String {
    "\(point.model): \(FixedPoint.significant(point.gflops)) GFLOPs, \(Percent.text(value(point))) %"
  }

  private var description: String {
    let quantity = quantity == .error ? "Mean error" : "Mean score"
    return "\(quantity) over \(datasets) against multiply-adds of one image. "
      + points.map(tip).joined(separator: "; ") + "."
      + (published.isEmpty ? "" : " Published: \(published.map(tip).joined(separator: "; ")).")
  }
}
