import CKernels
import Core
import EmbeddingStore
import Foundation
import LinearAlgebra
import Probes

/// One features file, as a probe takes it.
struct ProbeInput {
  let path: String
  let source: MappedFeatures
  let data: ProbeData

  /// Of its rows: what examples are drawn by. The rows' numbers where the file has no ids.
  var ids: [String] { source.ids ?? (0..<source.count).map(String.init) }
}

/// The files of a probe, checked, their labels numbers of one list of classes.
struct ProbeInputs {
  let training: ProbeInput
  let validation: ProbeInput?
  let test: ProbeInput
  let classes: ProbeClasses
  /// Classes without a training sample; empty unless they are to be left out.
  let absentClasses: [Int]
  let isNormalized: Bool
  /// What is odd, but not wrong for certain.
  let warnings: [String]

  var isMultiLabel: Bool {
    if case .multiple = training.data.labels { true } else { false }
  }

  /// - Throws: `EvalError.notFound` and `.malformedData`, naming file and row.
  init(
    train: String, val: String?, test: String, normalizes: Bool, absent: AbsentClasses
  ) throws {
    func read(_ path: String) throws -> (path: String, source: MappedFeatures) {
      let path = (path as NSString).expandingTildeInPath
      return (path, try MappedFeatures(at: URL(filePath: path)))
    }
    let first = try read(train)
    let others = try [val, test].map { try $0.map(read) }
    for other in others.compactMap(\.self) where other.source.columns != first.source.columns {
      throw EvalError(
        .malformedData,
        "expected features of width \(first.source.columns) as in \(first.path), found \(other.source.columns)",
        subject: other.path,
        remedy: "All files must be of one model and one kind of features (embed images --feature).")
    }
    let classes = try ProbeClasses(
      of: first.source, first.path, and: others.compactMap(\.self))
    func input(_ file: (path: String, source: MappedFeatures)) throws -> ProbeInput {
      let rows = try FeatureRows(
        joining: file.source.pieces.map {
          FeatureRows(
            pointer: $0.pointer, rows: $0.rows, columns: file.source.columns, owner: $0.owner)
        })
      return ProbeInput(
        path: file.path, source: file.source,
        data: try ProbeData(
          features: normalizes ? rows.withUnitLength() : rows,
          labels: try classes.labels(of: file.source, file.path), classCount: classes.count,
          subject: file.path))
    }
    training = try input(first)
    validation = try others[0].map(input)
    guard let last = others[1] else { throw EvalError(.bug, "a probe without a test file") }
    self.test = try input(last)
    self.classes = classes
    isNormalized = normalizes
    absentClasses = try classes.absent(
      from: training, others: [validation, self.test].compactMap(\.self), absent)
    warnings = Self.warnings(training, [validation, self.test].compactMap(\.self))
  }

  /// What files say of their features besides, by name.
  private static let facts = [
    ("model", "the model"), ("feature", "the kind of features"), ("normalized", "normalisation"),
    ("preprocessing", "the preprocessing"), ("precision", "the precision"),
  ]

  private static func warnings(_ training: ProbeInput, _ others: [ProbeInput]) -> [String] {
    var warnings: [String] = []
    let files = [training] + others
    for (index, other) in files.enumerated() {
      for earlier in files[..<index] {
        if other.source.sha256 == earlier.source.sha256 {
          warnings.append("\(other.path) is \(earlier.path), byte for byte")
        } else if let ids = earlier.source.ids, let its = other.source.ids {
          let shared = Set(ids).intersection(its).count
          guard shared > 0 else { continue }
          warnings.append("\(shared) samples of \(other.path) are in \(earlier.path) too")
        }
      }
    }
    for other in others {
      for (key, name) in facts {
        if let own = training.source.metadata[key], let its = other.source.metadata[key],
          own != its
        {
          warnings.append("\(name) of \(training.path) is \(own), that of \(other.path) is \(its)")
        }
      }
    }
    return warnings
  }
}

extension FeatureRows {
  /// A copy in memory, every row at length 1.
  fileprivate func withUnitLength() -> FeatureRows {
    let copy = FloatBuffer(count: count * columns)
    withRows(0..<count) { source, rows in
      (copy.pointer + rows.lowerBound * columns).update(from: source, count: rows.count * columns)
    }
    ck_normalize_rows(copy.pointer, count, columns)
    return FeatureRows(pointer: copy.pointer, rows: count, columns: columns, owner: copy)
  }
}
