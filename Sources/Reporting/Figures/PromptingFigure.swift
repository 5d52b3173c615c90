/// Figure 4 of the paper: what prompts add to bare class names, against what an image costs.
package struct PromptingFigure: Sendable {
  /// How classes are put into words.
  package enum Words: String, Sendable, CaseIterable {
    case bare = "bare names"
    case single = "a photo of a {}."
    case ensemble = "each dataset's templates"
  }

  /// The paper's points are of these.
  package struct Curve: Sendable {
    package var words: Words
    package var points: [ScalePoint]

    package init(_ words: Words, points: [ScalePoint]) {
      self.words = words
      self.points = points
    }
  }

  package var curves: [Curve]
  package var published: [Curve]
  package var publishedSource: String?
  package var datasets: String
  package var remarks: [String]

  package init(
    curves: [Curve], published: [Curve] = [], publishedSource: String? = nil, datasets: String,
    remarks: [String] = []
  ) {
    self.curves = curves
    self.published = published
    self.publishedSource = publishedSource
    self.datasets = datasets
    self.remarks = remarks
  }

  /// Of the templates over the bare names, for each model that has both, as fractions.
  package var gains: [(model: String, gain: Double)] {
    func points(_ words: Words) -> [ScalePoint] { curves.first { $0.words == words }?.points ?? [] }
    let bare = points(.bare)
    return points(.ensemble).compactMap { point in
      bare.first { $0.model == point.model }.map { (point.model, point.score - $0.score) }
    }
  }

  package var figure: Figure {
    let families = curves.flatMap(\.points).map(\.family).uniqued()
    var figure = Figure(
      name: "prompting", title: "Prompts against bare class names: mean of \(datasets)",
      description: description, subtitle: subtitle,
      x: Axis(ScalePoint.costLabel, name: "gflops", scale: .log10),
      y: Axis(
        "mean zero-shot score (%)", name: "score", unit: .percent,
        range: Axis.roomy((curves + published).flatMap { $0.points.map(\.score) })))
    figure.naming = .legend
    let top = Words.allCases.last { words in curves.contains { $0.words == words } }
    let own = curves.flatMap { curve in
      series(curve, families: families, isPublished: false, isLabelled: curve.words == top)
    }
    let theirs = published.flatMap { curve in
      series(curve, families: families, isPublished: true, isLabelled: false)
    }
    let drawn = theirs + own
    figure.series = drawn + [.clearance(of: drawn, x: figure.x.scale, y: figure.y.scale)]
    figure.remarks = [
      ([published.isEmpty ? nil : "Grey: \(publishedSource ?? "published")."].compactMap(\.self)
        + remarks).joined(separator: " ")
    ].filter { !$0.isEmpty }
    return figure
  }

  private func series(
    _ curve: Curve, families: [String], isPublished: Bool, isLabelled: Bool
  ) -> [Series] {
    let markers: [Series.Marker] = [.circle, .triangle, .square]
    let number = Words.allCases.firstIndex(of: curve.words) ?? 0
    return ScalePoint.families(curve.points).map { family in
      let name =
        families.count > 1 && !isPublished
        ? "\(curve.words.rawValue), \(family.name)" : curve.words.rawValue
      let dashes = Series.Dash.allCases
      var series = Series(
        isPublished ? "\(name) (published)" : name, colour: isPublished ? nil : number,
        line: isPublished
          ? .dotted : dashes[(families.firstIndex(of: family.name) ?? 0) % dashes.count],
        marker: markers[number % markers.count],
        points: family.points.map { point in
          Series.Point(
            point.gflops, point.score, label: isLabelled ? point.model : nil,
            tip:
              "\(point.model), \(curve.words.rawValue): \(Percent.text(point.score)) %, \(FixedPoint.significant(point.gflops)) GFLOPs"
          )
        })
      series.isHollow = isPublished
      return series
    }
  }

  private var subtitle: String? {
    let gains = gains
    guard !gains.isEmpty else { return nil }
    let mean = gains.reduce(0) { $0 + $1.gain } / Double(gains.count)
    return
      "templates over bare names: \(Percent.signed(mean)) points, mean of \(gains.count) model\(gains.count == 1 ? "" : "s")"
  }

  private var description: String {
    "Mean zero-shot score over \(datasets) against multiply-adds of one image. "
      + curves.map { curve in
        "\(curve.words.rawValue): "
          + curve.points.map { "\($0.model) \(Percent.text($0.score)) %" }.joined(separator: ", ")
      }.joined(separator: "; ") + "."
  }
}
