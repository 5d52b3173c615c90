import ArgumentParser
import Core
import DemoWorld
import Foundation

/// Draws the demo world.
@main
struct DemoWorldTool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo-world",
    abstract:
      "Draws the demo world: a small synthetic visual world in the layouts of real datasets.",
    discussion: "It needs nothing but this program, and draws the same bytes each time.",
    subcommands: [Render.self, Prompts.self])
}

struct Render: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the evaluation sets and the pre-training corpus.",
    discussion: """
      A folder that holds the whole of the same world already is left as it is.

      Examples:
        demo-world render --output world --corpus 0      the evaluation sets alone, a few seconds
        demo-world render --output world                 everything, for training
      """)

  @Option(help: ArgumentHelp("Where to write.", valueName: "folder"))
  var output: String
  @Option(help: "Image–caption pairs of the corpus; 0 leaves it out.")
  var corpus = WorldSizes().corpus
  @Option(help: "Another seed draws another world; the demo's checkpoints and numbers are of 2021.")
  var seed: UInt64 = 2021

  func validate() throws {
    guard !output.isEmpty else { throw ValidationError("--output needs the name of a folder") }
    guard corpus >= 0 else { throw ValidationError("--corpus is a number of pairs, 0 or more") }
  }

  func run() throws {
    var sizes = WorldSizes()
    sizes.corpus = corpus
    let writer = WorldWriter(World(seed: seed), sizes: sizes, root: URL(filePath: output))
    let (manifest, isNew) = try reporting(output) {
      if let existing = try writer.existing() { return (existing, false) }
      return (try writer.write(), true)
    }
    let images = manifest.images.values.reduce(0, +)
    print(
      "\(output): \(isNew ? "" : "already there: ")\(images) evaluation images in \(manifest.images.count) sets, \(manifest.sizes.corpus) pairs"
    )
  }
}

struct Prompts: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the class names and templates of the evaluation sets.",
    discussion: "Example: demo-world prompts --output Prompts")

  @Option(help: ArgumentHelp("The folder of prompt sets.", valueName: "folder"))
  var output: String

  func run() throws {
    for prompts in WorldPrompts.all {
      let url = URL(filePath: output).appending(path: "\(prompts.dataset)/\(prompts.set).yaml")
      try reporting(output) { try AtomicFile.write(prompts.yaml, to: url) }
    }
  }
}

/// Runs `body`; its error becomes a line on standard error and the exit code.
private func reporting<Result>(_ output: String, _ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as EvalError {
    let text = "demo-world: \(error.subject ?? output): \(error.message). \(error.remedy ?? "")\n"
    FileHandle.standardError.write(Data(text.utf8))
    throw ExitCode(error.kind.rawValue)
  }
}
