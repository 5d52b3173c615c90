import ArgumentParser
import CLIPModels
import Core
import Datasets
import EmbeddingPipeline
import Experiments
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
      the same plan gives the same bytes. Images that cannot be decoded are counted and listed, and leave the \
      exit code 0; a task that fails leaves the others alone, and makes it 1.

      EXAMPLES
        clip-eval run first-light --model MODEL --data-root DATA --output RUN
        clip-eval run mine.yaml --model A --model B --data-root DATA -o RUN
        clip-eval run first-light --dataset MNIST --limit 500 \\
          --model MODEL --data-root DATA --output RUN
        clip-eval run first-light --model MODEL --data-root DATA --dry-run
        clip-eval run first-light --model FEATURES --output RUN
      """)

  @Argument(help: "Suite files, or names of suites that come with the program.")
  var suites: [String]

  @Option(
    help:
      "Checkpoint, by path or by a name of `list models`, or a folder of features made elsewhere; may be given several times."
  )
  var model: [String] = []

  @Option(help: "Only this dataset; may be given several times.")
  var dataset: [String] = []

  @Option(
    name: .shortAndLong, help: "Folder for the run; needed unless --dry-run.",
    completion: .directory)
  var output: String?

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

  @OptionGroup var data: DataRoot
  @OptionGroup var splitFolder: SplitFolder
  @OptionGroup var compute: ComputeOptions

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
    guard dryRun || output != nil else {
      throw ValidationError("name a folder for the run with --output")
    }
  }

  func run() throws {
    try compute.prepare()
    try splitFolder.install()
    let files = try suites.map { try SuiteFile(named: $0) }
    guard !model.isEmpty || files.contains(where: { !$0.models.isEmpty }) else {
      throw EvalError(
        .usage, "no model", remedy: "Name a checkpoint, or a folder of features, with --model.")
    }
    let library = try PromptLibrary(
      roots: [ResourceLocator.folder(named: "Prompts", flag: ("--prompts", prompts))])
    let plan = try Plan(
      suites: files, models: try model.map { try ModelLocator().locate($0) }, datasets: dataset,
      limit: limit, prompts: library)
    // Features made elsewhere need no images, but are checked against them where they are.
    let needsData = !plan.models.allSatisfy { EmbeddingsFolder.recognises($0.url) }
    let dataFolder = needsData ? try data.url() : data.urlIfNamed()
    try PlanCheck.checkReferences(of: plan, prompts: library)
    try PlanCheck.checkModels(
      plan.models,
      ownDatasets: Set(files.flatMap(\.entries).filter { $0.own != nil }.map(\.dataset)),
      preprocessing: preprocessing.overrides, activation: activation, precision: compute.precision)
    if let dataFolder { try PlanCheck.checkDataRoot(dataFolder) }
    guard let output, !dryRun else { return try show(plan, root: dataFolder) }
    Interruption.install()
    let options = RunOptions(
      dataRoot: dataFolder, output: URL(filePath: output), store: FeatureCache.store,
      prompts: library, preprocessing: preprocessing.overrides, activation: activation,
      precision: compute.precision, threads: compute.workerCount,
      isFresh: fresh, programVersion: Version.number)
    let outcomes = try FeatureCache.explained {
      try SuiteRunner(suites: files, plan: plan, options: options)
        .run(progress: compute.progress())
    }
    try show(outcomes, in: RunFolder(URL(filePath: output)))
    let unfinished = outcomes.filter { $0.status != .ok }
    if !unfinished.isEmpty {
      let names = unfinished.map(\.dataset).joined(separator: ", ")
      throw EvalError(
        .taskFailed, "\(unfinished.count) of \(outcomes.count) tasks failed: \(names)")
    }
  }

  private struct Outcome: Encodable {
    let output: String
    let rows: [ResultRow]
    let tasks: [TaskOutcome]
  }

  private func show(_ outcomes: [TaskOutcome], in folder: RunFolder) throws {
    let results = try folder.rows()
    if json {
      return try Output.json(
        Described(
          kind: "outcome",
          value: Outcome(output: folder.url.path, rows: results, tasks: outcomes)))
    }
    let shown = results.filter { !$0.protocol.isOfSingleTemplate }
    let listed = shown.isEmpty ? results : shown
    // Prompts are named where nothing else tells rows apart.
    let namesPrompts = Dictionary(grouping: listed) { [$0.dataset, $0.model, $0.metric] }
      .values.contains { $0.count > 1 }
    var rows = [
      ["dataset"] + (namesPrompts ? ["class names", "templates"] : [])
        + ["model", "metric", "value", "95 % interval", "n", "failed", "chance"]
    ]
    for row in listed {
      let prompts = [row.protocol.classNameSet ?? "–", row.protocol.templateSet ?? "–"]
      rows.append(
        [[row.dataset, row.protocol.datasetOptions].compactMap(\.self).joined(separator: " ")]
          + (namesPrompts ? prompts : []) + [
            row.model, row.metric, percent(row.value),
            row.interval95.map { "\(percent($0.lower))–\(percent($0.upper))" } ?? "–",
            "\(row.n)" + (row.partial ? " partial" : ""), "\(row.nFailed)", percent(row.chance),
          ])
    }
    if !results.isEmpty {
      try Output.table(rows, rightAligned: namesPrompts ? [5, 8, 9] : [3, 6, 7])
    }
    if !shown.isEmpty, shown.count < results.count {
      try Output.line("not shown: \(results.count - shown.count) results of single templates")
    }
    try Output.line("report: \(folder.url.appending(path: "report.md").path)")
  }

  private func percent(_ value: Double?) -> String {
    value.map { String(format: "%.1f", $0 * 100) } ?? "–"
  }

  private struct PlanRow: Encodable {
    let task: PlannedTask
    @ExplicitNull var images: Int?
    @ExplicitNull var problem: String?
  }
  private struct PlanDocument: Encodable {
    let tasks: [PlanRow]
  }

  /// What would be done, and how many images each task has on this disk.
  /// - Throws: `EvalError` of the first dataset that is missing or malformed, after the whole plan is shown.
  private func show(_ plan: Plan, root: URL?) throws {
    // Tasks that differ in prompts alone read the same samples: these are looked up once.
    var counts: [SampleSelection: Result<Int, EvalError>] = [:]
    var firstProblem: EvalError?
    let rows = try plan.tasks.map { task in
      let samples = SampleSelection(task)
      let count = try counts[samples] ?? sampleCount(task, root: root)
      counts[samples] = count
      switch count {
      case .success(let count): return PlanRow(task: task, images: count, problem: nil)
      case .failure(let error):
        firstProblem = firstProblem ?? error
        return PlanRow(task: task, images: nil, problem: "\(error)")
      }
    }
    try show(rows)
    if let firstProblem { throw ExitCode(firstProblem.kind.rawValue) }
  }

  private func sampleCount(_ task: PlannedTask, root: URL?) throws -> Result<Int, EvalError> {
    do {
      return .success(try task.sampleCount(dataRoot: root))
    } catch let error as EvalError {
      return .failure(error)
    }
  }

  private func show(_ rows: [PlanRow]) throws {
    if json {
      return try Output.json(Described(kind: "plan", value: PlanDocument(tasks: rows)))
    }
    var table = [["experiment", "dataset", "split", "images", "class names", "templates", "model"]]
    for row in rows {
      table.append([
        row.task.experiment,
        [row.task.dataset, row.task.optionsText].compactMap(\.self).joined(separator: " "),
        row.task.splitNames.joined(separator: "+"),
        row.images.map(String.init) ?? "missing", row.task.classNames ?? "–",
        row.task.templates.isEmpty ? "–" : row.task.templates,
        row.task.model,
      ])
    }
    try Output.table(table, rightAligned: [3])
    var told: Set<String> = []
    for row in rows {
      guard let problem = row.problem, told.insert("\(row.task.dataset) \(problem)").inserted else {
        continue
      }
      Terminal.error("\(row.task.dataset): \(problem)")
    }
  }
}
