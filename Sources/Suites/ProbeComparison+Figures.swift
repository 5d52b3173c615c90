import Experiments
import Probes
import Reporting
import Statistics

/// Figures 6 to 8 of the paper.
extension ProbeComparison {
  /// Figure 6 over the datasets on which every model has every number of shots; nil without any.
  func fewShot() -> FewShotComparison? {
    let models = models.filter { $0.datasets.contains { !$0.fewShot.isEmpty } }
    func shots(_ dataset: Dataset) -> [Int] { dataset.fewShot.compactMap { $0.probe?.shots } }
    let wanted = Set(models.flatMap { $0.datasets.flatMap(shots) }).sorted()
    let complete = models.map { model in
      Set(model.datasets.filter { shots($0) == wanted }.map(\.name))
    }
    guard let first = models.first,
      let common = complete.dropFirst().reduce(complete.first, { $0?.intersection($1) }),
      !common.isEmpty, !wanted.isEmpty
    else { return nil }
    let names = first.datasets.map(\.name).filter { common.contains($0) }
    let curves = models.map { model in
      let datasets = model.datasets.filter { common.contains($0.name) }
      let zeroShot = datasets.compactMap { $0.zeroShot?.value }
      return FewShotCurve(
        model: model.name,
        points: wanted.compactMap { shots in point(shots, datasets) },
        zeroShot: zeroShot.count == datasets.count ? mean(zeroShot) : nil)
    }
    let seeds = Set(
      models.flatMap { $0.datasets.flatMap { $0.fewShot.compactMap { $0.probe?.seeds } } })
    return FewShotComparison(
      curves: curves, datasets: names, seeds: seeds.count == 1 ? seeds.first : nil)
  }

  /// The mean over datasets, with the t-interval of that mean over seeds.
  private func point(_ shots: Int, _ datasets: [Dataset]) -> FewShotCurve.Point? {
    let values = datasets.compactMap { dataset in
      dataset.fewShot.first { $0.probe?.shots == shots }?.value
    }
    guard values.count == datasets.count, !values.isEmpty else { return nil }
    let draws = datasets.map { dataset in dataset.draws.filter { $0.probe?.shots == shots } }
    let seeds = Set(draws.flatMap { $0.compactMap { $0.probe?.seed } }).sorted()
    let means = seeds.compactMap { seed in
      let own = draws.compactMap { rows in rows.last { $0.probe?.seed == seed }?.value }
      return own.count == datasets.count ? mean(own) : nil
    }
    return .init(
      shots: shots, value: mean(values),
      interval: means.count == seeds.count ? SeedSummary(means)?.trainingInterval95 : nil)
  }

  private func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(values.count)
  }

  /// Figure 7 of each model that has it.
  func efficiencyCharts() throws -> [DataEfficiencyChart] {
    try models.compactMap { model in
      var answers: [DataEfficiency.Answer] = []
      var datasets: [DataEfficiencyChart.Dataset] = []
      for dataset in model.datasets {
        guard let answer = try dataset.efficiency() else { continue }
        answers.append(answer)
        datasets.append(
          .init(dataset.name, needed: ShotsNeeded(answer), zeroShot: dataset.zeroShot?.value))
      }
      guard !datasets.isEmpty else { return nil }
      return DataEfficiencyChart(
        model: model.name, datasets: datasets, summary: DataEfficiency.summary(answers))
    }
  }

  /// Figure 8 of each model with three datasets or more.
  func correlations() -> [ZeroShotCorrelation] {
    models.compactMap { model in
      let datasets = model.datasets.compactMap { dataset -> ZeroShotCorrelation.Dataset? in
        guard let zeroShot = dataset.zeroShot, let linear = dataset.linear,
          let x = linear.value, let y = zeroShot.value
        else { return nil }
        return .init(
          dataset.name, probe: x, zeroShot: y, probeInterval: linear.interval95,
          zeroShotInterval: zeroShot.interval95)
      }
      guard datasets.count > 2 else { return nil }
      return ZeroShotCorrelation(
        model: model.name, datasets: datasets, regression: .init(datasets))
    }
  }
}
