import ArgumentParser
import Core
import Datasets
import Foundation
import Prompts

struct ValidatePrompts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prompts",
    abstract:
      "Checks class-name and template sets: files, names, templates, and classes of the dataset.",
    discussion: """
      Told with file and line: what cannot be read; classes of the dataset without a name; and, as notices, names \
      that several classes share or that joining cannot tell apart, spaces and characters that are likely \
      accidents, braces that stay as they are, classes that the dataset does not have. Datasets are \
      compared where --data-root has them, by the number of their classes otherwise.

      Exit code 0: notices at most; 65: a set cannot be used.

      EXAMPLES
        clip-eval validate prompts
        clip-eval validate prompts ImageNet CIFAR10/laion mine.yaml
        clip-eval validate prompts StanfordCars --data-root ~/data --json
      """)

  @Argument(help: "DATASET, DATASET/SET or paths of .yaml files; every set otherwise.")
  var sets: [String] = []

  @Option(
    help:
      "The folder of prompt sets; else $CLIP_EVAL_PROMPTS, ./Prompts, the checkout's or the installed one."
  )
  var prompts: String?

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var data: DataRoot

  func run() throws {
    let root = try ResourceLocator.folder(named: "Prompts", flag: ("--prompts", prompts))
    let library = try PromptLibrary(roots: [root])
    let dataRoot = data.urlIfNamed()
    if let dataRoot { try PlanCheck.checkDataRoot(dataRoot) }
    let candidates =
      try sets.isEmpty
      ? library.entries.map(Candidate.init)
      : sets.flatMap { reference in
        TemplateReference.isFile(reference)
          ? [Candidate(path: reference)]
          : try library.entries(named: reference).map(Candidate.init)
      }
    var comparison = DatasetComparison(root: dataRoot)
    let reports = try candidates.map { try report(on: $0, &comparison) }
    try json
      ? Output.json(Described(kind: "prompt-check", value: Document(sets: reports))) : show(reports)
    if reports.contains(where: { $0.findings.contains { $0.severity == .error } }) {
      throw ExitCode(EvalError.Kind.malformedData.rawValue)
    }
  }

  private func report(
    on candidate: Candidate, _ comparison: inout DatasetComparison
  ) throws -> Report {
    do {
      let file = try candidate.read()
      let beside = try comparison.findings(of: file)
      return Report(
        set: file.set.reference, path: candidate.path, classes: file.set.classes.count,
        templates: file.set.templates.count, compared: beside.compared,
        notCompared: beside.notCompared, findings: file.findings() + beside.findings)
    } catch let error as EvalError where error.kind == .malformedData {
      let message = "\(EvalError(error.kind, error.message, remedy: error.remedy))"
      return Report(
        set: candidate.name, path: candidate.path, classes: nil, templates: nil, compared: nil,
        notCompared: nil,
        findings: [
          PromptFinding(.error, .unreadable, place: error.subject ?? candidate.path, message)
        ])
    }
  }

  private func show(_ reports: [Report]) throws {
    for finding in reports.flatMap(\.findings) {
      try Output.line("\(finding.place): \(finding.severity.rawValue): \(finding.message)")
    }
    let findings = reports.flatMap(\.findings)
    for reason in Set(reports.compactMap(\.notCompared)).sorted() {
      try Output.line("not compared: \(reason)")
    }
    let errors = findings.filter { $0.severity == .error }.count
    let compared = reports.filter { $0.compared != nil }.count
    try Output.line(
      "\(count(reports.count, "set")), \(compared) compared with the dataset on disk: "
        + "\(count(errors, "error")), \(count(findings.count - errors, "notice"))")
  }

  private func count(_ number: Int, _ what: String) -> String {
    "\(number) \(what)\(number == 1 ? "" : "s")"
  }

  private struct Document: Encodable {
    let sets: [Report]
  }

  private struct Report: Encodable {
    let set: String
    let path: String
    @ExplicitNull var classes: Int?
    @ExplicitNull var templates: Int?
    /// The split whose classes were compared; nil where none were.
    @ExplicitNull var compared: String?
    /// Why not, where --data-root was named and the program knows the dataset.
    @ExplicitNull var notCompared: String?
    let findings: [PromptFinding]
  }
}

/// A file to check, of the library or a user's own.
private struct Candidate {
  let name: String
  let path: String
  let read: () throws -> PromptSetFile

  init(_ entry: PromptLibrary.Entry) {
    name = "\(entry.dataset)/\(entry.name)"
    path = entry.url.path
    read = entry.file
  }

  init(path: String) {
    name = path
    self.path = path
    read = { try PromptSetFile(contentsOf: URL(filePath: path)) }
  }
}

/// The classes that datasets have on this disk; each is looked up once.
private struct DatasetComparison {
  struct Outcome {
    var findings: [PromptFinding] = []
    var compared: String?
    var notCompared: String?
  }

  private let root: URL?
  private var known: [String: Result<[(id: String, name: String)], EvalError>] = [:]

  init(root: URL?) { self.root = root }

  mutating func findings(of file: PromptSetFile) throws -> Outcome {
    let dataset = file.set.dataset
    guard !file.set.classes.isEmpty,
      let info = DatasetRegistry.all.map(\.info).first(where: { $0.id == dataset })
    else { return Outcome() }
    guard let root else {
      return Outcome(
        findings: file.findings(dataset: dataset, classes: nil, classCount: info.classCount))
    }
    switch try classes(of: dataset, split: info.defaultSplit, root: root) {
    case .success(let classes):
      return Outcome(
        findings: file.findings(dataset: dataset, classes: classes, classCount: info.classCount),
        compared: info.defaultSplit)
    case .failure(let error):
      return Outcome(
        findings: file.findings(dataset: dataset, classes: nil, classCount: info.classCount),
        notCompared: error.kind == .notFound
          ? "\(dataset) is not below \(root.path)" : "\(dataset): \(error)")
    }
  }

  private mutating func classes(
    of dataset: String, split: String, root: URL
  ) throws -> Result<[(id: String, name: String)], EvalError> {
    if let known = known[dataset] { return known }
    let result: Result<[(id: String, name: String)], EvalError>
    do {
      let index = try DatasetRegistry.adapter(named: dataset).index(root: root, split: split)
      result = .success(index.classes.map { (id: $0.id, name: $0.name) })
    } catch let error as EvalError {
      result = .failure(error)
    }
    known[dataset] = result
    return result
  }
}
