import ArgumentParser
import Core
import Foundation

/// Where the datasets lie.
struct DataRoot: ParsableArguments {
  @Option(
    help: "Folder that holds the datasets ($CLIP_EVAL_DATA otherwise).", completion: .directory)
  var dataRoot: String?

  /// - Throws: `EvalError.usage` when neither the option nor the variable names a folder.
  func url() throws -> URL {
    let variable = ProcessInfo.processInfo.environment["CLIP_EVAL_DATA"] ?? ""
    guard let path = dataRoot ?? (variable.isEmpty ? nil : variable) else {
      throw EvalError(
        .usage, "no data folder", remedy: "Say --data-root DIR, or set CLIP_EVAL_DATA.")
    }
    return URL(filePath: (path as NSString).expandingTildeInPath)
  }
}
