import ArgumentParser

struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Checks files of the program or one's own, without a model.",
    discussion: """
      EXAMPLES
        clip-eval validate prompts
        clip-eval validate prompts mine.yaml
      """,
    subcommands: [ValidatePrompts.self])
}
