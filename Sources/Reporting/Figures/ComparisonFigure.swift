package import Experiments

/// The differences of a comparison with their intervals, a line for each dataset's own metric.
package struct ComparisonFigure {
  private let comparison: RunComparison

  package init(_ comparison: RunComparison) { self.comparison = comparison }

  /// Nil where nothing is compared by a dataset's own metric.
  package var figure: Figure? {
    typealias Line = (name: String, metric: MetricComparison)
    let lines = comparison.tasks.flatMap { task -> [Line] in
      task.metrics.filter(\.isMain).map { metric in
        ("\(task.subject.datasetText), \(task.subject.experimentText)", metric)
      }
    }
    guard !lines.isEmpty else { return nil }
    // Of one experiment the datasets alone tell lines apart.
    let experiments = Set(comparison.tasks.map(\.subject.experimentText))
    let names =
      experiments.count == 1
      ? comparison.tasks.flatMap { task in
        task.metrics.filter(\.isMain).map { _ in task.subject.datasetText }
      } : lines.map(\.name)
    func tip(_ place: Int) -> String {
      let metric = lines[place].metric
      return
        "\(names[place]): \(metric.metric) \(ComparisonTables.signed(metric.difference))"
        + (metric.interval95 == nil ? "" : " (\(ComparisonTables.text(metric.interval95)))")
    }
    func isFound(_ metric: MetricComparison) -> Bool { (metric.holm ?? 1) < comparison.alpha }
    func series(_ name: String, colour: Int?, isHollow: Bool, _ places: [Int]) -> Series {
      var series = Series(
        name, colour: colour, marker: isHollow ? .circle : .diamond,
        points: places.map { place in
          let metric = lines[place].metric
          return Series.Point(
            metric.difference, Double(place), xInterval: metric.interval95,
            label: ComparisonTables.signed(metric.difference), tip: tip(place))
        })
      series.isHollow = isHollow
      return series
    }
    let found = lines.indices.filter { isFound(lines[$0].metric) }
    let others = lines.indices.filter { !isFound(lines[$0].metric) }
    var figure = Figure(
      name: "comparison",
      title: "\(comparison.second) against \(comparison.first)",
      description: lines.indices.map(tip).joined(separator: "; ") + ".",
      subtitle: "each dataset's own metric, with the paired 95 % interval",
      x: Axis("difference (percentage points)", name: "difference", unit: .percent),
      y: Axis("", name: "dataset", scale: .categories(names)))
    figure.naming = .legend
    figure.height = 132 + 26 * Double(lines.count)
    figure.rules = [Rule(.x(0), label: nil, dash: .solid)]
    figure.series = [
      series("p < \(comparison.alpha) after Holm", colour: 1, isHollow: false, Array(found)),
      series("otherwise", colour: 0, isHollow: true, Array(others)),
    ].filter { !$0.points.isEmpty }
    return figure
  }
}
