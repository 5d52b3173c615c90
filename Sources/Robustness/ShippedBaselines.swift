package import Core
package import Foundation
import ReferenceFiles

/// Tables that come with the program, made of `Reports/reference`.
package enum ShippedBaselines: String, CaseIterable, Codable, Sendable {
  /// `testbed.csv` of imagenet-testbed: 338 models; ImageNetV2 in its `format-val` copy.
  case testbed = "robustness-testbed"
  /// What the paper's figures use: 329 models; ImageNetV2 with matched frequencies.
  case naturalShifts = "robustness-natural-shifts"
  /// The paper's Table 16.
  case table16 = "table-16"
  /// The paper's Figure 13, right: ResNet-101 and zero-shot CLIP.
  case figure13 = "figure-13"
  /// The paper's Figure 14, left, read off the plot.
  case figure14 = "figure-14"
  /// The paper's Figure 15, read off the plot.
  case figure15 = "figure-15"

  package var fileName: String { "\(rawValue).csv" }

  /// The table, with the means that the paper plots.
  /// - Parameter folder: whose file stands in for the program's own; nil for the one that `$CLIP_EVAL_REPORTS_REFERENCE` names, if any.
  package func table(in folder: URL? = nil) throws(EvalError) -> BaselineTable {
    let source = "Reports/reference/\(fileName)"
    return try BaselineTable(
      parsing: ReferenceFiles.data(fileName, in: folder), subject: source, source: source
    ).addingNaturalShiftMeans()
  }
}
