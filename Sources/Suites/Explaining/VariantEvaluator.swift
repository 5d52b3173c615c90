import CLIPModels
import Core
import EmbeddingPipeline
import Experiments
import Foundation
import Logging
import Neural

/// Evaluates variants of a run's tasks as the run evaluated the tasks themselves, from cached image features.
final class VariantEvaluator {
  /// One variant's result.
  struct Evaluated {
    var row: ResultRow
    var samples: ScoredVariant
  }

  private let record: RunRecord
  private let options: ExplainOptions
  /// Of the run's own settings, and of one other.
  private var own: (path: String, evaluator: any TaskEvaluator)?
  private var other: (setting: VariantTask, evaluator: any TaskEvaluator)?
  private var known: [VariantTask: Evaluated] = [:]
  private let scratch: URL

  init(_ record: RunRecord, _ options: ExplainOptions) {
    self.record = record
    self.options = options
    scratch = FileManager.default.temporaryDirectory.appending(
      path: "clip-eval-explain-\(UUID().uuidString)")
  }

  deinit { try? FileManager.default.removeItem(at: scratch) }

  /// A task as the run evaluated it, with the checkpoint that the user names in place of the run's.
  func base(_ task: PlannedTask) throws -> VariantTask {
    var task = task
    if let model = options.models.first(where: { $0.name == task.modelName })
      ?? (record.modelCount == 1 ? options.models.first : nil)
    {
      task.model = model.url.standardizedFileURL.path
    }
    guard let precision = TowerPrecision(rawValue: record.precision) else {
      throw EvalError(.malformedData, "run.json has an unknown precision \(record.precision)")
    }
    return VariantTask(task: task, precision: precision, preprocessing: try record.overrides())
  }

  /// What another dataset's variants no longer need.
  func forget() { known = [:] }

  /// Evaluations so far, since `forget`.
  var count: Int { known.count }

  private func evaluator(_ variant: VariantTask, base: VariantTask) throws -> any TaskEvaluator {
    let isOwn =
      variant.precision == base.precision && variant.preprocessing == base.preprocessing
    if isOwn, let own, own.path == variant.task.model { return own.evaluator }
    if let other, other.setting.precision == variant.precision,
      other.setting.preprocessing == variant.preprocessing,
      other.setting.task.model == variant.task.model
    {
      return other.evaluator
    }
    // One at a time beside the run's own: each holds a model.
    other = nil
    if isOwn { own = nil }
    let model = LocatedModel(
      url: URL(filePath: variant.task.model), name: variant.task.modelName)
    guard FileManager.default.fileExists(atPath: model.url.path) else {
      throw EvalError(
        .notFound, "the model \(variant.task.modelName) is no longer where the run found it",
        subject: model.url.path, remedy: "Name it with --model.")
    }
    try variant.precision.requireSupport()
    let evaluator = try makeEvaluator(
      model,
      options: RunOptions(
        dataRoot: options.dataRoot, output: scratch, store: options.store,
        prompts: options.prompts, preprocessing: variant.preprocessing,
        activation: try record.activation(), precision: variant.precision,
        threads: options.threads, isFresh: false, programVersion: options.programVersion))
    if isOwn {
      own = (variant.task.model, evaluator)
    } else {
      other = (variant, evaluator)
    }
    return evaluator
  }

  /// Images whose features are to be computed for a variant, and what its samples are.
  /// - Parameter others: tasks of the same dataset, whose features may be the same.
  func look(
    _ variant: VariantTask, base: VariantTask, others: [PlannedTask]
  ) throws -> SplitLook {
    try evaluator(variant, base: base).look(at: variant.task, others: others)
  }

  /// - Parameter metric: of the result; the variant's own metric where it changes that.
  /// - Throws: what the evaluation throws.
  func evaluate(
    _ variant: VariantTask, metric: String, base: VariantTask, progress: any ProgressSink
  ) throws -> Evaluated {
    if let found = known[variant] { return found }
    let folder = RunFolder(scratch, isScratch: true)
    defer { try? FileManager.default.removeItem(at: scratch) }
    let result = try evaluator(variant, base: base).zeroShot(
      variant.task, folder: folder, fileName: "variant", progress: progress)
    let wanted = variant.task.scoring?.metric?.rawValue ?? metric
    guard let row = result.rows.first(where: { $0.metric == wanted }), row.value != nil else {
      throw EvalError(.taskFailed, "it has no \(wanted)", subject: variant.task.dataset)
    }
    let file = folder.predictionFolder(of: variant.task).appending(path: "variant")
    var samples = try ScoredVariant(PredictionFile(file).samples(), metric: wanted)
    samples.shareKeys(with: known.values.map(\.samples))
    let evaluated = Evaluated(row: row, samples: samples)
    known[variant] = evaluated
    return evaluated
  }
}

/// What is known of a split before it is scored.
struct SplitLook {
  /// Images whose features are not in the store.
  var missing: Int
  var count: Int?
  /// Over the ordered ids and labels; nil where only the features tell.
  var splitHash: SHA256Digest?
  /// Of the checkpoint; nil of features made elsewhere.
  var weights: SHA256Digest?
}

extension RunRecord {
  fileprivate var modelCount: Int { Set(plan.map(\.modelName)).count }
}
