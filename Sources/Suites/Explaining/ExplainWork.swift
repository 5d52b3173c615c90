import Core
import Experiments
import Foundation
import References
import Statistics

/// One result under every other protocol.
struct ExplainWork {
  var explanation: Explanation

  let row: ResultRow
  let evaluator: VariantEvaluator
  let record: RunRecord
  let published: PublishedResults
  let figure: PublishedFigure?
  let options: ExplainOptions
  let progress: any ProgressSink
  let label: String
  let base: VariantTask
  let baseEvaluated: VariantEvaluator.Evaluated
  /// Of `explanation.variants`, in their order.
  var tried: [(level: VariantLevel, evaluated: VariantEvaluator.Evaluated)] = []
  /// Evaluations that turned out to be of the result's own protocol.
  private var repeats = 0
  /// Tasks of the dataset whose features may be another's too.
  var relatives: [PlannedTask] = []

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
    explanation.tried = evaluator.count - 1 - repeats
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

  func changed(_ levels: [VariantLevel]) -> VariantTask {
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
      if let reason = sameness(evaluated.row.protocol, level.axis, evaluated.row.protocolHash) {
        repeats += 1
        return leave(level, reason)
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

  /// Why a variant is the result itself under another name; nil where it is not.
  private func sameness(
    _ found: EvaluationProtocol, _ axis: ProtocolAxis, _ hash: SHA256Digest
  ) -> String? {
    let own = row.protocol
    return switch axis {
    case _ where hash == row.protocolHash: "it is how the result has it"
    case .preprocessing where found.preprocessing == own.preprocessing:
      "it is how the result has it"
    case .classNames where found.classNamesHash == own.classNamesHash && own.classNamesHash != nil:
      "the same names as \(own.classNameSet ?? "the result's")"
    case .split where found.splitHash == own.splitHash && own.splitHash != nil:
      "the same samples as \(own.split ?? "the result's")"
    default: nil
    }
  }

  func evaluate(
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
  func agrees(_ variant: ResultRow) -> Bool? {
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
}

extension ScoredVariant {
  /// Classes of a result with samples, and all; nil where images have several.
  fileprivate var classCounts: (present: Int, all: Int)? {
    presentClassCount.flatMap { present in classCount.map { (present, $0) } }
  }
}
