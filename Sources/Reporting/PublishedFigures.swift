package import Core
package import ReferenceFiles

/// The paper's figures as `Reports/reference` holds them. Each table has a column `source` too.
package enum PublishedFigures {
  /// `figure-6.csv`: model, shots, percent; 0 shots are zero-shot.
  package static func fewShot(
    _ table: ReferenceTable
  ) throws(EvalError) -> (curves: [FewShotCurve], source: String) {
    var curves: [FewShotCurve] = []
    for row in table.rows {
      let model = try table.text(row, "model")
      let value = try table.percent(row, "percent")
      let shots = try table.requiredNumber(row, "shots")
      guard let value, let shots = Int(exactly: shots), shots >= 0 else {
        throw table.error(
          row, "shots",
          "expected a percentage of a number of shots, found \(try table.text(row, "percent")) of \(try table.text(row, "shots"))"
        )
      }
      if curves.last?.model != model { curves.append(FewShotCurve(model: model, points: [])) }
      if shots == 0 {
        curves[curves.count - 1].zeroShot = value
      } else {
        curves[curves.count - 1].points.append(.init(shots: shots, value: value))
      }
    }
    return (curves, try table.sources())
  }

  /// `figure-7.csv`: dataset, shots.
  package static func dataEfficiency(
    _ table: ReferenceTable
  ) throws(EvalError) -> (shots: [String: Double], source: String) {
    var shots: [String: Double] = [:]
    for row in table.rows {
      shots[try table.text(row, "dataset")] = try table.requiredNumber(row, "shots")
    }
    return (shots, try table.sources())
  }

  /// `figure-14-deltas.csv`: dataset, adaptToImageNet, adaptToClassShift, unit.
  package static func adaptation(
    _ table: ReferenceTable
  ) throws(EvalError) -> (changes: [AdaptationFigure.Change], source: String) {
    var changes: [AdaptationFigure.Change] = []
    for row in table.rows {
      changes.append(
        AdaptationFigure.Change(
          dataset: try table.text(row, "dataset"),
          toBase: try table.fraction(row, "adaptToImageNet"),
          toClassShift: try table.fraction(row, "adaptToClassShift")))
    }
    return (changes, try table.sources())
  }

  /// `figure-17.csv`: dataset, contamination, change (All − Clean) and difference (Overlap − Clean) in percent, p (`<0.001`, `<0.05` or
  /// `>0.05`).
  package static func overlap(
    _ table: ReferenceTable
  ) throws(EvalError) -> (datasets: [PublishedOverlap], source: String) {
    func share(_ row: ReferenceTable.Row, _ column: String) throws(EvalError) -> Double {
      guard let value = try table.percent(row, column) else {
        throw table.error(row, column, "expected a percentage, found an empty cell")
      }
      return value
    }
    var datasets: [PublishedOverlap] = []
    for row in table.rows {
      let text = try table.text(row, "p")
      guard let pValue = PublishedOverlap.PValue(rawValue: text) else {
        throw table.error(row, "p", "expected <0.001, <0.05 or >0.05, found \(text)")
      }
      datasets.append(
        PublishedOverlap(
          dataset: try table.text(row, "dataset"), contamination: try share(row, "contamination"),
          change: try share(row, "change"), difference: try share(row, "difference"),
          pValue: pValue))
    }
    return (datasets, try table.sources())
  }
}

/// A dataset of the paper's Figure 17. Fractions.
package struct PublishedOverlap: Sendable, Equatable {
  package enum PValue: String, Sendable {
    case belowThousandth = "<0.001"
    case belowTwentieth = "<0.05"
    case above = ">0.05"
  }

  package var dataset: String
  package var contamination: Double
  /// All − Clean.
  package var change: Double
  /// Overlap − Clean.
  package var difference: Double
  /// Of the one-sided binomial test, as the plot's legend tells it.
  package var pValue: PValue
}
