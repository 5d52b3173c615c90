import ArgumentParser
import Core
import Foundation
import Suites

struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "What exists: models, datasets, prompt sets, suites.",
    discussion: """
      EXAMPLES
        clip-eval list models
        clip-eval list datasets
        clip-eval list prompts --json
        clip-eval list suites
      """,
    subcommands: [ListModels.self, ListDatasets.self, ListPrompts.self, ListSuites.self])
}

struct ListSuites: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "suites", abstract: "Suites that come with the program.",
    discussion: """
      They lie in $CLIP_EVAL_SUITES, ./Suites, the checkout's or the installed folder.

      EXAMPLES
        clip-eval list suites
        clip-eval list suites --json
      """)

  @Flag(help: "Print JSON.")
  var json = false

  private struct Row: Encodable {
    let name: String
    let version: Int
    let description: String
    let experiments: [String]
    let datasets: [String]
    let path: String
  }

  private struct Document: Encodable {
    let suites: [Row]
  }

  func run() throws {
    let suites = try SuiteFile.all()
    if json {
      let rows = suites.map {
        Row(
          name: $0.name, version: $0.version, description: $0.description,
          experiments: $0.experiments.map(\.rawValue), datasets: $0.entries.map(\.dataset),
          path: $0.path)
      }
      return try Output.json(Described(kind: "suites", value: Document(suites: rows)))
    }
    try Output.table(
      [["suite", "datasets", "what it is"]]
        + suites.map { [$0.name, "\($0.entries.count)", $0.description] }, rightAligned: [1])
  }
}
