import ArgumentParser
import Core
import Datasets
import Foundation

struct ListDatasets: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "datasets", abstract: "Lists the datasets that can be read.",
    discussion: """
      EXAMPLES
        clip-eval list datasets
        clip-eval list datasets --json
      """)

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let infos = DatasetRegistry.all.map(\.info)
    if json {
      let list = DatasetList(datasets: DatasetRegistry.all.map(DatasetListEntry.init))
      return try Output.json(Described(kind: "datasets", value: list))
    }
    let header = ["dataset", "task", "classes", "chance", "metric", "splits"]
    let rows = infos.map { info in
      [
        info.id, info.task.rawValue, info.classCount.map(String.init) ?? "–",
        info.chance.map { String(format: "%.1f %%", $0 * 100) } ?? "–", info.metric,
        info.splits.isEmpty
          ? "as on disk"
          : info.splits.map { split in
            let star = split.name == info.defaultSplit ? "*" : ""
            return "\(split.name)\(star) \(split.expectedCount.map(String.init) ?? "?")"
          }.joined(separator: ", "),
      ]
    }
    try Output.table([header] + rows)
    try Output.line("* the split that results are reported on")
  }
}

/// Schema of `list datasets --json`.
private struct DatasetList: Encodable {
  var datasets: [DatasetListEntry]
}

private struct DatasetListEntry: Encodable {
  var id: String
  var aliases: [String]
  var title: String
  var task: DatasetTask
  var metric: String
  @ExplicitNull var classCount: Int?
  @ExplicitNull var chance: Double?
  var defaultSplit: String
  var splits: [SplitInfo]
  /// What may be chosen besides the split.
  var options: [DatasetOption]

  init(_ adapter: any DatasetAdapter) {
    let info = adapter.info
    options = adapter.options
    id = info.id
    aliases = info.aliases
    title = info.title
    task = info.task
    metric = info.metric
    classCount = info.classCount
    chance = info.chance
    defaultSplit = info.defaultSplit
    splits = info.splits
  }
}
