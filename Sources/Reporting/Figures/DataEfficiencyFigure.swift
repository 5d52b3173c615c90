/// Labelled samples of each class that a linear probe needs to equal zero-shot.
package enum ShotsNeeded: Sendable, Equatable {
  case shots(Double)
  /// It never does with the samples there are, so many per class.
  case moreThan(Double)
  /// Already fewer than the fewest tried do; where the line through the first points says how many.
  case extrapolated(Double)
  /// The same, where it says nothing.
  case fewerThan(Double)

  package var bound: Double {
    switch self {
    case .shots(let value), .extrapolated(let value), .moreThan(let value), .fewerThan(let value):
      value
    }
  }

  var text: String {
    switch self {
    case .shots(let value): Self.text(value)
    case .extrapolated(let value): Self.text(value) + "*"
    case .moreThan(let bound): "> \(FixedPoint.shortest(bound, decimals: 1))"
    case .fewerThan(let bound): "< \(FixedPoint.shortest(bound, decimals: 1))"
    }
  }

  /// As the paper prints them: whole above 20, else with one decimal.
  static func text(_ shots: Double) -> String {
    FixedPoint.text(shots, decimals: shots >= 20 ? 0 : 1)
  }
}

/// Figure 7 of the paper, of one model.
package struct DataEfficiencyChart: Sendable {
  package struct Dataset: Sendable {
    package var name: String
    package var needed: ShotsNeeded
    /// A fraction.
    package var zeroShot: Double?
    /// The paper's number.
    package var published: Double?

    package init(
      _ name: String, needed: ShotsNeeded, zeroShot: Double? = nil, published: Double? = nil
    ) {
      self.name = name
      self.needed = needed
      self.zeroShot = zeroShot
      self.published = published
    }
  }

  package var model: String
  package var datasets: [Dataset]
  /// Of the datasets that have a value.
  package var mean: Double?
  /// Of all; nil where the middle one has no value.
  package var median: Double?
  package var publishedSource: String?

  package init(
    model: String, datasets: [Dataset], mean: Double?, median: Double?,
    publishedSource: String? = nil
  ) {
    self.model = model
    self.datasets = datasets
    self.mean = mean
    self.median = median
    self.publishedSource = publishedSource
  }

  /// The most samples first; of equal numbers, what needs still more.
  package var sorted: [Dataset] {
    func rank(_ needed: ShotsNeeded) -> Int {
      switch needed {
      case .moreThan: 2
      case .shots, .extrapolated: 1
      case .fewerThan: 0
      }
    }
    return datasets.sorted { a, b in
      (a.needed.bound, rank(a.needed)) != (b.needed.bound, rank(b.needed))
        ? (a.needed.bound, rank(a.needed)) > (b.needed.bound, rank(b.needed)) : a.name < b.name
    }
  }

  /// Datasets without a value, which the mean leaves out.
  var withoutValue: Int {
    datasets.count {
      switch $0.needed {
      case .shots, .extrapolated: false
      case .moreThan, .fewerThan: true
      }
    }
  }

  package var figure: Figure {
    let sorted = sorted
    let averages = [("mean", mean), ("median", median)].compactMap { name, value in
      value.map { (name: name, value: $0) }
    }
    let summary = averages.map { "\($0.name) \(ShotsNeeded.text($0.value))" }.joined(
      separator: ", ")
    var figure = Figure(
      name: "data-efficiency-\(model)",
      title: "Labelled samples per class that a probe needs to equal zero-shot: \(model)",
      description: "\(summary.isEmpty ? "" : "Over \(sorted.count) datasets: \(summary). ")"
        + sorted.map { "\($0.name) \($0.needed.text)" }.joined(separator: ", ") + ".",
      subtitle: summary.isEmpty ? nil : "\(sorted.count) datasets: \(summary)",
      x: Axis("labelled training samples per class", name: "shots"),
      y: Axis("", name: "dataset", scale: .categories(sorted.map(\.name))))
    figure.naming = .none
    figure.bars = sorted.enumerated().map { index, dataset in
      var bar = Bar(index, dataset.needed.bound, label: dataset.needed.text)
      bar.comparison = dataset.published
      bar.tip = "\(dataset.name): \(dataset.needed.text)"
      if let published = dataset.published {
        bar.tip? += ", published: \(FixedPoint.shortest(published, decimals: 1))"
      }
      if case .moreThan = dataset.needed { bar.isOpen = true }
      return bar
    }
    figure.rules = averages.map { average in
      Rule(
        .x(average.value), label: "\(average.name) \(ShotsNeeded.text(average.value))",
        dash: average.name == "mean" ? .dashed : .dotted)
    }
    figure.remarks = remarks
    return figure
  }

  private var remarks: [String] {
    var remarks: [String] = []
    if datasets.contains(where: { if case .moreThan = $0.needed { true } else { false } }) {
      remarks.append("Open bars: zero-shot is not reached with all training samples.")
    }
    if datasets.contains(where: { if case .extrapolated = $0.needed { true } else { false } }) {
      remarks.append(
        "*: below the fewest samples tried, by the line through the first two numbers.")
    }
    if mean != nil, withoutValue > 0 {
      remarks.append("The mean leaves out \(withoutValue) without a value.")
    }
    if datasets.contains(where: { $0.published != nil }) {
      remarks.append("Ticks across the bars: \(publishedSource ?? "published").")
    }
    return remarks.isEmpty ? [] : [remarks.joined(separator: " ")]
  }
}
