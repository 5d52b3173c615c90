import Core
import EmbeddingPipeline
import Experiments

extension ExplainWork {
  /// The result made again; it has to come out as it is recorded.
  static func baseline(
    _ base: VariantTask, _ row: ResultRow, _ evaluator: VariantEvaluator
  ) throws -> VariantEvaluator.Evaluated {
    let look = try evaluator.look(base, base: base, others: [])
    if let weights = look.weights, let own = row.protocol.weightsSHA256, weights != own {
      throw EvalError(
        .badSuite,
        "the result cannot be made again: weightsSHA256 was \(own.hex.prefix(12))… and is \(weights.hex.prefix(12))…",
        subject: row.dataset, remedy: remedy([.weightsSHA256]))
    }
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
}
