package import Statistics

/// What one classifier has over another, dataset by dataset: Figures 5 and 11 of the paper.
package struct DifferenceFigure: Sendable {
  package struct Dataset: Sendable, Equatable {
    package var name: String
    /// A fraction.
    package var difference: Double
    /// 95 %, of the difference.
    package var interval: Interval?
    /// The same difference between two published numbers.
    package var published: Double?

    package init(
      _ name: String, difference: Double, interval: Interval? = nil, published: Double? = nil
    ) {
      self.name = name
      self.difference = difference
      self.interval = interval
      self.published = published
    }
  }

  package var name: String
  package var title: String
  /// Of the x axis: `zero-shot − ResNet-50 probe`.
  package var difference: String
  package var datasets: [Dataset]
  package var publishedSource: String?
  package var remarks: [String]

  package init(
    name: String, title: String, difference: String, datasets: [Dataset],
    publishedSource: String? = nil, remarks: [String] = []
  ) {
    self.name = name
    self.title = title
    self.difference = difference
    self.datasets = datasets
    self.publishedSource = publishedSource
    self.remarks = remarks
  }

  /// The largest gain first, as the paper has them; of equal ones the first.
  package var sorted: [Dataset] {
    datasets.enumerated().sorted {
      ($1.element.difference, $0.offset) < ($0.element.difference, $1.offset)
    }.map(\.element)
  }

  /// Datasets with a difference above 0.
  package var wins: Int { datasets.count { $0.difference > 0 } }

  package var figure: Figure {
    let sorted = sorted
    let texts = sorted.map { "\($0.name) \(Percent.signed($0.difference))" }
    let equal = sorted.count { $0.difference == 0 }
    let summary =
      "above 0 on \(wins) of \(sorted.count) datasets" + (equal > 0 ? ", equal on \(equal)" : "")
    var figure = Figure(
      name: name, title: title,
      description:
        "Percentage points, \(summary): \(texts.joined(separator: ", ")).",
      subtitle: summary,
      x: Axis("\(difference) (percentage points)", name: "difference", unit: .percent),
      y: Axis("", name: "dataset", scale: .categories(sorted.map(\.name))))
    figure.naming = .none
    figure.bars = sorted.enumerated().map { index, dataset in
      var bar = Bar(
        index, dataset.difference, label: Percent.signed(dataset.difference),
        colour: dataset.difference < 0 ? 4 : 0)
      bar.interval = dataset.interval
      bar.comparison = dataset.published
      bar.tip = "\(dataset.name): \(Percent.signed(dataset.difference))"
      if let published = dataset.published {
        bar.tip? += ", published: \(Percent.signed(published))"
      }
      return bar
    }
    figure.rules = [Rule(.x(0), label: nil, dash: .solid)]
    var notes: [String] = []
    if sorted.contains(where: { $0.published != nil }) {
      notes.append("Ticks across the bars: \(publishedSource ?? "published").")
    }
    figure.remarks = [(notes + remarks).joined(separator: " ")].filter { !$0.isEmpty }
    return figure
  }
}
