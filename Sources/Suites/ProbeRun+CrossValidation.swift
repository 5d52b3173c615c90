import Core
import Experiments
import Foundation
import Probes

extension ProbeRun {
  /// C by cross-validation of the drawn examples themselves, in min(k, 4) folds: the score of a C is the mean over folds, of equal
  /// ones the lowest C is taken. The last fit is on all examples.
  ///
  /// - Parameter seed: of the folds too.
  func crossValidated(
    _ data: ProbeData, _ split: FewShotSplit, _ strata: ClassStrata, _ training: Training,
    _ identity: ProbeProtocol, shots: Int, seed: Int, part: String, label: String,
    _ tally: inout Tally
  ) throws -> ProbeOutcome {
    guard let search = probe.search else {
      throw EvalError(.bug, "cross-validation without a search")
    }
    let checkpoints = try checkpoints(
      training.train.record, identity, part: part, isMultiLabel: data.isMultiLabel)
    if !options.isFresh, let known = try checkpoints.outcome() { return known }
    let folds = try strata.folds(
      min(shots, 4), seed: UInt64(seed), among: split.trainRows,
      subject: "\(task.dataset) \(training.train.name)")
    let foldOfRow = split.trainRows.map { folds[$0] }
    let parts = Set(foldOfRow.compactMap(\.self)).sorted().map { fold in
      (
        training: data.selecting(foldOfRow.indices.filter { foldOfRow[$0] != fold }),
        validation: data.selecting(foldOfRow.indices.filter { foldOfRow[$0] == fold })
      )
    }
    let start = ContinuousClock.now
    defer { tally.fitSeconds += (ContinuousClock.now - start).inSeconds }
    let grid = search == .paper ? PaperGrid.fitCount : PaperGrid.count
    progress.begin("\(task.dataset)\(label) fits", total: grid * parts.count + 1)
    defer { progress.end() }
    var fits = 0
    func scores(_ points: [Int]) throws -> [Double] {
      let strengths = points.map(PaperGrid.value)
      var sums = [Double](repeating: 0, count: points.count)
      for (training, validation) in parts {
        let curve = try CSearch.run(
          training: training, validation: validation, grid: .points(strengths),
          options: solverOptions, finishesBest: false,
          score: {
            try ProbeScore.value(logits: $0, labels: validation.labels, metric: metric)
          },
          onFit: { _ in
            fits += 1
            progress.advance(1, cached: false)
          }
        ).curve
        for (index, C) in strengths.enumerated() {
          sums[index] += curve.first { $0.C == C }?.score ?? 0
        }
      }
      return sums.map { $0 / Double(parts.count) }
    }
    let found = search == .paper ? try PaperGrid.halving(scores) : try PaperGrid.all(scores)
    guard let best = PaperGrid.best(found) else {
      throw EvalError(.bug, "a search without a point")
    }
    let fit = try LogisticRegression.fit(data, C: PaperGrid.value(best), options: solverOptions)
    progress.advance(1, cached: false)
    tally.fits += fits + 1
    let outcome = ProbeOutcome(
      curve: found.sorted { $0.key < $1.key }.map {
        .init(C: PaperGrid.value($0.key), score: $0.value)
      },
      isAtEdge: best == 0 || best == PaperGrid.count - 1, samples: data.count, fit: fit)
    try checkpoints.save(outcome)
    return outcome
  }
}
