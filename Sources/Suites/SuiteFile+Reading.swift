import Core
import Datasets
package import Foundation
import Metrics
import Prompts
import YAMLFiles
import Yams

extension SuiteFile {
  /// Reads and checks a suite.
  ///
  ///     suite: first-light
  ///     version: 1
  ///     description: What it is, in a sentence.
  ///     experiments: [zero-shot]
  ///     models:                      # optional; --model overrides
  ///       - embeddings: features     # a folder of features made elsewhere, relative to the suite
  ///     datasets:
  ///       - dataset: CIFAR10
  ///         split: test                # optional
  ///         options: {crop: 1}         # optional, where the dataset has any (`list datasets --json`)
  ///         classNames: openai-2021    # openai-2021 where nothing is said
  ///         templates: [single, openai-2021] # one or several, of either: a task for each combination
  ///         eachTemplate: true         # optional: also a task for each template of a set alone, openai-2021#1, #2, …
  ///       - dataset: my-birds          # any name, with layout and path for data of one's own
  ///         layout: image-folder       # or csv, webdataset, parquet, elevater, idx, voc (multi-label), captions
  ///         path: birds                # below the data root
  ///         metric: mean-per-class     # optional; accuracy otherwise, 11-point-mAP for voc
  ///         classNames: birds.yaml     # a prompt set, or a file beside the suite
  ///         templates: single
  ///       - dataset: Flickr30k         # captions have no classes
  ///         experiments: [retrieval]   # optional; otherwise those of the suite that fit the dataset
  ///         templates: photo-of        # optional; the bare caption otherwise
  ///         captionsPerImage: 5        # optional; all otherwise
  ///       - dataset: DTD               # probes learn from a training split and take no prompts
  ///         experiments: [linear-probe, few-shot, knn]
  ///         probe: {solver: paper}     # optional; `probe:` beside `experiments:` is for all entries (`ProbeSettings`)
  ///
  /// `templates:` beside `experiments:` is for datasets of classes that name none; `makes: [Table 11]` says which tables and figures of the paper
  /// come out. `suites: [paper/table-10, mine.yaml]` in place of experiments and datasets makes a suite of others (`expanded`).
  ///
  /// `robustness:` beside `experiments:` says of the experiment of that name which entry is the base and which its shifts
  /// (`RobustnessSettings`).
  ///
  /// `prompts:` beside `experiments:`, or in an entry, says how the experiment of that name compares `templates:` (`PromptSettings`).
  ///
  /// - Throws: `EvalError.notFound`, or `.badSuite` with file, line and column.
  package init(contentsOf url: URL) throws {
    do {
      try self.init(yaml: YAMLReader.text(of: url), file: url.path)
    } catch let error as EvalError where error.kind == .malformedData {
      throw EvalError(.badSuite, error.message, subject: error.subject, remedy: error.remedy)
    }
  }

  /// - Throws: `EvalError.malformedData` with line and column.
  init(yaml text: String, file: String) throws {
    let yaml = YAMLReader(file: file)
    let fields = try YAMLFields(
      yaml.root(of: text, "a suite"),
      allowed: [
        "suite", "version", "description", "makes", "suites", "experiments", "models", "probe",
        "robustness", "prompts", "templates", "datasets",
      ],
      in: yaml)
    name = try yaml.text(fields.required("suite"), "the suite's name")
    version = try yaml.version(fields.required("version"))
    description = try yaml.text(fields.required("description"), "a sentence")
    makes = try fields["makes"].map { try Self.texts($0, "a table or figure", yaml) } ?? []
    (self.text, path) = (text, file)
    if let node = fields["suites"] {
      parts = try Self.parts(node, fields, yaml)
      (experiments, models, entries, robustness) = ([], [], [], nil)
      return
    }
    parts = []
    let experimentList = try fields.required("experiments")
    let experimentNodes = try yaml.list(experimentList, "a list of experiments")
    let experiments: [ExperimentName] = try experimentNodes.map {
      try Self.choice($0, "experiment", yaml)
    }
    self.experiments = experiments
    let folder = URL(filePath: file).deletingLastPathComponent()
    models =
      try fields["models"].map { node in
        try yaml.list(node, "a list of models").map { entry in
          let path = try YAMLFields(entry, allowed: ["embeddings"], in: yaml).required("embeddings")
          return URL(filePath: try yaml.text(path, "a folder"), relativeTo: folder)
            .standardizedFileURL.path
        }
      } ?? []
    let probe = try fields["probe"].map { try ProbeSettings($0, folder: folder, yaml) }
    let robustness = try Self.robustness(
      fields["robustness"], experiments, experimentNodes, folder, yaml)
    let prompts = try fields["prompts"].map { try PromptSettings($0, folder: folder, yaml) }
    let templates = try fields["templates"].map {
      try Self.promptReferences($0, .templates, folder, yaml)
    }
    let datasets = try fields.required("datasets")
    entries = try yaml.list(datasets, "a list of datasets").map { node in
      let entry = try YAMLFields(
        node,
        allowed: [
          "dataset", "layout", "path", "metric", "split", "options", "experiments", "classNames",
          "templates", "eachTemplate", "captionsPerImage", "probe", "prompts",
        ],
        in: yaml)
      let dataset = try yaml.text(entry.required("dataset"), "a dataset id")
      let own = try Self.ownDataset(entry, at: node, yaml)
      // A name that nobody knows is the plan's to complain about, with near misses.
      let task =
        own?.layout.task
        ?? (try? DatasetRegistry.adapter(named: dataset).info.task)
        ?? DatasetTask.allCases.first { task in experiments.contains { $0.fits(task) } }
        ?? .classification
      let role = robustness?.role(of: dataset)
      let chosen = try Self.taking(
        role,
        Self.experiments(
          of: dataset, task, entry["experiments"], suite: experiments, at: node, yaml),
        dataset, task, isNamed: entry["experiments"] != nil, at: node, yaml)
      let isPrompted =
        chosen.contains { !$0.isProbe && $0 != .robustness }
        || role.map { robustness?.takesPrompts($0) == true } == true
        // A shift may name its words whether or not a classifier of this run is made of them.
        || role != nil && (entry["classNames"] != nil || entry["templates"] != nil)
      let words = try Self.words(
        entry, of: dataset, isOwn: own != nil, task, isPrompted: isPrompted,
        templates: templates, at: node, folder, yaml)
      let ownProbe = try entry["probe"].map { node in
        guard
          chosen.contains(where: \.isProbe) || role == .base && robustness?.learns == true
        else {
          throw yaml.error("\(dataset) is not probed: none of its experiments is a probe", at: node)
        }
        return try ProbeSettings(node, folder: folder, yaml)
      }
      let ownPrompts = try entry["prompts"].map { node in
        guard chosen.contains(.prompts) else {
          throw yaml.error("prompts is none of the experiments of \(dataset)", at: node)
        }
        return try PromptSettings(node, folder: folder, yaml)
      }
      let eachTemplate = try entry["eachTemplate"].map { node in
        guard chosen.contains(where: { !$0.isProbe && $0 != .prompts }) else {
          throw yaml.error(
            "the experiments of \(dataset) take no template alone, or all of them: eachTemplate has no use",
            at: node)
        }
        return try Self.flag(node, yaml)
      }
      return Entry(
        dataset: dataset, own: own,
        split: try entry["split"].map { try yaml.text($0, "a split") },
        options: try entry["options"].map { try Self.options($0, yaml) } ?? [:],
        classNames: words.classNames,
        templates: words.templates,
        comparedTemplates: entry["templates"] == nil && templates == nil
          ? Self.plainTemplates(at: yaml.place(of: node)) + words.templates : words.templates,
        eachTemplate: eachTemplate ?? false,
        captionsPerImage: words.captionsPerImage,
        experiments: chosen,
        probe: ownProbe.map { (probe ?? ProbeSettings()).overridden(by: $0) } ?? probe
          ?? ProbeSettings(),
        prompts: ownPrompts.map { (prompts ?? PromptSettings()).overridden(by: $0) } ?? prompts
          ?? PromptSettings(),
        place: yaml.place(of: node))
    }
    guard !entries.isEmpty else { throw yaml.error("expected at least one dataset", at: datasets) }
    if let robustness { try Self.checkRoles(robustness, entries) }
    self.robustness = robustness
    if let node = fields["probe"], robustness?.learns != true,
      !entries.contains(where: { $0.experiments.contains(where: \.isProbe) })
    {
      throw yaml.error("no experiment of the suite is a probe", at: node)
    }
    if let node = fields["prompts"], !entries.contains(where: { $0.experiments.contains(.prompts) })
    {
      throw yaml.error("prompts is no experiment of the suite", at: node)
    }
    for (experiment, node) in zip(experiments, experimentNodes)
    where !entries.contains(where: { $0.experiments.contains(experiment) }) {
      throw yaml.error(
        "no dataset of the suite is one for the experiment \(experiment.rawValue)", at: node)
    }
  }

  private static func ownDataset(
    _ entry: YAMLFields, at node: Node, _ yaml: YAMLReader
  ) throws -> OwnDataset? {
    guard let layout = entry["layout"], let path = entry["path"] else {
      if entry["layout"] != nil || entry["path"] != nil || entry["metric"] != nil {
        throw yaml.error(
          "data of one's own needs both \"layout\" and \"path\"; the program's own datasets take neither, nor \"metric\"",
          at: node)
      }
      return nil
    }
    let dataset = try yaml.text(entry.required("dataset"), "a dataset id")
    guard !DatasetRegistry.names.contains(where: { $0.lowercased() == dataset.lowercased() }) else {
      throw yaml.error(
        "\(dataset) is a dataset of the program, which has its own layouts: data of one's own needs another name",
        at: node, remedy: "Leave out \"layout\" and \"path\", or rename the dataset.")
    }
    let kind: OwnDataset.Layout = try choice(layout, "layout", yaml)
    if let metric = entry["metric"], kind == .captions {
      throw yaml.error("captions are scored by recall: \"metric\" cannot be chosen", at: metric)
    }
    let metric: MetricName =
      try entry["metric"].map { try choice($0, "metric", yaml) } ?? kind.defaultMetric
    let fitting = MetricName.allCases.filter { $0.task == kind.task }
    guard fitting.contains(metric) else {
      throw yaml.error(
        "the metric \"\(metric.rawValue)\" is not for the layout \"\(kind.rawValue)\", whose images show \(kind.task == .multiLabel ? "several classes" : "one class") each; for it: \(fitting.map(\.rawValue).joined(separator: ", "))",
        at: entry["metric"] ?? node)
    }
    return OwnDataset(layout: kind, path: try yaml.text(path, "a path"), metric: metric)
  }

  /// One of the raw values of an enumeration.
  static func choice<Choice: CaseIterable & RawRepresentable<String>>(
    _ node: Node, _ what: String, _ yaml: YAMLReader
  ) throws -> Choice {
    let written = try yaml.text(node, "a \(what)")
    let known = Choice.allCases.map(\.rawValue)
    guard let choice = Choice(rawValue: written) else {
      throw yaml.error(
        "unknown \(what) \"\(written)\"; known: \(known.joined(separator: ", "))", at: node,
        remedy: NearMiss.hint(for: written, among: known))
    }
    return choice
  }

  /// A path to a suite file, or the name of one that comes with the program.
  ///
  /// - Throws: `EvalError.notFound` with near misses.
  package init(named reference: String) throws {
    if FileManager.default.fileExists(atPath: reference) || reference.hasSuffix(".yaml") {
      try self.init(contentsOf: URL(filePath: reference))
    } else {
      try self.init(shipped: reference)
    }
  }

  /// - Throws: `EvalError.notFound` with near misses.
  init(shipped reference: String) throws {
    let folder = try ResourceLocator.folder(named: "Suites")
    let url = folder.appending(path: "\(reference).yaml")
    guard FileManager.default.fileExists(atPath: url.path) else {
      let names = try Self.files(in: folder)
      throw EvalError(
        .notFound, "no suite \"\(reference)\" in \(folder.path).",
        remedy: NearMiss.hint(for: reference, among: names)
          ?? "Suites: \(names.joined(separator: ", ")).")
    }
    try self.init(contentsOf: url)
  }

  /// Every suite that comes with the program, by name.
  package static func all() throws -> [SuiteFile] {
    let folder = try ResourceLocator.folder(named: "Suites")
    return try files(in: folder).map {
      try SuiteFile(contentsOf: folder.appending(path: "\($0).yaml"))
    }
  }

  /// Names of the suite files below a folder, with `/` for the folders in it.
  private static func files(in folder: URL) throws -> [String] {
    let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    return paths.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
  }
}
