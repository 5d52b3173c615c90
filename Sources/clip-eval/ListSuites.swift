import ArgumentParser
import CLIPModels
import Core
import Datasets
import Foundation
import Imaging
import Prompts
import Suites

struct ListSuites: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "suites",
    abstract: "Suites that come with the program: what they make, need and cost.",
    discussion: """
      They lie in $CLIP_EVAL_SUITES, ./Suites, the checkout's or the installed folder. With --data-root, how many of \
      a suite's datasets are there and how many images they have; with --model besides, how long this machine takes \
      for their features: by the rate of earlier runs, else by one measured now.

      EXAMPLES
        clip-eval list suites
        clip-eval list suites paper/table-11 --data-root DATA --model ViT-B/32
        clip-eval list suites --json
      """)

  @Argument(help: "Only these suites.")
  var names: [String] = []

  @Option(help: "Checkpoint, by path or by a name of `list models`, whose time is estimated.")
  var model: String?

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var data: DataRoot
  @OptionGroup var splitFolder: SplitFolder
  @OptionGroup var compute: ComputeOptions

  private struct Need: Encodable {
    enum State: String, Codable {
      case present
      case missing
      /// Incomplete or malformed.
      case unusable
    }

    let dataset: String
    /// Whether all that the suite reads of it is on this disk; null where no data folder was named.
    @ExplicitNull var state: State?
    @ExplicitNull var problem: String?
  }

  private struct Row: Encodable {
    let name: String
    let version: Int
    let description: String
    let makes: [String]
    /// Suites that it is made of.
    let suites: [String]
    let experiments: [String]
    let datasets: [String]
    let path: String
    let needs: [Need]
    /// Of what is on this disk, each split once.
    @ExplicitNull var images: Int?
    @ExplicitNull var imagesToCompute: Int?
    @ExplicitNull var featureBytes: Int?
    @ExplicitNull var seconds: Double?
  }

  private struct Document: Encodable {
    let suites: [Row]
  }

  func run() throws {
    try compute.prepare()
    try splitFolder.install()
    let root = data.urlIfNamed()
    if let root { try PlanCheck.checkDataRoot(root) }
    guard model == nil || root != nil else {
      throw EvalError(
        .usage, "what a model costs depends on the images",
        remedy: "Name their folder with --data-root.")
    }
    let located = try model.map { try ModelLocator().locate($0) }
    let meter = try located.map { model in
      try CostMeter(
        model, store: FeatureCache.store, preprocessing: PreprocessOverrides(), activation: nil,
        precision: compute.precision, threads: compute.workerCount)
    }
    let suites = try names.isEmpty ? SuiteFile.all() : names.map { try SuiteFile(named: $0) }
    let memory = SurveyMemory()
    let library = try PromptLibrary(roots: [ResourceLocator.folder(named: "Prompts")])
    var rows: [Row] = []
    var basis: String?
    for suite in suites {
      let parts = try suite.expanded()
      let survey = try root.map { root in
        try self.survey(parts, root, located, meter, library, memory)
      }
      if let text = survey.map(PlanDisplay.basis), !text.isEmpty { basis = basis ?? text }
      rows.append(row(suite, parts, survey))
    }
    if json { return try Output.json(Described(kind: "suites", value: Document(suites: rows))) }
    try show(rows, hasData: root != nil, basis: basis)
  }

  /// What is on the disk of a suite, and what it costs.
  private func survey(
    _ parts: [SuiteFile], _ root: URL, _ located: LocatedModel?, _ meter: CostMeter?,
    _ prompts: PromptLibrary, _ memory: SurveyMemory
  ) throws -> PlanSurvey {
    let model = located ?? LocatedModel(path: "no-model")
    let plan = try Plan(
      suites: parts, models: [model], datasets: [], limit: nil, prompts: prompts)
    return try FeatureCache.explained {
      try PlanSurvey(plan, dataRoot: root, prompts: nil, memory: memory) { _ in meter }
    }
  }

  private func row(_ suite: SuiteFile, _ parts: [SuiteFile], _ survey: PlanSurvey?) -> Row {
    var names: [String] = []
    for entry in parts.flatMap(\.entries) {
      let id = (try? DatasetRegistry.adapter(named: entry.dataset).info.id) ?? entry.dataset
      if !names.contains(id) { names.append(id) }
    }
    let needs = names.map { name in
      let problem = survey?.datasets[name]
      return Need(
        dataset: name,
        state: problem.map { $0.map { $0.isAbsence(of: name) ? .missing : .unusable } ?? .present },
        problem: problem.flatMap { $0.map { "\($0)" } })
    }
    var experiments: [String] = []
    for name in parts.flatMap(\.experiments).map(\.rawValue) where !experiments.contains(name) {
      experiments.append(name)
    }
    return Row(
      name: suite.name, version: suite.version, description: suite.description,
      makes: suite.makes, suites: suite.parts.map(\.text), experiments: experiments,
      datasets: names, path: suite.path, needs: needs, images: survey?.imagesToRead,
      imagesToCompute: survey?.pending, featureBytes: survey?.featureBytes,
      seconds: survey?.seconds)
  }

  private func show(_ rows: [Row], hasData: Bool, basis: String?) throws {
    var header = ["suite", "makes", "datasets"]
    if hasData { header += ["there", "images"] }
    if model != nil { header += ["to compute", "time"] }
    try Output.table(
      [header + ["what it is"]]
        + rows.map { row in
          var cells = [
            row.name, row.makes.isEmpty ? "–" : row.makes.joined(separator: ", "),
            "\(row.needs.count)",
          ]
          if hasData {
            cells += [
              "\(row.needs.count { $0.state == .present })", row.images.map(String.init) ?? "–",
            ]
          }
          if model != nil {
            cells += [
              row.imagesToCompute.map(String.init) ?? "–",
              row.seconds.map(DurationText.about) ?? "unknown",
            ]
          }
          return cells + [row.description]
        }, rightAligned: Set(2..<header.count))
    if let basis { try Output.line("time: of features; \(basis)") }
    if names.isEmpty {
      if !hasData {
        try Output.line(
          "images and time: unknown without --data-root and --model; `list suites NAME` lists the datasets"
        )
      }
      return
    }
    for row in rows {
      try Output.line("")
      try Output.table(
        [["\(row.name) needs", hasData ? "" : "on this disk: unknown without --data-root"]]
          + row.needs.map { need in
            [
              need.dataset,
              need.state?.rawValue ?? "",
            ]
          })
    }
  }
}
