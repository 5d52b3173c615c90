package import Core
package import Foundation
package import LinearAlgebra

/// Features made elsewhere, checked and in memory: what the pure half of the program works on when no model
/// of its own made them. N samples (or texts), D numbers each.
@dynamicMemberLookup
package struct FeatureTable: Sendable {
  /// N × D, as the file has them; every row is finite and none is zero.
  package let features: Matrix
  package let facts: FeatureFacts

  package var count: Int { features.rows }
  package var width: Int { features.columns }

  package subscript<Value>(dynamicMember fact: KeyPath<FeatureFacts, Value>) -> Value {
    facts[keyPath: fact]
  }

  /// File and row, and the row's id where it has one, for messages.
  package func place(ofRow row: Int) -> String { facts.place(ofRow: row) }
}

/// What is known of features besides their numbers.
package struct FeatureFacts: Sendable {
  /// One file's share of the rows.
  package struct Part: Sendable, Equatable {
    package let file: URL
    package let rows: Range<Int>
  }

  /// The class number of each row, at least 0; nil where the source has none.
  package let labels: [Int]?
  /// Where rows show several classes each, in place of `labels`.
  package let labelMatrix: LabelMatrix?
  /// What each row is of; nil where the source does not say. Those of images are unique.
  package let ids: [String]?
  /// Class ids in the order of the label numbers, where the source records them.
  package let classIDs: [String]?
  /// As stored; in memory all are float32.
  package let elementType: String
  package let parts: [Part]
  /// Shortest and longest row.
  package let norms: ClosedRange<Double>
  /// SHA-256 over the lines `sha256(file)\n` of the feature files in the order of their rows: which bits these
  /// are, whatever the files are called.
  package let sha256: SHA256Digest
  /// What a safetensors file says of itself.
  package let metadata: [String: String]

  /// File and row, and the row's id where it has one, for messages.
  package func place(ofRow row: Int) -> String {
    let part = parts.first { $0.rows.contains(row) }
    let position = row - (part?.rows.lowerBound ?? 0)
    let id = ids.flatMap { $0.indices.contains(row) ? " (\($0[row]))" : nil } ?? ""
    return "\(part?.file.path ?? "features"), row \(position)\(id)"
  }
}
