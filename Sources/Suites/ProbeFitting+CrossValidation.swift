import Core
import Foundation
import Probes

extension ProbeFitting {
  /// C by cross-validation of the drawn examples themselves, in min(k, 4) folds: the score of a C is the mean over folds, of equal
  /// ones the lowest C is taken. The last fit is on all examples.
  func crossValidated(_ data: ProbeData, folds: [Int?], checkpoints: ProbeCheckpoints) throws
    -> Fitted
  {
    guard probe.search != nil else {
      throw EvalError(.bug, "cross-validation without a search")
    }
    let parts = Set(folds.compactMap(\.self)).sorted().map { fold in
      (
        training: data.selecting(folds.indices.filter { folds[$0] != fold }),
        validation: data.selecting(folds.indices.filter { folds[$0] == fold })
      )
    }
    if let known = try known(checkpoints, fits: searchCount * parts.count + 1) { return known }
    let start = ContinuousClock.now
    var fits = 0
    func scores(_ points: [Int]) throws -> [Double] {
      let strengths = points.map(PaperGrid.value)
      var sums = [Double](repeating: 0, count: points.count)
      for (training, validation) in parts {
        let curve = try CSearch.run(
          training: training, validation: validation, grid: .points(strengths), options: solver,
          finishesBest: false,
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
    let found =
      probe.search == .flat ? try PaperGrid.all(scores) : try PaperGrid.halving(scores)
    guard let best = PaperGrid.best(found) else {
      throw EvalError(.bug, "a search without a point")
    }
    let fit = try LogisticRegression.fit(data, C: PaperGrid.value(best), options: solver)
    progress.advance(1, cached: false)
    let outcome = ProbeOutcome(
      curve: found.sorted { $0.key < $1.key }.map {
        .init(C: PaperGrid.value($0.key), score: $0.value, converged: nil)
      },
      isAtEdge: best == 0 || best == PaperGrid.count - 1, samples: data.count, fit: fit)
    try checkpoints.save(outcome)
    return Fitted(
      outcome: outcome, fits: fits + 1, seconds: (ContinuousClock.now - start).inSeconds)
  }
}
