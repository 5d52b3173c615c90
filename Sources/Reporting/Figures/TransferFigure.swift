package import Statistics

/// Figure 12 of the paper: the mean over other datasets against ImageNet, of linear probes.
package struct TransferFigure: Sendable {
  package struct Point: Sendable, Equatable {
    package var model: String
    /// Fractions.
    package var imageNet: Double
    package var transfer: Double

    package init(model: String, imageNet: Double, transfer: Double) {
      self.model = model
      self.imageNet = imageNet
      self.transfer = transfer
    }
  }

  package var name: String
  /// What the mean is of: `26 datasets`.
  package var datasets: String
  package var points: [Point]
  /// The paper's own CLIP models.
  package var publishedCLIP: [Point]
  /// All others of its Table 10, which the line goes through.
  package var publishedOthers: [Point]
  package var publishedSource: String?
  package var remarks: [String]

  package init(
    name: String, datasets: String, points: [Point], publishedCLIP: [Point] = [],
    publishedOthers: [Point] = [], publishedSource: String? = nil, remarks: [String] = []
  ) {
    self.name = name
    self.datasets = datasets
    self.points = points
    self.publishedCLIP = publishedCLIP
    self.publishedOthers = publishedOthers
    self.publishedSource = publishedSource
    self.remarks = remarks
  }

  /// Transfer regressed on ImageNet over the other models.
  package var fit: LinearFit? {
    publishedOthers.count > 2
      ? LinearFit(publishedOthers.map(\.imageNet), publishedOthers.map(\.transfer)) : nil
  }

  package var figure: Figure {
    let fit = fit
    var figure = Figure(
      name: name, title: "Transfer of linear probes against ImageNet: mean of \(datasets)",
      description: description(fit), subtitle: subtitle(fit),
      x: Axis("linear probe on ImageNet (%)", name: "imageNet", unit: .percent),
      y: Axis("mean linear probe on the others (%)", name: "transfer", unit: .percent))
    figure.width = 680
    figure.height = 560
    figure.naming = .legend
    var others = series("other models (published)", publishedOthers, nil, .circle)
    others.isHollow = true
    var clip = series("CLIP (published)", publishedCLIP, 1, .diamond)
    clip.isHollow = true
    var own = series("this run", points, 0, .square)
    for index in own.points.indices { own.points[index].label = points[index].model }
    figure.series = [others, clip, own].filter { !$0.points.isEmpty }
    if let fit {
      figure.rules = [
        Rule(
          .line(intercept: fit.predicted(0), slope: fit.slope), label: "fit of the other models",
          dash: .solid)
      ]
    }
    figure.remarks = [
      ([publishedOthers.isEmpty ? nil : "Published: \(publishedSource ?? "")."].compactMap(\.self)
        + remarks).joined(separator: " ")
    ].filter { !$0.isEmpty }
    return figure
  }

  private func series(
    _ name: String, _ points: [Point], _ colour: Int?, _ marker: Series.Marker
  ) -> Series {
    Series(
      name, colour: colour, marker: marker,
      points: points.map { Series.Point($0.imageNet, $0.transfer, tip: Self.text($0)) })
  }

  private static func text(_ point: Point) -> String {
    "\(point.model): ImageNet \(Percent.text(point.imageNet)) %, others \(Percent.text(point.transfer)) %"
  }

  private func subtitle(_ fit: LinearFit?) -> String? {
    guard let fit else { return nil }
    func number(_ value: Double) -> String {
      FixedPoint.text(value, decimals: 2).replacing("-", with: "−")
    }
    let spread = fit.slopeInterval95.map { " (\(number($0.lower)) to \(number($0.upper)))" } ?? ""
    let above = points.map { point in
      "\(point.model) \(Percent.signed(point.transfer - fit.predicted(point.imageNet)))"
    }
    return
      "\(fit.count) other models: slope \(number(fit.slope))\(spread). Off their line, points: \(above.joined(separator: ", "))"
  }

  private func description(_ fit: LinearFit?) -> String {
    "Mean of linear probes on \(datasets) against ImageNet. \(points.map(Self.text).joined(separator: "; "))."
      + (subtitle(fit).map { " \($0)." } ?? "")
  }
}
