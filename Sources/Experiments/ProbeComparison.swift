package import Core
package import Probes
import Statistics

/// Zero-shot against probes of the same model on the same datasets, from result rows: what Figures 6 to 8 of the paper show.
///
/// Of several zero-shot results on a dataset the last counts whose template set is no single template: suites list class names and
/// templates from the plainest to the fullest. Scores are the datasets' own metrics.
package struct ProbeComparison: Sendable {
  package static let dataEfficiency = "data-efficiency"
  package static let correlation = "correlation"
  /// Values of these experiments are no fractions, and tables of scores leave them out.
  package static let names: Set<String> = [dataEfficiency, correlation]
  package static let shotsMetric = "shots-to-match-zero-shot"

  /// One dataset of a model.
  package struct Dataset: Sendable {
    package var name: String
    package var zeroShot: ResultRow?
    /// On the whole training split.
    package var linear: ResultRow?
    /// Means over seeds, by rising shots.
    package var fewShot: [ResultRow]
    /// Of single seeds.
    package var draws: [ResultRow]
  }

  package struct Model: Sendable {
    package var name: String
    package var datasets: [Dataset]
  }

  package let models: [Model]

  /// - Parameter rows: of any experiments.
  package init(_ rows: [ResultRow]) {
    let known: Set = [ZeroShotExperiment.name, ProbeExperiment.linear, ProbeExperiment.fewShot]
    let rows = rows.filter { known.contains($0.experiment) && !$0.protocol.isOfSingleTemplate }
    models = rows.map(\.model).uniqued().map { model in
      let own = rows.filter { $0.model == model }
      let names = own.map { [$0.dataset, $0.protocol.datasetOptions].compactMap(\.self) }.uniqued()
      return Model(
        name: model,
        datasets: names.map { name in
          Self.dataset(
            name.joined(separator: " "),
            own.filter { [$0.dataset, $0.protocol.datasetOptions].compactMap(\.self) == name })
        })
    }
  }

  private static func dataset(_ name: String, _ rows: [ResultRow]) -> Dataset {
    let few = rows.filter { $0.experiment == ProbeExperiment.fewShot }
    let linear = rows.filter { $0.experiment == ProbeExperiment.linear }
    // The dataset's own metric comes first among a probe's rows.
    let metric = (few.first ?? linear.first)?.metric
    let means = few.filter { $0.probe?.seeds != nil }
    let shots = Set(means.compactMap { $0.probe?.shots }).sorted()
    return Dataset(
      name: name,
      zeroShot: rows.last { $0.experiment == ZeroShotExperiment.name && $0.metric == metric },
      linear: linear.last { $0.metric == metric },
      fewShot: shots.compactMap { shots in means.last { $0.probe?.shots == shots } },
      draws: few.filter { $0.probe?.seed != nil })
  }
}

extension ProbeComparison.Dataset {
  /// Figure 7; nil without zero-shot, or without few-shot probes.
  package func efficiency() throws(EvalError) -> DataEfficiency.Answer? {
    guard let zeroShot = zeroShot?.value else { return nil }
    let curve = fewShot.compactMap { row in
      row.probe?.shots.flatMap { shots in
        row.value.map { DataEfficiency.Point(shots: Double(shots), accuracy: $0) }
      }
    }
    guard !curve.isEmpty else { return nil }
    return try DataEfficiency.shots(toReach: zeroShot, curve: curve, full: full)
  }

  /// The probe on the whole training split, at its training samples ÷ classes.
  private var full: DataEfficiency.Point? {
    guard let linear, let value = linear.value, let samples = linear.probe?.trainingSamples,
      let classes = linear.protocol.probe?.classCount, classes > 0
    else { return nil }
    return DataEfficiency.Point(shots: Double(samples) / Double(classes), accuracy: value)
  }
}

extension ProbeComparison {
  /// The rows that are made of others, in the order they stand behind them.
  package func rows() throws -> [ResultRow] { try efficiencyRows() + correlationRows() }

  /// A row for each dataset of Figure 7. The value is a number of examples a class, nil where there is none: the metric in the protocol
  /// says why, and with which bound.
  package func efficiencyRows() throws -> [ResultRow] {
    try models.flatMap { model in
      try model.datasets.compactMap { dataset in
        guard let answer = try dataset.efficiency(), let zeroShot = dataset.zeroShot,
          let few = dataset.fewShot.first
        else { return nil }
        var entry = few.protocol
        entry.classNameSet = zeroShot.protocol.classNameSet
        entry.classNamesHash = zeroShot.protocol.classNamesHash
        entry.templateSet = zeroShot.protocol.templateSet
        entry.templatesHash = zeroShot.protocol.templatesHash
        entry.ensemble = zeroShot.protocol.ensemble
        entry.probe?.shots = nil
        entry.probe?.drawHash = nil
        let points = dataset.fewShot.compactMap { $0.probe?.shots.map { "\($0)" } }
        entry.metric =
          "\(Self.shotsMetric) of=\(few.metric) points=\(points.joined(separator: ","))\(dataset.linear == nil ? "" : ",all") kind=\(answer.kind.rawValue)"
          + (answer.shots == nil ? " bound=\(answer.bound)" : "")
        let sources = [zeroShot, dataset.linear].compactMap(\.self) + dataset.fewShot
        entry.sources = try Self.hash(of: sources)
        return try ResultRow(
          experiment: Self.dataEfficiency, dataset: few.dataset, model: model.name,
          metric: Self.shotsMetric, value: answer.shots, interval95: nil, interval99_5: nil,
          intervalMethod: nil, n: few.n, nExpected: few.nExpected,
          nFailed: sources.map(\.nFailed).max() ?? 0,
          partial: sources.contains(where: \.partial), chance: nil, reference: nil,
          verdict: .noReference, nearTies: nil, emptyClasses: nil, protocol: entry)
      }
    }
  }

  /// Over the protocols of the rows that one is made of.
  private static func hash(of rows: [ResultRow]) throws -> SHA256Digest {
    SHA256.hash(try rows.map { try $0.protocol.hash().hex }.joined(separator: "\n"))
  }

  /// Two rows for each model of Figure 8: Pearson's r, and the slope of zero-shot on the probe. n counts datasets.
  package func correlationRows() throws -> [ResultRow] {
    try models.flatMap { model -> [ResultRow] in
      let pairs = model.datasets.compactMap { dataset in
        dataset.zeroShot.flatMap { zeroShot in dataset.linear.map { (zeroShot, $0) } }
      }.filter { $0.0.value != nil && $0.1.value != nil }
      let (x, y) = (pairs.compactMap(\.1.value), pairs.compactMap(\.0.value))
      guard pairs.count > 2, let correlation = Correlation(x, y), let line = LinearFit(x, y) else {
        return []
      }
      func row(_ metric: String, _ value: Double, _ interval: Interval?, _ method: String) throws
        -> ResultRow
      {
        var entry = EvaluationProtocol(
          dataset: pairs.map(\.0.dataset).joined(separator: "+"), model: model.name)
        entry.metric = "\(metric) of=zero-shot on=linear-probe"
        entry.sources = try Self.hash(of: pairs.flatMap { [$0.0, $0.1] })
        return try ResultRow(
          experiment: Self.correlation, dataset: "\(pairs.count) datasets", model: model.name,
          metric: metric, value: value, interval95: interval, interval99_5: nil,
          intervalMethod: interval == nil ? nil : method, n: pairs.count, nExpected: nil,
          nFailed: 0, partial: pairs.contains { $0.0.partial || $0.1.partial }, chance: nil,
          reference: nil, verdict: .noReference, nearTies: nil, emptyClasses: nil, protocol: entry)
      }
      return [
        try row("pearson-r", correlation.r, correlation.interval95, Correlation.intervalMethod),
        try row(
          "slope", line.slope, LinearFit.bootstrapSlope(x, y), LinearFit.bootstrapMethod()),
      ]
    }
  }
}
