package import Core
package import ReferenceFiles

/// A model's scores on datasets as a table printed them. Fractions.
package struct PublishedScores: Sendable, Equatable {
  /// Of Table 10 (`CLIP-RN`, `EfficientNet`); empty elsewhere.
  package var family: String
  package var model: String
  /// By dataset id.
  package var scores: [String: Double]

  package init(family: String, model: String, scores: [String: Double]) {
    self.family = family
    self.model = model
    self.scores = scores
  }

  /// Nil where one of them is missing.
  package func mean(_ datasets: [String]) -> Double? {
    let values = datasets.compactMap { scores[$0] }
    return values.count == datasets.count && !values.isEmpty
      ? values.reduce(0, +) / Double(values.count) : nil
  }
}

extension PublishedFigures {
  /// `table-10.csv` and `table-11.csv`: a score a line, with the columns dataset, model, value, unit and perhaps family.
  package static func scores(
    _ table: ReferenceTable
  ) throws(EvalError) -> (models: [PublishedScores], source: String) {
    var models: [PublishedScores] = []
    var places: [[String]: Int] = [:]
    let hasFamilies = table.has("family")
    for row in table.rows {
      let key = [hasFamilies ? try table.text(row, "family") : "", try table.text(row, "model")]
      let place = places[key] ?? models.count
      if place == models.count {
        models.append(PublishedScores(family: key[0], model: key[1], scores: [:]))
        places[key] = place
      }
      let dataset = try table.text(row, "dataset")
      guard models[place].scores.updateValue(try table.fraction(row), forKey: dataset) == nil
      else {
        throw table.error(
          row, "dataset", "expected one score of \(key[1]) on \(dataset), found a second")
      }
    }
    return (models, try table.sources())
  }

  /// `figure-4.csv`: model, gflops, contextless-names (class names alone), prompt-ensemble, unit.
  package static func prompting(
    _ table: ReferenceTable
  ) throws(EvalError) -> (curves: [PromptingFigure.Curve], source: String) {
    func curve(_ words: PromptingFigure.Words, _ column: String) throws(EvalError)
      -> PromptingFigure.Curve
    {
      var points: [ScalePoint] = []
      for row in table.rows { points.append(try table.point(row, score: column)) }
      return PromptingFigure.Curve(words, points: points)
    }
    return (
      [try curve(.bare, "contextless-names"), try curve(.ensemble, "prompt-ensemble")],
      try table.sources()
    )
  }

  /// `figure-9.csv`: model, gflops, mean-error, unit.
  package static func scaling(
    _ table: ReferenceTable
  ) throws(EvalError) -> (points: [ScalePoint], source: String) {
    var points: [ScalePoint] = []
    for row in table.rows {
      var point = try table.point(row, score: "mean-error")
      point.score = 1 - point.score
      points.append(point)
    }
    return (points, try table.sources())
  }
}

extension ReferenceTable {
  /// A ResNet of the paper, by the columns model and gflops.
  fileprivate func point(_ row: Row, score: String) throws(EvalError) -> ScalePoint {
    let cost = try requiredNumber(row, "gflops")
    guard cost > 0 else {
      throw error(row, "gflops", "expected a cost above 0, found \(try text(row, "gflops"))")
    }
    return ScalePoint(
      model: try text(row, "model"), family: "ResNet", gflops: cost,
      score: try fraction(row, score))
  }
}
