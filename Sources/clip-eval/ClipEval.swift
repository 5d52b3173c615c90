import ArgumentParser
import Core
import Foundation

@main
struct ClipEval: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clip-eval",
    abstract: "Reproduces the experiments of the CLIP paper on any CLIP-layout checkpoint.",
    discussion: """
      Every number comes with its protocol: split, class names, templates, preprocessing, weights and \
      metric variant are part of each result row.

      EXAMPLES
        clip-eval run Suites/first-light.yaml --model MODEL --data-root DATA --output RUN
        clip-eval classify photo.jpg --labels "a dog,a cat" --model MODEL
        clip-eval inspect MODEL

      EXIT CODES
        0 done   1 a task failed   2 a comparison found a difference   64 usage   65 malformed data
        66 input not found   70 bug   73 cannot write   75 incomplete, retry   78 bad suite   130 interrupted
      """,
    version: Version.description,
    subcommands: [
      RunCommand.self, ReportCommand.self, ListCommand.self, InspectCommand.self,
      DoctorCommand.self, EmbedCommand.self, TokenizeCommand.self, PreprocessCommand.self,
      ClassifyCommand.self,
    ])

  static func main() async {
    do {
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
      exit(withError: error)
    }
  }
}
