import ArgumentParser

struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "What exists: models, datasets, prompt sets, suites, published numbers.",
    discussion: """
      EXAMPLES
        clip-eval list models
        clip-eval list datasets
        clip-eval list prompts --json
        clip-eval list suites
        clip-eval list references
      """,
    subcommands: [
      ListModels.self, ListDatasets.self, ListPrompts.self, ListSuites.self, ListReferences.self,
    ])
}
