package import Core

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
  /// `table-10.csv` and `table-11.csv`: a score a line, with the columns dataset, model, value, unit, source and perhaps family among others.
  package static func scores(
    _ text: String, subject: String
  ) throws(EvalError) -> (models: [PublishedScores], source: String) {
    let columns = CSVText.records(String(text.prefix { !$0.isNewline })).first ?? []
    let table = try ReferenceTable(text, columns: columns, subject: subject)
    let (dataset, model) = (try table.column("dataset"), try table.column("model"))
    let (value, unit) = (try table.column("value"), try table.column("unit"))
    let source = try table.column("source")
    let family = columns.firstIndex(of: "family")
    var models: [PublishedScores] = []
    var places: [[String]: Int] = [:]
    for row in table.rows {
      guard row.cells[unit] == "percent" else {
        throw table.error(row, "the unit percent, found \(row.cells[unit])")
      }
      let key = [family.map { row.cells[$0] } ?? "", row.cells[model]]
      let place = places[key] ?? models.count
      if place == models.count {
        models.append(PublishedScores(family: key[0], model: key[1], scores: [:]))
        places[key] = place
      }
      guard
        models[place].scores.updateValue(
          try table.number(row, value) / 100, forKey: row.cells[dataset])
          == nil
      else {
        throw table.error(row, "one score of \(key[1]) on \(row.cells[dataset]), found a second")
      }
    }
    return (models, table.sources(column: source))
  }

  /// `figure-4.csv`: model, gflops, contextless-names (class names alone), prompt-ensemble, unit, source.
  package static func prompting(
    _ text: String, subject: String
  ) throws(EvalError) -> (curves: [PromptingFigure.Curve], source: String) {
    let table = try ReferenceTable(
      text,
      columns: ["model", "gflops", "contextless-names", "prompt-ensemble", "unit", "source"],
      subject: subject)
    func curve(_ words: PromptingFigure.Words, _ column: Int) throws(EvalError)
      -> PromptingFigure.Curve
    {
      var points: [ScalePoint] = []
      for row in table.rows { points.append(try table.point(row, score: column, unit: 4)) }
      return PromptingFigure.Curve(words, points: points)
    }
    return ([try curve(.bare, 2), try curve(.ensemble, 3)], table.sources(column: 5))
  }

  /// `figure-9.csv`: model, gflops, mean-error, unit, source.
  package static func scaling(
    _ text: String, subject: String
  ) throws(EvalError) -> (points: [ScalePoint], source: String) {
    let table = try ReferenceTable(
      text, columns: ["model", "gflops", "mean-error", "unit", "source"], subject: subject)
    var points: [ScalePoint] = []
    for row in table.rows {
      var point = try table.point(row, score: 2, unit: 3)
      point.score = 1 - point.score
      points.append(point)
    }
    return (points, table.sources(column: 4))
  }
}

extension ReferenceTable {
  fileprivate func column(_ name: String) throws(EvalError) -> Int {
    guard let index = columns.firstIndex(of: name) else {
      throw EvalError(
        .malformedData, "expected a column \(name), found \(columns.joined(separator: ", "))",
        subject: subject)
    }
    return index
  }

  /// A ResNet of the paper: its name, and what an image costs it, are the first columns.
  fileprivate func point(_ row: Row, score: Int, unit: Int) throws(EvalError) -> ScalePoint {
    let cost = try number(row, 1)
    guard cost > 0 else { throw error(row, "a cost above 0, found \(row.cells[1])") }
    guard row.cells[unit] == "percent" else {
      throw error(row, "the unit percent, found \(row.cells[unit])")
    }
    return ScalePoint(
      model: row.cells[0], family: "ResNet", gflops: cost, score: try number(row, score) / 100)
  }
}
