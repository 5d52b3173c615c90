import ArgumentParser
import Core
import Datasets
import Foundation
import Prompts

struct ListPrompts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prompts",
    abstract: "Lists class-name and template sets with their sizes and hashes.",
    discussion: """
      A suite refers to a set as SET (of its dataset, or a generic one), DATASET/SET, or the path of a .yaml \
      file; with #3 at the end to its third template alone.

      EXAMPLES
        clip-eval list prompts
        clip-eval list prompts EuroSAT
        clip-eval list prompts --json
        clip-eval list prompts --texts CIFAR10/openai-2021 > prompts.txt
      """)

  @Argument(
    help: "Only the sets of this dataset, by id or alias; of ImageNet's shifts also ImageNet's.")
  var dataset: String?

  @Option(
    help:
      "The folder of prompt sets; else $CLIP_EVAL_PROMPTS, ./Prompts, the checkout's or the installed one."
  )
  var prompts: String?

  @Option(
    help:
      "Print every prompt of this set's class names instead, one a line, to be embedded elsewhere.")
  var texts: String?

  @Option(help: "With --texts: the set whose templates are filled; the same set otherwise.")
  var templates: String?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard templates == nil || texts != nil else {
      throw ValidationError("--templates goes with --texts")
    }
    guard dataset == nil || texts == nil else {
      throw ValidationError("--texts names its dataset itself: --texts DATASET/SET")
    }
  }

  func run() throws {
    let root = try ResourceLocator.folder(named: "Prompts", flag: ("--prompts", prompts))
    let library = try PromptLibrary(roots: [root])
    if let texts { return try showTexts(of: texts, in: library) }
    var rows = try library.list().map { Row($0.set, path: $0.entry.url.path) }
    if let dataset {
      // Sets also exist for datasets that the catalog does not have.
      let id =
        rows.contains { $0.dataset == dataset }
        ? dataset : try DatasetRegistry.adapter(named: dataset).info.id
      rows = rows.filter { $0.dataset == id || $0.dataset == PromptLibrary.lenders[id] }
      guard !rows.isEmpty else {
        throw EvalError(
          .notFound, "\(id) has no prompt set in \(root.path)",
          remedy: "`clip-eval list prompts` lists all; the sets of `generic` are for any dataset.")
      }
    }
    if json {
      return try Output.json(Described(kind: "prompts", value: Document(prompts: rows)))
    }
    try Self.show(rows)
  }

  private struct Texts: Encodable {
    let texts: [String]
  }

  private func showTexts(of reference: String, in library: PromptLibrary) throws {
    let names = try library.resolve(reference, dataset: PromptLibrary.genericDataset)
    let filled = try templates.map { try library.resolve($0, dataset: names.dataset) } ?? names
    let prompts = PromptRendering.prompts(
      for: names.classes.map(\.names), templates: filled.templates
    ).flatMap { $0 }
    guard !prompts.isEmpty else {
      throw EvalError(
        .usage,
        "\(names.reference) with the templates of \(filled.reference) makes no prompt: \(names.classes.count) classes, \(filled.templates.count) templates",
        remedy: "Name another set with --templates.")
    }
    if json { return try Output.json(Described(kind: "texts", value: Texts(texts: prompts))) }
    for prompt in prompts { try Output.line(prompt) }
  }

  private struct Document: Encodable {
    let prompts: [Row]
  }

  private struct Row: Encodable {
    struct DuplicateName: Encodable {
      var name: String
      var ids: [String]
    }

    var dataset: String
    var set: String
    var version: Int
    var source: String
    var path: String
    var classes: Int
    var names: Int
    var templates: Int
    @ExplicitNull var classNamesHash: SHA256Digest?
    @ExplicitNull var templatesHash: SHA256Digest?
    /// Names that several classes share.
    var duplicateNames: [DuplicateName]

    init(_ set: PromptSet, path: String) {
      dataset = set.dataset
      self.set = set.name
      version = set.version
      source = set.source
      self.path = path
      classes = set.classes.count
      names = set.classes.reduce(0) { $0 + $1.names.count }
      templates = set.templates.count
      classNamesHash = set.classNamesHash
      templatesHash = set.templatesHash
      duplicateNames = set.duplicateNames.map { DuplicateName(name: $0.name, ids: $0.ids) }
    }
  }

  private static func show(_ rows: [Row]) throws {
    let header = [
      "set", "version", "classes", "names", "templates", "names' hash", "templates' hash",
      "source",
    ]
    let cells = rows.map { row in
      [
        "\(row.dataset)/\(row.set)", "\(row.version)", "\(row.classes)", "\(row.names)",
        "\(row.templates)", short(row.classNamesHash), short(row.templatesHash),
        row.source,
      ]
    }
    try Output.table([header] + cells, rightAligned: [1, 2, 3, 4])
    for row in rows {
      for shared in row.duplicateNames {
        try Output.line(
          "\(row.dataset)/\(row.set): \(shared.ids.count) classes are called \"\(shared.name)\": "
            + shared.ids.joined(separator: ", "))
      }
    }
  }

  private static func short(_ hash: SHA256Digest?) -> String {
    hash.map { String($0.hex.prefix(12)) } ?? "–"
  }
}
