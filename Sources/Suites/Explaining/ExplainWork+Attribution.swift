import Core
import Experiments
import Statistics

extension ExplainWork {
  private func scores(
    _ evaluated: [VariantEvaluator.Evaluated]
  ) throws -> VariantScores {
    let scores = try VariantScores(
      [baseEvaluated.samples] + evaluated.map(\.samples), unit: Self.unit(of: row),
      resamples: options.resamples, threads: options.threads)
    let rows = [row] + evaluated.map(\.row)
    for (value, row) in zip(try scores.values(), rows) {
      guard let value, let recorded = row.value, abs(value - recorded) < 1e-9 else {
        throw EvalError(
          .bug, "samples give \(value ?? .nan) where the result says \(row.value ?? .nan)",
          subject: row.dataset)
      }
    }
    return scores
  }

  private static func unit(of row: ResultRow) -> String? {
    row.intervalMethod?.split(separator: " ").first { $0.hasPrefix("clusters=") }.map {
      String($0.dropFirst("clusters=".count))
    }
  }

  mutating func testMoves() throws {
    guard !tried.isEmpty else { return }
    let scores = try scores(tried.map(\.evaluated))
    let moves = tried.indices.map { [$0 + 1: 1.0, 0: -1.0] }
    let estimates = try scores.estimates(moves)
    for (number, estimate) in estimates.enumerated() {
      explanation.variants[number].interval95 = estimate?.interval
      explanation.variants[number].intervalMethod =
        estimate?.interval == nil ? nil : scores.methodName(of: moves[number])
      explanation.variants[number].pValue = estimate?.pValue
    }
    let tested = explanation.variants.indices.filter { explanation.variants[$0].pValue != nil }
    let adjusted = AdjustedPValues.adjust(
      tested.compactMap { explanation.variants[$0].pValue }, by: .holm)
    for (number, value) in zip(tested, adjusted ?? []) {
      explanation.variants[number].holm = value
    }
  }

  /// Several of the changes at once; nil where they cannot be made together.
  private func together(_ set: VariantSet) throws -> VariantEvaluator.Evaluated? {
    if set.isEmpty { return baseEvaluated }
    let levels = set.sorted().map { tried[$0].level }
    let variant = changed(levels)
    do {
      let look = try evaluator.look(variant, base: base, others: [base.task] + relatives)
      let mayCompute = levels.contains { options.computed.contains($0.axis) }
      guard look.missing == 0 || mayCompute else { return nil }
      return try evaluate(variant)
    } catch let error as EvalError
      where [.notFound, .malformedData, .badSuite, .usage, .taskFailed].contains(error.kind)
    {
      return nil
    }
  }

  mutating func attribute() throws {
    guard let gap = explanation.gap, let figure, !tried.isEmpty else { return }
    let choice = try AttributionChoice(
      explanation.variants, gap: gap,
      isExact: { usesSameImages(tried[$0].evaluated.row) }
    ) { set in
      try together(set).map {
        .init(
          move: ($0.row.value ?? .nan) - explanation.value, agrees: agrees($0.row) ?? false)
      }
    }
    let players = choice.players
    guard !players.isEmpty else { return }
    var cells: [VariantEvaluator.Evaluated] = []
    for coalition in 1..<1 << players.count {
      let set = VariantSet(
        players.indices.filter { coalition & 1 << $0 != 0 }.map { players[$0] })
      guard let cell = try together(set) else {
        explanation.notTried += set.map {
          .init(
            axis: explanation.variants[$0].axis, level: explanation.variants[$0].level,
            reason: "cannot be combined with the other changes: the gap is not divided")
        }
        return
      }
      cells.append(cell)
    }
    guard let all = cells.last else { return }
    let scores = try scores(cells)
    let weights = Shapley.weights(players: players.count)
    let combinations =
      weights.map { weights in
        Dictionary(uniqueKeysWithValues: weights.enumerated().map { ($0.offset, $0.element) })
      } + [[cells.count: 1.0, 0: -1.0]]
    let estimates = try scores.estimates(combinations)
    let values = [explanation.value] + cells.map { $0.row.value ?? .nan }
    let parts = players.enumerated().map { place, number -> Explanation.Attribution.Part in
      let variant = explanation.variants[number]
      return .init(
        axis: variant.axis, level: variant.level, choice: variant.isPapers ? .papers : .looking,
        single: variant.move,
        shapley: zip(weights[place], values).reduce(0) { $0 + $1.0 * $1.1 },
        interval95: estimates.indices.contains(place) ? estimates[place]?.interval : nil)
    }
    let value = values.last ?? .nan
    let total = estimates.last.flatMap(\.self)
    explanation.attribution = .init(
      parts: parts, value: value, move: value - explanation.value, interval95: total?.interval,
      residual: value - figure.reference.value,
      residualInterval95: figure.interval(of: value, all.row.interval95),
      agrees: agrees(all.row) ?? false,
      intervalMethod: total?.interval == nil
        ? nil : scores.methodName(of: combinations[players.count]))
    if choice.explains {
      explanation.verdict = .differsByProtocol
      explanation.explainedBy = players.map { explanation.variants[$0].text }.joined(
        separator: ", ")
    }
  }
}
