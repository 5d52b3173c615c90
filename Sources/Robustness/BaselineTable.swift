package import Core
package import Foundation

/// Accuracies of many models, a line each: columns `model`, `type` and one a setting.
///
/// A column `imagenet:n` holds the numbers of samples behind the column `imagenet`. A column `unit` says on every line whether accuracies
/// are in `percent` or as `fraction`; a column `source` is not read. An empty cell is not known.
package struct BaselineTable: Sendable, Equatable {
  package enum Unit: String, Codable, Sendable, CaseIterable {
    case percent
    case fraction

    /// The largest accuracy.
    var whole: Double { self == .percent ? 100 : 1 }
  }

  /// How the unit is known.
  package enum UnitOrigin: String, Codable, Sendable {
    /// The reader of the table was told.
    case declared
    /// The column `unit`.
    case column
    /// From the values: all within 0…1, or most above 1.
    case detected
  }

  package struct Row: Sendable, Equatable {
    /// In the file, from 1; nil for a row made otherwise.
    package var line: Int?
    package var model: String
    package var type: String
    /// Fractions, one a setting; nil for not known.
    package var values: [Double?]
    /// Samples behind each.
    package var counts: [Int?]
  }

  /// The file, as results call it.
  package let source: String
  package let sha256: SHA256Digest
  package let unit: Unit
  package let unitOrigin: UnitOrigin
  /// Names of columns, in their order; derived ones last.
  package internal(set) var settings: [String]
  package internal(set) var rows: [Row]

  /// - Parameters:
  ///   - source: what results call it; nil for the path.
  ///   - unit: nil for what the column `unit` says, or else for what the values show.
  /// - Throws: `EvalError.notFound`; `.malformedData` with line and column for anything that is no such table.
  package init(csv url: URL, source: String? = nil, unit: Unit? = nil) throws(EvalError) {
    let data: Data
    do {
      data = try readFile(url, limit: 1 << 28)
    } catch let error as EvalError {
      throw error
    } catch {
      throw EvalError(.notFound, "\(error)", subject: url.path)
    }
    try self.init(parsing: data, subject: url.path, source: source, unit: unit)
  }

  /// - Parameter subject: the file, for errors.
  package init(
    parsing data: Data, subject: String, source: String? = nil, unit: Unit? = nil
  ) throws(EvalError) {
    let reader = try BaselineReader(data, subject: subject, unit: unit)
    self.source = source ?? subject
    sha256 = SHA256.hash(data)
    self.unit = reader.unit
    unitOrigin = reader.unitOrigin
    settings = reader.settings
    rows = reader.rows
  }

  /// The models of a filter that have both accuracies, in the order of the table.
  /// - Throws: `EvalError` for a setting that the table does not have.
  package func points(
    base: String, shift: String, filter: BaselineFilter
  ) throws(EvalError) -> [RobustnessPoint] {
    try selection(base: base, shift: shift, filter: filter).points
  }

  /// The same, with what was left out and why.
  package func selection(
    base: String, shift: String, filter: BaselineFilter
  ) throws(EvalError) -> BaselineSelection {
    let (x, y) = (try index(of: base), try index(of: shift))
    var points: [RobustnessPoint] = []
    var selection = BaselineSelection(
      source: source, base: base, shift: shift, filter: filter, points: [])
    for row in rows {
      guard let baseValue = row.values[x], let shiftValue = row.values[y] else {
        // A model of another type is no gap in the fit.
        if filter.reason(model: row.model, type: row.type, base: row.values[x] ?? 1) == nil {
          selection.unknown.append(row.model)
        }
        continue
      }
      switch filter.reason(model: row.model, type: row.type, base: baseValue) {
      case .type: selection.otherTypes += 1
      case .name: selection.excluded.append(row.model)
      case .belowMinimum: selection.belowMinimum.append(row.model)
      case nil:
        points.append(
          RobustnessPoint(
            model: row.model, family: row.type, base: baseValue, shift: shiftValue,
            baseCount: row.counts[x], shiftCount: row.counts[y]))
      }
    }
    selection.points = points
    return selection
  }

  /// The accuracies of one model by setting, without those not known.
  package func accuracies(of model: String) -> [String: Double]? {
    rows.first { $0.model == model }.map { row in
      Dictionary(
        uniqueKeysWithValues: zip(settings, row.values).compactMap { name, value in
          value.map { (name, $0) }
        })
    }
  }

  /// With one more setting, the mean of others; not known of a model where one of them is not.
  /// - Throws: `EvalError` for a setting that the table does not have, or a name that it has.
  package func addingMean(
    _ name: String, of parts: [String]
  ) throws(EvalError) -> BaselineTable {
    guard !parts.isEmpty, !settings.contains(name) else {
      throw EvalError(
        .usage, "\(name): a mean needs a new name and at least one setting", subject: source)
    }
    var columns: [Int] = []
    for part in parts { columns.append(try index(of: part)) }
    var table = self
    table.settings.append(name)
    for row in rows.indices {
      let values = columns.compactMap { rows[row].values[$0] }
      let isComplete = values.count == columns.count
      table.rows[row].values.append(
        isComplete ? values.reduce(0, +) / Double(values.count) : nil)
      table.rows[row].counts.append(nil)
    }
    return table
  }

  private func index(of setting: String) throws(EvalError) -> Int {
    if let index = settings.firstIndex(of: setting) { return index }
    throw EvalError(
      .malformedData,
      "has no column \(setting); its settings are \(settings.joined(separator: ", "))",
      subject: "\(source):1", remedy: NearMiss.hint(for: setting, among: settings))
  }
}

/// Models chosen from a table for a line, and what was left out.
package struct BaselineSelection: Codable, Sendable, Equatable {
  package var source: String
  /// Settings.
  package var base: String
  package var shift: String
  package var filter: BaselineFilter
  package var points: [RobustnessPoint]
  /// How many of another type there are.
  package var otherTypes = 0
  /// Of the right type, left out by name.
  package var excluded: [String] = []
  package var belowMinimum: [String] = []
  /// One of the two accuracies is not known.
  package var unknown: [String] = []
  /// An accuracy of 0 or 1 has no place on the line's scale.
  package var withoutPlace: [String] = []
}
