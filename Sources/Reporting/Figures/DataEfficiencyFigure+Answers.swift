package import Probes

extension ShotsNeeded {
  package init(_ answer: DataEfficiency.Answer) {
    self =
      switch (answer.kind, answer.shots) {
      case (.interpolated, let shots?): .shots(shots)
      case (.extrapolated, let shots?): .extrapolated(shots)
      case (.notReached, _): .moreThan(answer.bound)
      default: .fewerThan(answer.bound)
      }
  }
}

extension DataEfficiencyChart {
  package init(
    model: String, datasets: [Dataset], summary: DataEfficiency.Summary,
    publishedSource: String? = nil
  ) {
    self.init(
      model: model, datasets: datasets, mean: summary.mean, median: summary.median,
      publishedSource: publishedSource)
  }
}
