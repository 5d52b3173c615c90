package import Core
package import Statistics

/// What results say of a line: the models it goes through, where they are from, and what came out, without its resamples.
package struct FitRecord: Codable, Sendable, Equatable {
  /// The table, as results call it, and the hash of its bytes.
  package var source: String
  package var sha256: SHA256Digest
  package var unit: BaselineTable.Unit
  package var unitOrigin: BaselineTable.UnitOrigin
  /// Settings.
  package var base: String
  package var shift: String
  package var filter: BaselineFilter
  /// Models left out, by reason.
  package var excluded: [String]
  package var belowMinimum: [String]
  package var unknown: [String]
  package var withoutPlace: [String]
  package var scale: AccuracyScale
  package var weighting: RobustnessFit.Weighting
  /// Models.
  package var count: Int
  package var slope: Double
  package var slopeInterval95: Interval?
  package var intercept: Double
  package var interceptInterval95: Interval?
  package var baseRange: Interval
  package var moved: [String]
  package var intervalMethod: String

  package init(_ fit: RobustnessFit, of selection: BaselineSelection, in table: BaselineTable) {
    source = table.source
    sha256 = table.sha256
    unit = table.unit
    unitOrigin = table.unitOrigin
    base = selection.base
    shift = selection.shift
    filter = selection.filter
    excluded = selection.excluded
    belowMinimum = selection.belowMinimum
    unknown = selection.unknown
    withoutPlace = selection.withoutPlace
    scale = fit.scale
    weighting = fit.weighting
    count = fit.count
    slope = fit.slope
    slopeInterval95 = fit.slopeInterval95
    intercept = fit.intercept
    interceptInterval95 = fit.interceptInterval95
    baseRange = fit.baseRange
    moved = fit.moved
    intervalMethod = fit.intervalMethod
  }

  /// Which models and columns the line is of, in words.
  package var text: String {
    "\(count) models of \(source) (\(filter.name)), \(shift) against \(base)"
  }
}
