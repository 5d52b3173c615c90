import ArgumentParser
import Core
import Foundation

@main
struct ClipEval: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clip-eval",
    abstract: "Reproduces the experiments of the CLIP paper on any CLIP-layout checkpoint.",
    discussion: """
      Every number comes with its protocol: split, class names, templates, \
      preprocessing, weights and metric variant are part of each result row. \
      Results go to standard output, progress and messages to standard error.

      EXAMPLES
        clip-eval run first-light --model MODEL --data-root DATA --output RUN
        clip-eval classify photo.jpg --labels "dog,cat,horse" --model MODEL
        clip-eval inspect MODEL
        clip-eval --generate-completion-script bash > clip-eval.bash

      EXIT CODES
          0  done
          1  a task failed; the others ran and are reported
          2  a comparison found a difference
         64  usage
         65  malformed data or checkpoint
         66  input not found
         70  a bug in this program
         73  output cannot be written
         75  incomplete; trying again helps
         78  bad suite, or the output folder holds another plan
        130  interrupted; what was finished is saved
      """,
    version: Version.description,
    subcommands: [
      RunCommand.self, ReportCommand.self, CompareCommand.self, ExplainCommand.self,
      ListCommand.self,
      InspectCommand.self,
      DoctorCommand.self, ValidateCommand.self, DownloadCommand.self, EmbedCommand.self,
      TokenizeCommand.self,
      PreprocessCommand.self, ClassifyCommand.self, ProbeCommand.self, OverlapCommand.self,
      HumansCommand.self,
    ])

  static func main() async {
    do {
      try checkSubcommand(Array(CommandLine.arguments.dropFirst()))
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let error as EvalError {
      Terminal.error("error: \(error)")
      Foundation.exit(error.kind.rawValue)
    } catch  where error is CocoaError || error is POSIXError {
      Terminal.error("error: \(error.localizedDescription)")
      Foundation.exit(EvalError.Kind.bug.rawValue)
    } catch {
      exit(reporting: error)
    }
  }

  /// The parser calls a mistyped subcommand an unexpected argument; this names what was probably meant.
  private static func checkSubcommand(_ arguments: [String]) throws {
    var node: any ParsableCommand.Type = Self.self
    var path = "clip-eval"
    for word in arguments {
      let children = node.configuration.subcommands
      guard !children.isEmpty, !word.hasPrefix("-"), word != "help" else { return }
      let names = children.compactMap { $0.configuration.commandName }
      guard let next = children.first(where: { $0.configuration.commandName == word }) else {
        throw EvalError(
          .usage, "\(path) has no subcommand `\(word)`",
          remedy: NearMiss.hint(for: word, among: names)
            ?? "Subcommands: \(names.joined(separator: ", ")).")
      }
      node = next
      path += " \(word)"
    }
  }

  /// Ends the process as the parser would, its errors worded like the program's own.
  private static func exit(reporting error: any Error) -> Never {
    let code = exitCode(for: error)
    let message = fullMessage(for: error)
    guard code != .success, message.hasPrefix("Error: ") else { exit(withError: error) }
    Terminal.error("error: " + message.dropFirst("Error: ".count))
    Foundation.exit(code.rawValue)
  }
}
