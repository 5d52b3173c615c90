import Core
import Foundation
import Robustness

/// The models of others that a suite's results are held against, as far as its base and shifts are columns of their table.
///
/// A shift's column is called as its dataset, and the column of the base's images of the shift's classes `BASE-on-SHIFT`, or else as the
/// base. Tables that come with the program, and others with these names, have the seven natural shifts of ImageNet under the names of
/// `NaturalShift`.
struct RobustnessBaselines {
  let table: BaselineTable
  /// Of each shift, by dataset id.
  private let settings: [String: (base: String, shift: String)]
  /// Of the mean over all shifts of the suite.
  private let mean: (base: String, shift: String)?
  /// Whom the line is of.
  let filter: BaselineFilter
  /// Who is drawn.
  let shown: BaselineFilter

  /// - Parameters:
  ///   - file: of the user's table, wherever it lies now.
  ///   - base: dataset id, like `shifts`.
  /// - Throws: `EvalError` for a table that cannot be read or lacks a column.
  init(
    _ baselines: RobustnessSettings.Baselines, file: URL?, base: String, shifts: [String]
  ) throws {
    var table: BaselineTable
    switch baselines {
    case .shipped(let shipped):
      table = try shipped.table()
      filter = .standard
      // As the paper's figures: without the testbed's ablations, weak models and those of no kind.
      shown = BaselineFilter(
        name: "models of the paper's figures",
        types: ["standard", "robust-intervention", "lp-adversarial", "more-data"],
        excludedNameParts: filter.excludedNameParts, minimumBase: filter.minimumBase)
    case .file(let path):
      let url = file ?? URL(filePath: path)
      table = try BaselineTable(csv: url, source: URL(filePath: path).lastPathComponent)
        .addingNaturalShiftMeans()
      filter = BaselineFilter(name: "models of type standard", types: ["standard"])
      shown = .all
    }
    var settings: [String: (base: String, shift: String)] = [:]
    for shift in shifts {
      settings[shift] = try Self.setting(of: shift, base: base, in: table)
    }
    self.settings = settings
    if shifts.count > 1 {
      let own = shifts.compactMap { settings[$0] }
      table = try table.addingMean(Self.meanNames.shift, of: own.map(\.shift))
        .addingMean(Self.meanNames.base, of: own.map(\.base))
      mean = Self.meanNames
    } else {
      mean = nil
    }
    self.table = table
  }

  private static let meanNames = (
    base: "mean of the suite's bases", shift: "mean of the suite's shifts"
  )

  private static func setting(
    of shift: String, base: String, in table: BaselineTable
  ) throws(EvalError) -> (base: String, shift: String) {
    if base == "ImageNet", let natural = NaturalShift.all.first(where: { $0.dataset == shift }),
      let setting = [natural.setting, natural.copy].compactMap(\.self).first(
        where: table.settings.contains), table.settings.contains(natural.base)
    {
      return (natural.base, setting)
    }
    func column(_ dataset: String) throws(EvalError) -> String {
      if table.settings.contains(dataset) { return dataset }
      if let alias = table.settings.first(where: { RobustnessSettings.id($0) == dataset }) {
        return alias
      }
      throw EvalError(
        .malformedData,
        "has no column \(dataset); its settings are \(table.settings.joined(separator: ", "))",
        subject: table.source,
        remedy:
          "Call columns as their datasets, or `BASE-on-SHIFT`; or say `baselines: none`.")
    }
    let own = "\(base)-on-\(shift)"
    return (
      base: try table.settings.contains(own) ? own : column(base), shift: try column(shift)
    )
  }

  /// - Parameter shift: nil for the mean over the suite's shifts.
  func setting(of shift: String?) -> (base: String, shift: String)? {
    shift.map { settings[$0] } ?? mean
  }
}

extension SuiteFile {
  /// A copy of the user's table in a run folder, so that reports need nothing else.
  func baselineFile(in folder: URL) -> URL {
    folder.appending(path: "baselines/\(name.replacing("/", with: "-")).csv")
  }

  /// The suite's baselines, read; nil for none.
  /// - Parameter run: the run folder, whose copy of a user's table is read where it is there.
  func robustnessBaselines(in run: URL?) throws -> RobustnessBaselines? {
    guard let robustness, let baselines = robustness.baselines else { return nil }
    let copy = run.map { baselineFile(in: $0) }
    return try RobustnessBaselines(
      baselines, file: copy.flatMap { isFile($0) ? $0 : nil },
      base: RobustnessSettings.id(robustness.base),
      shifts: robustness.shifts.map(RobustnessSettings.id))
  }

  /// That the baselines can be read and have the suite's columns: told before anything is computed.
  /// - Throws: `EvalError.badSuite` at the place of the block; `.notFound`.
  package func checkBaselines() throws {
    do {
      _ = try robustnessBaselines(in: nil)
    } catch let error as EvalError where error.kind == .malformedData {
      throw EvalError(
        .badSuite, [error.subject, error.message].compactMap(\.self).joined(separator: ": "),
        subject: robustness?.place, remedy: error.remedy)
    }
  }

  /// Copies the user's table into a run folder.
  func keepBaselines(in run: URL) throws {
    guard case .file(let path) = robustness?.baselines else { return }
    try AtomicFile.write(try readFile(URL(filePath: path)), to: baselineFile(in: run))
  }
}
