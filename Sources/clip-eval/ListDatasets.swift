import ArgumentParser
import Core
import Datasets
import Foundation

struct ListDatasets: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "datasets", abstract: "Lists the datasets that can be read, or says all of one.",
    discussion: """
      With a name: splits and the variants they are known in, presets of splits, options, and where the \
      dataset is to be had.

      EXAMPLES
        clip-eval list datasets
        clip-eval list datasets EuroSAT
        clip-eval list datasets --json
      """)

  @Argument(help: "Only this dataset: its id or an alias.")
  var name: String?

  @OptionGroup var splitFolder: SplitFolder

  @Flag(help: "Print JSON.")
  var json = false

  private struct Catalog: Encodable {
    var datasets: [DatasetDescription]
  }

  func run() throws {
    try splitFolder.install()
    let adapters =
      try name.map { [try DatasetRegistry.adapter(named: $0)] } ?? DatasetRegistry.withPresets()
    let described = adapters.map(DatasetDescription.init)
    // The paper's own first.
    let datasets = described.filter { $0.paper != nil } + described.filter { $0.paper == nil }
    if json {
      return try Output.json(Described(kind: "datasets", value: Catalog(datasets: datasets)))
    }
    if name != nil, let dataset = datasets.first { return try show(dataset) }
    let header = ["dataset", "task", "classes", "chance", "metric", "default split", "splits"]
    let rows = datasets.map { dataset in
      [
        dataset.id, dataset.task.rawValue, dataset.classCount.map(String.init) ?? "–",
        dataset.chanceText, dataset.metric,
        dataset.splits.isEmpty ? "as on disk" : Self.text(dataset, dataset.defaultSplit),
        dataset.splits.filter { !$0.name.contains("/") && $0.name != dataset.defaultSplit }
          .map { Self.text(dataset, $0.name) }.joined(separator: ", "),
      ]
    }
    try Output.table([header] + rows)
    try Output.line("`list datasets NAME` says more: variants, presets of splits, where to get it")
  }

  private static func text(_ dataset: DatasetDescription, _ split: String) -> String {
    let count = dataset.splits.first { $0.name == split }?.expectedCount
    return "\(split) \(count.map(String.init) ?? "?")"
  }

  // MARK: One dataset

  private func show(_ dataset: DatasetDescription) throws {
    var rows = [
      ["dataset", "\(dataset.id): \(dataset.title)"],
      ["aliases", dataset.aliases.joined(separator: ", ")],
      ["task", dataset.task.rawValue],
      ["metric", dataset.metric],
      ["classes", dataset.classCount.map(String.init) ?? "–"],
      ["chance", dataset.chanceText],
      ["default split", dataset.defaultSplit],
    ]
    if let paper = dataset.paper {
      rows.append(["Table 9", "\(paper.train) train, \(paper.test) test"])
    }
    for option in dataset.options {
      rows.append([
        "option",
        "\(option.name)=\(option.values.joined(separator: "|")), \(option.defaultValue) by default: \(option.meaning)",
      ])
    }
    try Output.table(rows)
    let own = dataset.splits.filter { !$0.name.contains("/") }
    if !own.isEmpty {
      try Output.line("")
      try Output.table(
        [["split", "samples", "known as"]]
          + own.flatMap { split in
            split.variants.isEmpty
              ? [[split.name, "–", ""]]
              : split.variants.enumerated().map { number, variant in
                [number == 0 ? split.name : "", "\(variant.count)", variant.name]
              }
          }, rightAligned: [1])
    }
    if !dataset.presets.isEmpty {
      try Output.line("")
      try Output.table(
        [["preset", "samples", "made of"]]
          + dataset.presets.flatMap { preset in
            preset.parts.map { [$0.name, $0.count.map(String.init) ?? "–", $0.made] }
          }, rightAligned: [1])
      for preset in dataset.presets {
        try Output.line(
          "\(preset.name), version \(preset.version): \(preset.source)"
            + (preset.note.map { ". \($0)" } ?? ""))
      }
    }
    guard let source = dataset.source else { return }
    try Output.line("")
    try SourceText.show(source)
  }
}

extension DatasetDescription {
  var chanceText: String { chance.map { String(format: "%.1f %%", $0 * 100) } ?? "–" }
}

/// Where a dataset is to be had, for people.
enum SourceText {
  static func show(_ source: DatasetSource) throws {
    if let homepage = source.homepage { try Output.line("page: \(homepage)") }
    try Output.line("licence: \(source.licence)")
    if !source.files.isEmpty {
      try Output.table(
        [["file", "size", "verified by", "addresses"]]
          + source.files.map { file in
            [
              file.name, file.bytes.map(ByteCount.text) ?? "–",
              file.sha256 != nil ? "SHA-256" : file.md5 != nil ? "MD5" : "–",
              file.addresses.isEmpty ? "by hand" : file.addresses.joined(separator: " "),
            ]
          }, rightAligned: [1])
    }
    if let byHand = source.byHand { try Output.line("by hand: \(byHand)") }
    for note in source.notes { try Output.line("note: \(note)") }
  }
}
