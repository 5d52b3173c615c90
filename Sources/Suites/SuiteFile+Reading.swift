package import Core
package import Foundation
import Prompts
import Yams

extension SuiteFile {
  /// Reads and checks a suite.
  ///
  ///     suite: first-light
  ///     version: 1
  ///     description: What it is, in a sentence.
  ///     experiments: [zero-shot]
  ///     datasets:
  ///       - dataset: CIFAR10
  ///         split: test                # optional
  ///         classNames: openai-2021
  ///         templates: openai-2021
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
      allowed: ["suite", "version", "description", "experiments", "datasets"], in: yaml)
    name = try yaml.text(fields.required("suite"), "the suite's name")
    version = try yaml.version(fields.required("version"))
    description = try yaml.text(fields.required("description"), "a sentence")
    let known = ExperimentName.allCases.map(\.rawValue)
    experiments = try yaml.list(fields.required("experiments"), "a list of experiments").map {
      let written = try yaml.text($0, "an experiment")
      guard let experiment = ExperimentName(rawValue: written) else {
        throw yaml.error(
          "unknown experiment \"\(written)\"; known: \(known.joined(separator: ", "))", at: $0,
          remedy: NearMiss.hint(for: written, among: known))
      }
      return experiment
    }
    let datasets = try fields.required("datasets")
    entries = try yaml.list(datasets, "a list of datasets").map { node in
      let entry = try YAMLFields(
        node, allowed: ["dataset", "split", "classNames", "templates"], in: yaml)
      return Entry(
        dataset: try yaml.text(entry.required("dataset"), "a dataset id"),
        split: try entry["split"].map { try yaml.text($0, "a split") },
        classNames: try yaml.text(entry.required("classNames"), "a class-name set"),
        templates: try yaml.text(entry.required("templates"), "a template set"))
    }
    guard !entries.isEmpty else { throw yaml.error("expected at least one dataset", at: datasets) }
    self.text = text
    path = file
  }

  /// A path to a suite file, or the name of one that comes with the program.
  ///
  /// - Throws: `EvalError.notFound` with near misses.
  package init(named reference: String) throws {
    if FileManager.default.fileExists(atPath: reference) || reference.hasSuffix(".yaml") {
      try self.init(contentsOf: URL(filePath: reference))
      return
    }
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
