import ArgumentParser
import CLIPModels
import Core
import Datasets
import EmbeddingPipeline
import Experiments
import Foundation
import Imaging
import Logging
import Prompts
import Reporting
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

  @Flag(help: "Print the plan and what it will cost, and stop.")
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
    let files = try SuiteFile.named(suites)
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
    for file in files { try file.checkBaselines() }
    for notice in plan.notices { Logger(label: "clip-eval").notice("\(notice)") }
    guard let output, !dryRun else {
      let survey = try FeatureCache.explained {
        try PlanSurvey(plan, dataRoot: dataFolder, prompts: library) { path in
          try plan.models.first { $0.url.standardizedFileURL.path == path }.flatMap(meter)
        }
      }
      return try PlanDisplay.show(survey, json: json)
    }
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
      throw EvalError(.taskFailed, Self.summary(of: unfinished, among: outcomes.count))
    }
  }

  /// `25 of 27 tasks gave no result: the data of 24 is missing (Food101, …), 1 failed (Caltech101)`
  private static func summary(of unfinished: [TaskOutcome], among count: Int) -> String {
    func names(_ tasks: [TaskOutcome]) -> String {
      tasks.map(\.dataset).joined(separator: ", ")
    }
    let missing = unfinished.filter { $0.status == .missing }
    let failed = unfinished.filter { $0.status != .missing }
    if missing.isEmpty { return "\(failed.count) of \(count) tasks failed: \(names(failed))" }
    return
      "\(unfinished.count) of \(count) tasks gave no result: the data of \(missing.count) is missing (\(names(missing)))"
      + (failed.isEmpty ? "" : ", \(failed.count) failed (\(names(failed)))")
  }

  /// What a checkpoint will cost; features made elsewhere cost nothing.
  private func meter(of model: LocatedModel) throws -> CostMeter? {
    EmbeddingsFolder.recognises(model.url)
      ? nil
      : try CostMeter(
        model, store: FeatureCache.store, preprocessing: preprocessing.overrides,
        activation: activation, precision: compute.precision, threads: compute.workerCount,
        isFresh: fresh)
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
    // Of few-shot probes the means over seeds; what is no score is in the report.
    let shown = results.filter { row in
      !row.protocol.isOfSingleTemplate && row.probe?.seed == nil
        && !ProbeComparison.names.contains(row.experiment)
    }
    let listed = shown.isEmpty ? results : shown
    if !results.isEmpty { try showTable(listed) }
    if !shown.isEmpty, shown.count < results.count {
      let kinds = [
        ("single templates", results.contains { $0.protocol.isOfSingleTemplate }),
        ("single seeds", results.contains { $0.probe?.seed != nil }),
        (
          "data efficiency and correlation",
          results.contains { ProbeComparison.names.contains($0.experiment) }
        ),
      ].filter(\.1).map(\.0)
      try Output.line(
        "not shown: \(results.count - shown.count) results of \(kinds.joined(separator: ", "))")
    }
    try Output.line("report: \(folder.url.appending(path: "report.md").path)")
  }

  private func showTable(_ listed: [ResultRow]) throws {
    let namesExperiments =
      Set(listed.map(\.experiment)).count > 1
      || listed.contains { $0.probe?.shots != nil || $0.robustness != nil }
    // Prompts are named where nothing else tells rows apart.
    let namesPrompts = Dictionary(
      grouping: listed.filter { $0.probe == nil && $0.robustness == nil }
    ) {
      [$0.experiment, $0.dataset, $0.model, $0.metric]
    }.values.contains { $0.count > 1 }
    var header = namesExperiments ? ["experiment", "dataset"] : ["dataset"]
    if namesPrompts { header += ["class names", "templates"] }
    header += ["model", "metric"]
    let first = header.count
    let hasBase = listed.contains { $0.robustness != nil }
    var rows = [
      header + (hasBase ? ["on the base"] : []) + [
        "value", "95 % interval", "n", "failed", "chance",
      ]
    ]
    for row in listed {
      var cells: [String] = []
      if namesExperiments {
        cells.append(
          row.robustness == nil
            ? row.experiment + (row.probe?.shots.map { " \($0)" } ?? "")
            : "\(row.experiment) \(RobustnessResults.classifier(row))")
      }
      cells.append(
        [row.dataset, row.protocol.datasetOptions].compactMap(\.self).joined(separator: " "))
      if namesPrompts {
        cells += [row.protocol.classNameSet ?? "–", row.protocol.templatesText]
      }
      cells += [row.model, row.metric]
      if hasBase {
        cells.append(row.robustness.map { "\(percent($0.baseValue)) \($0.base)" } ?? "–")
      }
      cells.append(percent(row.value))
      cells.append(row.interval95.map { "\(percent($0.lower))–\(percent($0.upper))" } ?? "–")
      cells.append("\(row.n)" + (row.partial ? " partial" : ""))
      cells += ["\(row.nFailed)", percent(row.chance)]
      rows.append(cells)
    }
    let value = first + (hasBase ? 1 : 0)
    try Output.table(rows, rightAligned: [value, value + 3, value + 4])
  }

  private func percent(_ value: Double?) -> String {
    value.map { String(format: "%.1f", $0 * 100) } ?? "–"
  }
}
