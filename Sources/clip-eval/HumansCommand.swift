import ArgumentParser
import Core
import Datasets
import Experiments
import Foundation
import Prompts
import Reporting

struct HumansCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "humans",
    abstract: "Scores what people said of images, as Table 2 of the paper does for Oxford Pets.",
    discussion: """
      The file is CSV with the columns participant, image, shots (0, 1 or 2) and answer: a class, or "I don't know". \
      Documentation/Pairs.md says more. The paper's own answers are not public.

      EXAMPLES
        clip-eval humans answers.csv --data-root ~/data
        clip-eval humans answers.csv --data-root ~/data --json
      """)

  @Argument(help: "The answers.", completion: .file(extensions: ["csv"]))
  var answers: String

  @OptionGroup var data: DataRoot

  @Option(help: "The dataset that the images are of.")
  var dataset = "OxfordPets"

  @Option(help: "Its split; the one that results are reported on otherwise.")
  var split: String?

  @Flag(help: "Print result rows as JSON, one a line.")
  var json = false

  func run() throws {
    let adapter = try DatasetRegistry.adapter(named: dataset)
    let index = try adapter.index(
      root: data.url(), split: split ?? adapter.info.defaultSplit)
    try index.requireClasses()
    guard index.hasClassLabels else {
      throw EvalError(.usage, "its images show several classes each", subject: index.dataset)
    }
    let responses = try HumanResponseTable.read(
      URL(filePath: (answers as NSString).expandingTildeInPath), index: index,
      names: Self.names(of: index))
    var record = EvaluationProtocol(dataset: index.dataset, model: "human")
    record.layout = index.layout
    record.variant = index.variant
    record.split = index.split
    record.splitHash = index.splitHash
    let rows = try HumanExperiment(
      responses, labels: index.samples.map(\.label), classCount: index.classes.count
    ).rows(in: record, isPartial: index.isPartial)
    if json {
      let lines = String(decoding: try ResultFile.encode(rows), as: UTF8.self)
      try Output.line(String(lines.dropLast()))
      return
    }
    try Output.table(
      [["who", "metric", "%", "95 % interval", "answers"]]
        + rows.map {
          [$0.model, $0.metric, Percent.text($0.value), Percent.text($0.interval95), "\($0.n)"]
        }, rightAligned: [2, 4])
  }

  /// What the prompt sets of the dataset call its classes, by their ids: people do not answer in ids.
  private static func names(of index: DatasetIndex) throws -> [String: [String]] {
    let library = try PromptLibrary(roots: [ResourceLocator.folder(named: "Prompts")])
    let ids = Set(index.classes.map(\.id))
    let owners = [index.dataset, PromptLibrary.lenders[index.dataset]]
    var names: [String: [String]] = [:]
    for entry in library.entries where owners.contains(entry.dataset) {
      for named in try library.find(dataset: entry.dataset, set: entry.name).classes {
        let known = [named.id] + named.aliases
        for id in known where ids.contains(id) { names[id, default: []] += known + named.names }
      }
    }
    return names
  }
}
