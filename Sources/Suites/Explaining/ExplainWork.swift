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
      if let reason = sameness(evaluated, level.axis) {
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
    _ evaluated: VariantEvaluator.Evaluated, _ axis: ProtocolAxis
  ) -> String? {
    let (found, own) = (evaluated.row.protocol, row.protocol)
    return switch axis {
    case _ where evaluated.row.protocolHash == row.protocolHash: "it is how the result has it"
    case .preprocessing where found.preprocessing == own.preprocessing:
      "it is how the result has it"
    case .classNames where found.classNamesHash == own.classNamesHash && own.classNamesHash != nil:
      "the same names as \(own.classNameSet ?? "the result's")"
    case .split: sameSplit { $0.samples.hasSamples(of: evaluated.samples) }
    default: nil
    }
  }

  /// The result's split, or one that was tried, whose evaluation is such.
  private func sameSplit(_ isSame: (VariantEvaluator.Evaluated) -> Bool) -> String? {
    let others = tried.filter { $0.level.axis == .split }.map(\.evaluated)
    return ([baseEvaluated] + others).first(where: isSame).map {
      "the same samples as \($0.row.protocol.split ?? "the result's")"
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
    if level.axis == .split, let hash = look.splitHash,
      let reason = sameSplit({ $0.row.protocol.splitHash == hash })
    {
      leave(level, reason)
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
}

extension ScoredVariant {
  /// Classes of a result with samples, and all; nil where images have several.
  fileprivate var classCounts: (present: Int, all: Int)? {
    presentClassCount.flatMap { present in classCount.map { (present, $0) } }
  }
}
