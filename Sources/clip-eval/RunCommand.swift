import ArgumentParser
import CLIPModels
import Core
import Datasets
import EmbeddingPipeline
import EmbeddingStore
import Foundation
import Imaging
import Prompts
import Suites

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Plan and run suites: from images on disk to result rows and a report.",
    discussion: """
      Finished embeddings are kept, so the same command continues a run that was stopped, and a second run of \
      the same plan gives the same bytes.

      EXAMPLES
        clip-eval run Suites/first-light.yaml --model MODEL --data-root DATA --output RUN
        clip-eval run first-light --model A --model B --data-root DATA --output RUN --dataset MNIST
        clip-eval run first-light --model MODEL --data-root DATA --output RUN --dry-run
      """)

  @Argument(help: "Suite files, or names of suites that come with the program.")
  var suites: [String]

  @Option(help: "Checkpoint; may be given several times.")
  var model: [String]

  @Option(help: "Only this dataset; may be given several times.")
  var dataset: [String] = []

  @Option(help: "Folder that holds the datasets ($CLIP_EVAL_DATA otherwise).")
  var dataRoot: String?

  @Option(name: .shortAndLong, help: "Folder for the run.")
  var output: String

  @Option(help: "Samples of each split at most, evenly spaced; the results are marked partial.")
  var limit: Int?

  @Option(
    help: "Folder with prompt sets; $CLIP_EVAL_PROMPTS, ./Prompts or the program's own otherwise.")
  var prompts: String?

  @OptionGroup var preprocessing: PreprocessingOptions

  @Option(help: "Activation of the MLP blocks; the checkpoint decides otherwise.")
  var activation: Activation?

  @Flag(help: "Print the plan and stop.")
  var dryRun = false

  @Flag(help: "Compute everything anew and replace what the folder holds.")
  var fresh = false

  @Flag(help: "Print the plan or the outcome as JSON.")
  var json = false

  @OptionGroup var compute: ComputeOptions

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
    guard !model.isEmpty else { throw ValidationError("name a checkpoint with --model") }
  }

  func run() throws {
    try compute.prepare()
    let environment = ProcessInfo.processInfo.environment
    guard let root = dataRoot ?? environment["CLIP_EVAL_DATA"] else {
      throw EvalError(
        .usage, "no data folder", remedy: "Say --data-root DIR, or set CLIP_EVAL_DATA.")
    }
    let files = try suites.map { try SuiteFile(named: $0) }
    let plan = try Plan(suites: files, models: model, datasets: dataset, limit: limit)
    if dryRun {
      try show(plan, root: URL(filePath: root))
      return
    }
    Interruption.install()
    let options = RunOptions(
      dataRoot: URL(filePath: root), output: URL(filePath: output),
      store: EmbeddingStore(root: EmbeddingStore.defaultRoot()),
      prompts: try PromptLibrary(
        roots: [ResourceLocator.folder(named: "Prompts", flag: prompts)]),
      preprocessing: preprocessing.overrides,
      activation: activation,
      threads: compute.workerCount, isFresh: fresh, programVersion: Version.number)
    let outcomes = try SuiteRunner(suites: files, plan: plan, options: options)
      .run(progress: compute.progress())
    let folder = RunFolder(URL(filePath: output))
    if json {
      try Output.json(try folder.rows())
    } else {
      var rows = [["dataset", "metric", "value", "95 % interval", "n", "chance"]]
      for row in try folder.rows() {
        rows.append([
          row.dataset, row.metric, percent(row.value),
          row.interval95.map { "\(percent($0.lower))–\(percent($0.upper))" } ?? "–",
          "\(row.n)" + (row.partial ? " partial" : ""), percent(row.chance),
        ])
      }
      Output.table(rows, rightAligned: [2, 5])
      Output.line("report: \(folder.url.appending(path: "report.md").path)")
    }
    let unfinished = outcomes.filter { $0.status != .ok }
    if !unfinished.isEmpty {
      throw EvalError(
        .taskFailed,
        "\(unfinished.count) of \(outcomes.count) tasks failed: \(unfinished.map(\.dataset).joined(separator: ", "))"
      )
    }
  }

  private func percent(_ value: Double?) -> String {
    value.map { String(format: "%.1f", $0 * 100) } ?? "–"
  }

  private struct PlanRow: Encodable {
    let task: PlannedTask
    let images: Int?
    let problem: String?
  }

  /// What would be done, and how many images each task has on this disk.
  private func show(_ plan: Plan, root: URL) throws {
    let rows = plan.tasks.map { task in
      do {
        let index = try DatasetRegistry.adapter(named: task.dataset)
          .index(root: root, split: task.split)
        return PlanRow(
          task: task, images: min(index.samples.count, task.limit ?? .max), problem: nil)
      } catch {
        return PlanRow(task: task, images: nil, problem: "\(error)")
      }
    }
    if json { return try Output.json(rows) }
    var table = [["experiment", "dataset", "split", "images", "class names", "templates", "model"]]
    for row in rows {
      table.append([
        row.task.experiment, row.task.dataset, row.task.split,
        row.images.map(String.init) ?? "missing", row.task.classNames, row.task.templates,
        row.task.model,
      ])
    }
    Output.table(table, rightAligned: [3])
    for row in rows {
      if let problem = row.problem { Terminal.error("missing: \(problem)") }
    }
  }
}
