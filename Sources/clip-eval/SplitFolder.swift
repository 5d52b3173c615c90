import ArgumentParser
import Datasets

/// Where the presets of splits lie.
struct SplitFolder: ParsableArguments {
  @Option(
    name: .customLong("splits"),
    help:
      "Folder of presets of splits ($CLIP_EVAL_SPLITS, ./Splits or the program's own otherwise).",
    completion: .directory)
  var folder: String?

  /// Before the first dataset is named.
  func install() throws {
    if let folder { try SplitLibrary.install(folder) }
  }
}
