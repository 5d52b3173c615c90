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
    guard let url = urlIfNamed() else {
      throw EvalError(
        .usage, "no data folder", remedy: "Say --data-root DIR, or set CLIP_EVAL_DATA.")
    }
    return url
  }

  /// Nil when neither the option nor the variable names a folder.
  func urlIfNamed() -> URL? {
    let variable = ProcessInfo.processInfo.environment["CLIP_EVAL_DATA"] ?? ""
    return (dataRoot ?? (variable.isEmpty ? nil : variable)).map {
      URL(filePath: ($0 as NSString).expandingTildeInPath)
    }
  }
}
