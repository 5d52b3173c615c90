import ArgumentParser
import Core
import Foundation

@main
struct ClipEval: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clip-eval",
    abstract: "Reproduces the experiments of the CLIP paper on any CLIP-layout checkpoint.",
    version: "0.1.0",
    subcommands: [])
}
