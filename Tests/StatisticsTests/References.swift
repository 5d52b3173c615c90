import Foundation
import TestSupport
import Testing

/// Reference values of `Tools/make-statistics-fixtures.py`.
enum References {
  static func read<Case: Decodable>(_ name: String) throws -> [Case] {
    let file = TestPaths.fixtures.appending(path: "Statistics/\(name).json")
    return try JSONDecoder().decode([Case].self, from: Data(contentsOf: file))
  }
}

/// Records an issue unless the value found is the reference within a relative error, or both are none. A reference of 0 asks for 0.
func agrees(
  _ found: Double?, _ reference: Double?, within tolerance: Double = 1e-10,
  _ what: @autoclosure () -> String, sourceLocation: SourceLocation = #_sourceLocation
) {
  guard let found, let reference else {
    #expect(
      found == nil && reference == nil, "\(what()): \(found as Any), expected \(reference as Any)",
      sourceLocation: sourceLocation)
    return
  }
  #expect(
    abs(found - reference) <= tolerance * abs(reference),
    "\(what()): \(found), expected \(reference)", sourceLocation: sourceLocation)
}
