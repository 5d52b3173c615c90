import Core
import Experiments
import Foundation
import ReferenceFiles

/// The images that the paper's number on a dataset is of, as far as known (`samples.csv`).
struct PaperSample: Sendable {
  private enum Images: String {
    /// Those of a split that everybody has.
    case same
    /// Others, or a choice that is not published.
    case other
    case unknown
  }

  private var split: String
  /// As protocols record them; empty for any.
  private var options: String
  private var images: Int?
  private var captions: Int?
  private var test: Images
  /// With those that a probe's C is chosen on.
  private var training: Images

  /// By dataset.
  static func all(in folder: URL?) throws(EvalError) -> [String: PaperSample] {
    let table = try ReferenceTable("samples.csv", in: folder)
    var samples: [String: PaperSample] = [:]
    for row in table.rows {
      func images(_ column: String) throws(EvalError) -> Images {
        let text = try table.text(row, column)
        guard let value = Images(rawValue: text) else {
          throw table.error(row, column, "expected same, other or unknown, found \(text)")
        }
        return value
      }
      samples[try table.text(row, "dataset")] = PaperSample(
        split: try table.text(row, "split"), options: try table.text(row, "options"),
        images: try table.count(row, "images"), captions: try table.count(row, "captions"),
        test: try images("test"), training: try images("training"))
    }
    return samples
  }

  /// What a published number of a row was measured on.
  func count(for row: ResultRow) -> Int? {
    row.metric.hasPrefix("text-to-image") ? captions : images
  }

  /// Whether a row is of the very images of the paper, all of them: the split by name and size, every sample evaluated. A probe's number
  /// depends on the images it learned from, and on those that its C was chosen on, too.
  func isSame(as row: ResultRow) -> Bool {
    let learns = row.probe != nil || row.experiment == ProbeExperiment.linear
    return test == .same && (!learns || training == .same) && !row.partial && row.nFailed == 0
      && row.n == count(for: row) && ownName(row.protocol.split) == split
      && (options.isEmpty || row.protocol.datasetOptions == options)
  }

  /// Presets of others (`elevater/test`) may be other images of the same number; the paper's own is the split it names.
  private func ownName(_ split: String?) -> String? {
    split == "openai/test" ? self.split : split
  }
}
