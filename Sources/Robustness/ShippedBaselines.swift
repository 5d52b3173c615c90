package import Core
package import Foundation

/// Tables that come with the program, in `Reports/reference`.
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
  /// - Parameter folder: `Reports/reference`; nil for the one that comes with the program.
  package func table(in folder: URL? = nil) throws(EvalError) -> BaselineTable {
    let home: URL
    if let folder { home = folder } else { home = try Self.folder() }
    return try BaselineTable(
      csv: home.appending(path: fileName), source: "Reports/reference/\(fileName)"
    ).addingNaturalShiftMeans()
  }

  /// `Reports/reference` where `ResourceLocator` finds it.
  package static func folder() throws(EvalError) -> URL {
    do {
      return try ResourceLocator.folder(named: "Reports/reference")
    } catch let error as EvalError {
      throw error
    } catch {
      throw EvalError(.notFound, "\(error)", subject: "Reports/reference")
    }
  }
}
