import ArgumentParser
import Core
import Foundation
import Suites

struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "What exists: datasets, prompt sets, suites.",
    subcommands: [ListDatasets.self, ListPrompts.self, ListSuites.self])
}

struct ListSuites: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "suites", abstract: "Suites that come with the program.")

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

  func run() throws {
    let suites = try SuiteFile.all()
    if json {
      return try Output.json(
        suites.map {
          Row(
            name: $0.name, version: $0.version, description: $0.description,
            experiments: $0.experiments.map(\.rawValue), datasets: $0.entries.map(\.dataset),
            path: $0.path)
        })
    }
    Output.table(
      [["suite", "datasets", "what it is"]]
        + suites.map { [$0.name, "\($0.entries.count)", $0.description] }, rightAligned: [1])
  }
}
