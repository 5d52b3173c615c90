import Core
import Experiments
import Foundation
import References
import Statistics

/// One result under every other protocol.
struct ExplainWork {
  private(set) var explanation: Explanation

  private let row: ResultRow
  private let evaluator: VariantEvaluator
  private let record: RunRecord
  private let published: PublishedResults
  private let figure: PublishedFigure?
  private let options: ExplainOptions
  private let progress: any ProgressSink
  private let label: String
  private let base: VariantTask
  private let baseEvaluated: VariantEvaluator.Evaluated
  /// Of `explanation.variants`, in their order.
  private var tried: [(level: VariantLevel, evaluated: VariantEvaluator.Evaluated)] = []
  /// Tasks of the dataset whose features may be another's too.
  private var relatives: [PlannedTask] = []

  init(
    _ entry: RunResults.Entry, _ evaluator: VariantEvaluator, _ record: RunRecord,
    _ published: PublishedResults, _ figure: PublishedFigure?, _ options: ExplainOptions,
    _ explanation: Explanation, progress: any ProgressSink, label: String
  ) throws {
    row = entry.row
    (self.evaluator, self.record, self.published) = (evaluator, record, published)
    (self.figure, self.options, self.explanation) = (figure, options, explanation)
    (self.progress, self.label) = (progress, label)
    base = try evaluator.base(entry.task)
    baseEvaluated = try Self.baseline(base, row, evaluator)
  }

  mutating func run() throws {
    let levels = try VariantLevels(
      base, row, options: options, classes: baseEvaluated.samples.classCounts)
    explanation.levels = levels.own
    explanation.notTried = levels.notTried
    relatives = levels.levels.compactMap { level in
      guard level.axis == .split else { return nil }
      return changed([level]).task
    }
    progress.begin("\(label) variants", total: levels.levels.count)
    for (number, level) in levels.levels.enumerated() {
      try Interruption.check()
      try attempt(level)
      guard options.computed.contains(level.axis) else {
        progress.advance(1, cached: false)
        continue
      }
      // What was computed had a progress of its own.
      progress.begin("\(label) variants", total: levels.levels.count)
      progress.advance(number + 1, cached: true)
    }
    progress.end()
    try testMoves()
    explanation.count(nearTies: row.nearTies ?? 0)
    if explanation.gap != nil, explanation.verdict != .agrees { try attribute() }
    explanation.tried = evaluator.count - 1
    explanation.causes = published.causes(for: row).map(finding)
    explanation.notTried = Self.collapsed(explanation.notTried)
    explanation.conclude()
  }

  // MARK: the result itself

  /// The result made again; it has to come out as it is recorded.
  private static func baseline(
    _ base: VariantTask, _ row: ResultRow, _ evaluator: VariantEvaluator
  ) throws -> VariantEvaluator.Evaluated {
    let look = try evaluator.look(base, base: base, others: [])
    if look.missing > 0 {
      throw EvalError(
        .incomplete,
        "the features of \(look.missing) of its \(look.count ?? look.missing) images are not in the store, or the images changed since",
        subject: row.dataset,
        remedy:
          "The command that made the run embeds them again; CLIP_EVAL_CACHE names another store.")
    }
    let found = try evaluator.evaluate(
      base, metric: row.metric, base: base, progress: SilentProgress())
    let differing = EvaluationProtocol.CodingKeys.allCases.filter {
      found.row.protocol.text($0) != row.protocol.text($0)
    }
    let isSame =
      differing.isEmpty && found.row.value == row.value && found.row.n == row.n
      && found.row.nFailed == row.nFailed
    guard !isSame else { return found }
    func short(_ text: String?) -> String {
      text.map { $0.count > 40 ? "\($0.prefix(12))…" : $0 } ?? "none"
    }
    let changes = differing.map { key in
      "\(key.rawValue) was \(short(row.protocol.text(key))) and is \(short(found.row.protocol.text(key)))"
    }
    throw EvalError(
      .badSuite,
      "the result cannot be made again: "
        + (changes.isEmpty
          ? "its protocol is the same, and \(row.metric) was \(row.value ?? .nan) of \(row.n) and is \(found.row.value ?? .nan) of \(found.row.n)"
          : changes.joined(separator: "; ")),
      subject: row.dataset, remedy: remedy(differing))
  }

  private static func remedy(_ keys: [EvaluationProtocol.CodingKeys]) -> String {
    let words: Set<EvaluationProtocol.CodingKeys> = [
      .classNameSet, .classNamesHash, .templateSet, .templatesHash,
    ]
    let data: Set<EvaluationProtocol.CodingKeys> = [
      .layout, .variant, .split, .splitHash, .datasetFingerprint,
    ]
    if keys.isEmpty { return "Program or processor are others: run it again here." }
    if keys.contains(where: words.contains) {
      return "The prompt sets changed since: name those of then with --prompts, or run it again."
    }
    if keys.contains(.weightsSHA256) || keys.contains(.model) {
      return "It is another checkpoint: name the run's with --model, or run it again."
    }
    if keys.contains(where: data.contains) {
      return "The data changed since: name those of then with --data-root, or run it again."
    }
    return "Run it again with this version: what is embedded is not embedded again."
  }

  // MARK: one change

  private func changed(_ levels: [VariantLevel]) -> VariantTask {
    var variant = base
    for level in levels { level.change.apply(to: &variant) }
    return variant
  }

  private mutating func leave(_ level: VariantLevel, _ reason: String, wholeAxis: Bool = false) {
    explanation.notTried.append(
      .init(axis: level.axis, level: wholeAxis ? nil : level.name, reason: reason))
  }

  private mutating func attempt(_ level: VariantLevel) throws {
    if level.axis.needsModel, !options.computed.contains(level.axis) {
      return leave(
        level,
        "needs the model on \(row.n + row.nFailed) images: add --with \(level.axis.rawValue)",
        wholeAxis: true)
    }
    do {
      let variant = changed([level])
      guard try isAtHand(level, variant) else { return }
      let evaluated = try evaluate(variant, computing: level.axis)
      guard evaluated.row.protocolHash != row.protocolHash else {
        return leave(level, "it is how the result has it")
      }
      let own = row.protocol
      let found = evaluated.row.protocol
      switch level.axis {
      case .preprocessing where found.preprocessing == own.preprocessing:
        return leave(level, "it is how the result has it")
      case .classNames
      where found.classNamesHash == own.classNamesHash && own.classNamesHash != nil:
        return leave(level, "the same names as \(own.classNameSet ?? "the result's")")
      case .split where found.splitHash == own.splitHash && own.splitHash != nil:
        return leave(level, "the same samples as \(own.split ?? "the result's")")
      default: break
      }
      add(level, evaluated)
    } catch let error as EvalError
      where [.notFound, .malformedData, .badSuite, .usage, .taskFailed].contains(error.kind)
    {
      // Splits that lack the same thing are told together.
      leave(level, Self.brief(error).replacing("the split \(level.name) of", with: "the split of"))
    } catch let left as NoSampleLeft {
      leave(level, Self.brief(left.error))
    }
  }

  private func evaluate(
    _ variant: VariantTask, computing axis: ProtocolAxis? = nil
  ) throws -> VariantEvaluator.Evaluated {
    let isComputed = axis.map { options.computed.contains($0) } ?? false
    return try evaluator.evaluate(
      variant, metric: row.metric, base: base,
      progress: isComputed ? progress : SilentProgress())
  }

  /// Whether a level's images are embedded, or may be, and are others than the result's.
  private mutating func isAtHand(_ level: VariantLevel, _ variant: VariantTask) throws -> Bool {
    guard [.split, .options, .preprocessing].contains(level.axis) else { return true }
    let look = try evaluator.look(variant, base: base, others: [base.task] + relatives)
    if level.axis == .split, look.splitHash != nil, look.splitHash == row.protocol.splitHash {
      leave(level, "the same samples as \(row.protocol.split ?? "the result's")")
      return false
    }
    let needed: ProtocolAxis = level.axis == .options ? .split : level.axis
    guard look.missing == 0 || options.computed.contains(needed) else {
      leave(
        level,
        "needs \(look.missing) of \(look.count ?? look.missing) images embedded: add --with \(needed.rawValue)"
      )
      return false
    }
    return true
  }

  private static func brief(_ error: EvalError) -> String {
    let text = error.message
    guard text.count > 160 else { return text }
    return "\(text.prefix(157))…"
  }

  private mutating func add(_ level: VariantLevel, _ evaluated: VariantEvaluator.Evaluated) {
    let value = evaluated.row.value ?? .nan
    tried.append((level, evaluated))
    explanation.variants.append(
      .init(
        axis: level.axis, level: level.name,
        isPapers: level.isPapers || (level.axis == .split && hasPapersImages(evaluated.row)),
        documented: documented(level), value: value, n: evaluated.row.n,
        move: value - explanation.value,
        remaining: figure.map { value - $0.reference.value }, agrees: agrees(evaluated.row),
        protocolHash: evaluated.row.protocolHash.hex))
  }

  /// By the rule of verdicts, held against the number that the result is held against.
  private func agrees(_ variant: ResultRow) -> Bool? {
    guard var figure else { return nil }
    if variant.protocol.splitHash != row.protocol.splitHash {
      figure.usesSameImages = hasPapersImages(variant)
    }
    // Ties of the variant's own must not make it agree: probabilities that saturate have many.
    return Verdict.compare(
      variant.value ?? .nan, interval95: variant.interval95, count: variant.n,
      nearTies: min(variant.nearTies ?? 0, row.nearTies ?? 0), with: figure) == .agrees
  }

  /// Whether a variant's samples are those of the published number, by split and count.
  private func hasPapersImages(_ variant: ResultRow) -> Bool {
    var held = variant
    (held.metric, held.model) = (row.metric, row.model)
    return published.figure(for: held)?.usesSameImages ?? false
  }

  private func documented(_ level: VariantLevel) -> String? {
    if let cause = published.causes(for: row).first(where: {
      $0.axis.axis == level.axis && $0.status != .unexplained
    }) {
      return "known cause \(cause.id) (\(cause.status.rawValue))"
    }
    for other in published.others(for: row) {
      if let difference = other.differences.first(where: { $0.axis.axis == level.axis }) {
        return "\(other.harness): \(difference.text)"
      }
    }
    return nil
  }

  // MARK: intervals and parts

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

  private mutating func testMoves() throws {
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

  private mutating func attribute() throws {
    guard let gap = explanation.gap, let figure, !tried.isEmpty else { return }
    let choice = try AttributionChoice(
      explanation.variants, gap: gap, usesSameImages: figure.usesSameImages
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

  // MARK: what is known

  private func finding(_ cause: KnownCause) -> Explanation.Cause {
    guard let axis = cause.axis.axis else {
      return .init(cause, isTested: false, finding: cause.axis.untestable)
    }
    let own = explanation.variants.filter { $0.axis == axis }
    if !own.isEmpty {
      let best =
        explanation.gap.map { gap in
          own.min { abs(gap + $0.move) < abs(gap + $1.move) }
        } ?? own.max { abs($0.move) < abs($1.move) }
      let points = (best?.move ?? 0) * 100
      return .init(
        cause, isTested: true,
        finding:
          "\(own.count == 1 ? "1 variant" : "\(own.count) variants") of the \(axis.title) tried: \(best?.level ?? "") moves it by \(String(format: "%+.1f", points).replacing("-", with: "−"))"
      )
    }
    let reasons = explanation.notTried.filter { $0.axis == axis }
    return .init(
      cause, isTested: false,
      finding: reasons.first.map {
        [$0.level, $0.reason].compactMap(\.self).joined(separator: ": ")
      }
        ?? (options.axes.isEmpty || options.axes.contains(axis)
          ? "no other \(axis.title) are at hand" : "not asked for"))
  }

  /// Levels of one axis with one reason as one.
  private static func collapsed(_ all: [Explanation.NotTried]) -> [Explanation.NotTried] {
    var result: [Explanation.NotTried] = []
    for entry in all {
      guard
        let place = result.firstIndex(where: { $0.axis == entry.axis && $0.reason == entry.reason })
      else {
        result.append(entry)
        continue
      }
      if let level = entry.level, let known = result[place].level,
        !known.components(separatedBy: ", ").contains(level)
      {
        result[place].level = "\(known), \(level)"
      }
    }
    return result
  }
}

extension KnownCause.Axis {
  /// What of a protocol is set another way to test it; nil where nothing that is scored anew is.
  var axis: ProtocolAxis? {
    switch self {
    case .classNames: .classNames
    case .templates: .templates
    case .metric: .metric
    case .split: .split
    case .preprocessing: .preprocessing
    case .precision: .precision
    case .frames: .options
    case .captions, .features, .probe, .publication, .unknown: nil
    }
  }

  fileprivate var untestable: String {
    switch self {
    case .publication: "the published numbers disagree among themselves: nothing can be scored anew"
    case .unknown: "nobody knows what to change"
    default: "it is of other experiments"
    }
  }
}

extension ScoredVariant {
  /// Classes of a result with samples, and all; nil where images have several.
  fileprivate var classCounts: (present: Int, all: Int)? {
    presentClassCount.flatMap { present in classCount.map { (present, $0) } }
  }
}
