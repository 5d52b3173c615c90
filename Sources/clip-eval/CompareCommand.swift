import ArgumentParser
import Core
import Datasets
import Experiments
import Foundation
import Reporting
import Suites

extension ComparisonGate: ExpressibleByArgument {}

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compare two runs, or two parts of one, sample by sample.",
    discussion: """
      Of every experiment, dataset and metric that both sides have: B − A with a paired bootstrap \
      interval, McNemar's exact test of accuracies, p-values adjusted over datasets, the \
      difference that could have been detected, and the classes and samples that changed. \
      Samples are joined by id. Documentation/Compare.md says more.

      Protocols may differ in what is compared and in nothing else. Two runs with different \
      models compare models; --a and --b compare what they choose; else say --axis: \
      \(ComparisonAxis.names.prefix(8).joined(separator: ", ")), or a key of the protocol.

      EXAMPLES
        clip-eval compare RUN-A RUN-B
        clip-eval compare FP32 BF16 --axis precision
        clip-eval compare RUN --a model=ViT-B/32 --b model=ViT-L/14 --output CMP
        clip-eval compare RUN --a templates=generic/bare --b templates=openai-2021
        clip-eval compare OLD NEW --gate worse --quiet || echo "something got worse"

      EXIT CODE
        2 where the gate finds a difference, else 1 where some results could not be compared, \
      else 0. The gate is `significant`: \
      a dataset's own metric differs with p < --alpha after Holm's adjustment. `worse`: and B is \
      the lower one. `any`: any value or answer differs. `none`: always 0.
      """)

  @Argument(
    help: "Run folders: A and B, or one of which --a and --b choose.", completion: .directory)
  var runs: [String]

  @Option(
    name: .customLong("a"),
    help: ArgumentHelp(
      "Results of the first side: model, classNames, templates, shots or any key of the protocol. May be given several times.",
      valueName: "key=value"))
  var first: [String] = []

  @Option(
    name: .customLong("b"), help: ArgumentHelp("Of the second side.", valueName: "key=value"))
  var second: [String] = []

  @Option(
    help: ArgumentHelp(
      "What is compared: protocols may differ in it. May be given several times.",
      valueName: "name"))
  var axis: [String] = []

  @Option(help: "Only this dataset. May be given several times.")
  var dataset: [String] = []

  @Option(help: "Only this experiment. May be given several times.")
  var experiment: [String] = []

  @Option(help: "Only this metric. May be given several times.")
  var metric: [String] = []

  @Option(help: "Classes of each dataset that are shown; all are in classes.csv and in JSON.")
  var classes = 5

  @Option(help: "Samples of each dataset that are shown; all are in samples.csv and in JSON.")
  var samples = 0

  @Option(help: "What is a difference that the exit code tells.")
  var gate: ComparisonGate = .significant

  @Option(help: "Level of the tests.")
  var alpha = 0.05

  @Option(
    name: .shortAndLong,
    help: "Folder for comparison.md, .csv and .json, classes.csv, samples.csv and the figure.")
  var output: String?

  @Flag(help: "Print what comparison.json holds.")
  var json = false

  @Option(help: "Worker threads; the number of processors otherwise.")
  var threads: Int?

  @Flag(help: "Print no progress and no messages, errors only.")
  var quiet = false

  func validate() throws {
    guard (1...2).contains(runs.count) else {
      throw ValidationError("name one run folder or two, found \(runs.count)")
    }
    guard alpha > 0, alpha < 1 else { throw ValidationError("--alpha must be between 0 and 1") }
    if classes < 0 { throw ValidationError("--classes must be 0 or more") }
    if samples < 0 { throw ValidationError("--samples must be 0 or more") }
    if let threads, threads < 1 { throw ValidationError("--threads must be at least 1") }
  }

  func run() throws {
    Interruption.install()
    let selections = (
      try RowSelection(first, option: "--a"), try RowSelection(second, option: "--b")
    )
    var options = RunComparer.Options()
    options.axes = try axis.map { name throws(EvalError) in try ComparisonAxis(named: name) }
    options.datasets = dataset.map { name in
      (try? DatasetRegistry.adapter(named: name).info.id) ?? name
    }
    options.experiments = experiment
    options.metrics = metric
    options.alpha = alpha
    options.threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
    if let output { try Output.checkWritable("\(output)/comparison.json") }

    let results = try runs.map { try RunResults(RunFolder(URL(filePath: $0))) }
    let sides = (results[0], results[results.count - 1])
    if runs.count == 1, selections.0 == selections.1 { throw unchosen(results[0]) }
    let comparison = try RunComparer(
      .init(sides.0, selections.0), .init(sides.1, selections.1), options: options
    ).compare(progress: quiet ? SilentProgress() : ProgressDisplay())
    let findings = gate.findings(comparison)
    let document = Document(comparison: comparison, gate: gate, findings: findings)
    if let output { try write(comparison, document, to: URL(filePath: output)) }
    if json {
      try Output.json(Described(kind: "comparison", value: document))
    } else {
      try show(comparison)
    }
    if let finding = findings.first {
      if !quiet {
        Terminal.error(
          "gate `\(gate.rawValue)`: \(findings.count == 1 ? "1 difference" : "\(findings.count) differences"), the first in \(finding)"
        )
      }
      throw ExitCode(2)
    }
    // A gate that some datasets never reached has not been passed.
    if !comparison.failed.isEmpty { throw ExitCode(1) }
  }

  private struct Document: Encodable {
    let comparison: RunComparison
    let gate: ComparisonGate
    let findings: [String]

    private enum Key: CodingKey { case gate, findings }

    func encode(to encoder: any Encoder) throws {
      try comparison.encode(to: encoder)
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(gate, forKey: .gate)
      try container.encode(findings, forKey: .findings)
    }
  }

  /// One run, and nothing that tells two sides of it apart.
  private func unchosen(_ results: RunResults) -> EvalError {
    func list(_ name: String, _ values: [String?]) -> String? {
      let known = Set(values.compactMap(\.self)).sorted()
      return known.count < 2
        ? nil
        : "\(name): \(known.prefix(8).joined(separator: ", "))\(known.count > 8 ? ", …" : "")"
    }
    let rows = results.entries.map(\.row).filter { !$0.protocol.isOfSingleTemplate }
    let choices = [
      list("model", rows.map(\.model)), list("templates", rows.map(\.protocol.templateSet)),
      list("classNames", rows.map(\.protocol.classNameSet)),
    ].compactMap(\.self)
    return EvalError(
      .usage, "one run has two sides where --a and --b choose different results of it",
      subject: runs[0],
      remedy: choices.isEmpty
        ? "It has one model and one set of prompts: name a second run."
        : "It has \(choices.joined(separator: "; ")). Say, for instance, --a \(choices[0].prefix { $0 != ":" })=… --b \(choices[0].prefix { $0 != ":" })=…."
    )
  }

  private func write(
    _ comparison: RunComparison, _ document: Document, to folder: URL
  ) throws {
    let figure = ComparisonFigure(comparison).figure.map(FigureFile.init)
    try AtomicFile.write(
      ComparisonTables(comparison, classes: classes, samples: samples).markdown(figure: figure),
      to: folder.appending(path: "comparison.md"))
    let tables = ComparisonCSV(comparison)
    try AtomicFile.write(tables.metrics, to: folder.appending(path: "comparison.csv"))
    try AtomicFile.write(tables.classes, to: folder.appending(path: "classes.csv"))
    try AtomicFile.write(tables.samples, to: folder.appending(path: "samples.csv"))
    try AtomicFile.write(
      CanonicalJSON.pretty(Described(kind: "comparison", value: document)),
      to: folder.appending(path: "comparison.json"))
    guard let figure else { return }
    let place = folder.appending(path: "figures/\(figure.name)")
    try AtomicFile.write(figure.svg, to: place.appendingPathExtension("svg"))
    try AtomicFile.write(figure.csv, to: place.appendingPathExtension("csv"))
  }

  private func show(_ comparison: RunComparison) throws {
    let text = ComparisonText(comparison, classes: classes, samples: samples)
    for line in text.heading { try Output.line(line) }
    try Output.line("")
    try Output.table(text.metrics, rightAligned: text.numbers)
    for section in text.sections {
      try Output.line("")
      try Output.line(section.title)
      if !section.rows.isEmpty {
        try Output.table(section.rows, rightAligned: section.numbers)
      }
    }
  }
}
