import ArgumentParser
import CLIPModels
import Core
import Datasets
import EmbeddingPipeline
import Experiments
import Foundation
import Prompts
import References
import Reporting
import Suites

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Why is my number not the paper's? What each part of the protocol moves.",
    discussion: """
      Every zero-shot result with a published number is scored anew under every other protocol at hand, from \
      the image features that the run left in the store: class names, templates, ensembles, metrics, splits \
      and options of the dataset, classes to choose from. For each change: how far it moves the number, with \
      a paired interval, and what is left of the gap. Then the gap is divided among the changes that explain \
      it, by Shapley values. First each result is made again and has to come out as recorded. \
      Documentation/Explain.md says more.

      Nothing in the run folder changes, unless --write is given: then the findings are kept in \
      explanations.json, and results that another protocol explains become `differs: protocol`.

      EXAMPLES
        clip-eval explain RUN --data-root DATA
        clip-eval explain RUN --dataset FER2013 --axis classNames --axis templates
        clip-eval explain RUN --dataset KITTI --with preprocessing
        clip-eval explain RUN --dataset MINE --templates my.yaml --output WHY
        clip-eval explain RUN --data-root DATA --write --quiet

      EXIT CODE
        0 whether or not a gap is explained; 1 where a result could not be looked into; 78 where one does not \
      come out as recorded: data, prompts or weights are others now.
      """)

  @Argument(
    help: ArgumentHelp("Run folder.", valueName: "run"), completion: .directory)
  var runFolder: String

  @Option(
    help: "Only this dataset, with or without a published number. May be given several times.")
  var dataset: [String] = []

  @Option(
    help: ArgumentHelp(
      "Only this axis: \(ProtocolAxis.allCases.map(\.rawValue).joined(separator: ", ")). May be given several times.",
      valueName: "name"))
  var axis: [String] = []

  @Option(
    help: ArgumentHelp(
      "Compute image features that are missing, with the model: preprocessing, precision or split. May be given several times.",
      valueName: "axis"))
  var with: [String] = []

  @Option(help: "A class-name set to try beside those at hand. May be given several times.")
  var classNames: [String] = []

  @Option(help: "A template set to try beside those at hand. May be given several times.")
  var templates: [String] = []

  @Option(
    help:
      "The run's checkpoint or folder of features, where it is no longer where the run found it. May be given several times."
  )
  var model: [String] = []

  @Option(
    help: "Folder with prompt sets; $CLIP_EVAL_PROMPTS, ./Prompts or the program's own otherwise.")
  var prompts: String?

  @OptionGroup var data: DataRoot
  @OptionGroup var splitFolder: SplitFolder

  @Option(
    name: .shortAndLong, help: "Folder for explain.md, explain.csv and explain.json.",
    completion: .directory)
  var output: String?

  @Flag(help: "Keep the findings in the run folder, and set its verdicts.")
  var write = false

  @Flag(help: "Print what explain.json holds.")
  var json = false

  @Option(help: "Worker threads; the number of processors otherwise.")
  var threads: Int?

  @Flag(help: "Print no progress and no log, errors only.")
  var quiet = false

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads must be at least 1") }
  }

  func run() throws {
    ComputeOptions.prepare(quiet: quiet)
    try splitFolder.install()
    Interruption.install()
    if let output { try Output.checkWritable("\(output)/explain.json") }
    let folder = RunFolder(URL(filePath: runFolder))
    if write {
      try Output.checkWritable("\(runFolder)/\(RunExplanations.fileName)")
      // A damaged one is told before anything is computed.
      _ = try RunExplanations(in: folder.url)
    }
    let results = try RunResults(folder)
    let options = try options(results)
    let published = try PublishedResults.shipped()
    let found = try FeatureCache.explained {
      try RunExplainer(results, published: published, options: options)
        .explain(progress: quiet ? SilentProgress() : ProgressDisplay())
    }
    if let output { try write(found, to: URL(filePath: output)) }
    if write { try keep(found, in: folder, published) }
    if json {
      try Output.json(Described(kind: "explanations", value: found))
    } else {
      try show(found)
    }
    guard let failed = found.failed.first else { return }
    throw EvalError(
      .taskFailed,
      "\(found.failed.count) of \(found.failed.count + found.explanations.count) results could not be looked into; the first: \(failed.reason)"
    )
  }

  private func options(_ results: RunResults) throws -> ExplainOptions {
    let own = Set(results.entries.map(\.row.dataset))
    let datasets = try dataset.map { name in
      if own.contains(name) { return name }
      let id = (try? DatasetRegistry.adapter(named: name).info.id) ?? name
      guard own.contains(id) else {
        throw EvalError(
          .usage, "the run has no result on `\(name)`", subject: runFolder,
          remedy: NearMiss.hint(for: name, among: own.sorted())
            ?? "It has \(own.sorted().joined(separator: ", ")).")
      }
      return id
    }
    func axes(_ names: [String], _ option: String, of all: [ProtocolAxis]) throws(EvalError)
      -> Set<ProtocolAxis>
    {
      var chosen: Set<ProtocolAxis> = []
      for name in names {
        guard let axis = all.first(where: { $0.rawValue.lowercased() == name.lowercased() }) else {
          let known = all.map(\.rawValue)
          throw EvalError(
            .usage, "\(option) has no `\(name)`",
            remedy: NearMiss.hint(for: name, among: known)
              ?? "There are \(known.joined(separator: ", ")).")
        }
        chosen.insert(axis)
      }
      return chosen
    }
    let chosen = try axes(axis, "--axis", of: ProtocolAxis.allCases)
    let computed = try axes(with, "--with", of: [.preprocessing, .precision, .split])
    if let other = computed.subtracting(chosen).first, !chosen.isEmpty {
      throw EvalError(
        .usage, "--with \(other.rawValue) is of no axis that --axis names",
        remedy: "Name it with --axis too, or leave --axis out.")
    }
    let needsData = results.entries.contains { entry in
      [ZeroShotExperiment.name].contains(entry.row.experiment)
        && !EmbeddingsFolder.recognises(URL(filePath: entry.task.model))
    }
    var options = ExplainOptions(
      dataRoot: needsData ? try data.url() : data.urlIfNamed(), store: FeatureCache.store,
      prompts: try PromptLibrary(
        roots: [ResourceLocator.folder(named: "Prompts", flag: ("--prompts", prompts))]),
      threads: threads ?? ProcessInfo.processInfo.activeProcessorCount,
      programVersion: Version.number)
    if let root = options.dataRoot { try PlanCheck.checkDataRoot(root) }
    options.datasets = datasets
    options.axes = chosen
    options.computed = computed
    options.classNames = classNames
    options.templates = templates
    options.models = try model.map { try ModelLocator().locate($0) }
    for name in classNames + templates where TemplateReference.isFile(name) {
      _ = try options.prompts.resolve(name, dataset: PromptLibrary.genericDataset)
    }
    return options
  }

  private func write(_ found: RunExplanations, to folder: URL) throws {
    let tables = ExplanationTables(found.explanations)
    try AtomicFile.write(
      tables.markdown(
        notes: found.failed.map { "Not looked into: \($0.dataset) \($0.model): \($0.reason)" }),
      to: folder.appending(path: "explain.md"))
    try AtomicFile.write(
      ExplanationCSV(found.explanations).text, to: folder.appending(path: "explain.csv"))
    try AtomicFile.write(
      CanonicalJSON.pretty(Described(kind: "explanations", value: found)),
      to: folder.appending(path: "explain.json"))
  }

  /// In the run folder, whose reports are made anew.
  private func keep(
    _ found: RunExplanations, in folder: RunFolder, _ published: PublishedResults
  ) throws {
    let all = found.merged(into: try RunExplanations(in: folder.url))
    try all.write(to: folder.url)
    let rows = all.applied(to: published.attached(to: try folder.rows()))
    try folder.write(rows: rows)
    try RunReport(
      ReportedRun(rows: rows, record: folder.record(), folder: folder.url), published: published
    ).write(to: folder.url)
  }

  private func show(_ found: RunExplanations) throws {
    for (number, explanation) in found.explanations.enumerated() {
      let text = ExplanationText(explanation)
      if number > 0 { try Output.line("") }
      try Output.line(text.title)
      for section in text.sections where !section.rows.isEmpty {
        if !section.title.isEmpty {
          try Output.line("")
          try Output.line(section.title)
        }
        try Output.table(section.rows, rightAligned: section.numbers)
      }
      try Output.line("")
      try Output.line(Output.wrapped(text.conclusion, indent: ""))
    }
    if !quiet, !write, found.explanations.contains(where: { $0.explainedBy != nil }) {
      Terminal.error("add --write to keep this in the run folder and its verdicts")
    }
  }
}
