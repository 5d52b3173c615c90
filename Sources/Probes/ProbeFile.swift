import Core
package import Foundation
import TensorFiles

/// A fitted probe on disk: a safetensors file with `weights` [K, D] and `intercepts` [K] in F64, and in its metadata how the fit
/// ended, what its classes are, and the SHA-256 of both tensors' bytes, so that a damaged file is known as one.
package struct ProbeFile: Sendable, Equatable {
  package var fit: Fit
  /// Whether each class is a question of its own (a logistic loss each) instead of one of several answers (softmax).
  package var isMultiLabel: Bool
  /// Class ids in the order of the rows; nil where only their numbers are known.
  package var classIDs: [String]?
  /// More about the fit, by name: what it was made from, how C was chosen.
  package var notes: [String: String]

  package init(
    fit: Fit, isMultiLabel: Bool, classIDs: [String]? = nil, notes: [String: String] = [:]
  ) {
    self.fit = fit
    self.isMultiLabel = isMultiLabel
    self.classIDs = classIDs
    self.notes = notes
  }

  private enum Key {
    static let format = "format"
    static let formatName = "clip-eval probe 1"
    static let fit = "fit"
    static let labels = "labels"
    static let classes = "classes"
    static let digest = "tensors_sha256"
    static let all: Set = [format, fit, labels, classes, digest]
  }

  /// Written under a temporary name first: a reader sees the whole file or none.
  /// - Throws: `EvalError.cannotWrite`.
  package func write(to url: URL) throws {
    let model = fit.model
    let weights = model.weights.withUnsafeBytes { Data($0) }
    let intercepts = model.intercepts.withUnsafeBytes { Data($0) }
    var metadata = notes.filter { !Key.all.contains($0.key) }
    metadata[Key.format] = Key.formatName
    metadata[Key.fit] = try CanonicalJSON.string(fit.summary)
    metadata[Key.labels] = isMultiLabel ? "multiple" : "single"
    metadata[Key.classes] = try classIDs.map { try CanonicalJSON.string($0) }
    metadata[Key.digest] = Self.digest(weights, intercepts)
    try SafetensorsFile.write(
      [
        TensorPayload(
          name: "weights", type: .float64, shape: [model.classCount, model.columns], bytes: weights),
        TensorPayload(
          name: "intercepts", type: .float64, shape: [model.classCount], bytes: intercepts),
      ], metadata: metadata, to: url)
  }

  /// Whether a safetensors file's metadata is that of a probe.
  package static func recognises(metadata: [String: String]) -> Bool {
    metadata[Key.format]?.hasPrefix("clip-eval probe") == true
  }

  /// - Throws: `EvalError.notFound`, or `.malformedData` for a file that is no probe, a damaged one, or one with numbers that no fit has.
  package init(contentsOf url: URL) throws {
    let file = try SafetensorsFile(url)
    func malformed(_ message: String) -> EvalError {
      EvalError(
        .malformedData, message, subject: url.path,
        remedy: "Fit the probe again: clip-eval probe … --save \(url.lastPathComponent).")
    }
    guard file.metadata[Key.format] == Key.formatName else {
      throw malformed(
        "expected a probe (\"format\": \"\(Key.formatName)\" in the metadata), found \(file.metadata[Key.format].map { "\"\($0)\"" } ?? "none")"
      )
    }
    let weights = try file.tensor("weights")
    let intercepts = try file.tensor("intercepts")
    guard weights.type == .float64, intercepts.type == .float64, weights.shape.count == 2,
      intercepts.shape == [weights.shape[0]], weights.shape[0] > 1, weights.shape[1] > 0
    else {
      throw malformed(
        "expected weights K×D and intercepts K in F64, found \(weights.type.rawValue) of shape \(weights.shape) and \(intercepts.type.rawValue) of shape \(intercepts.shape)"
      )
    }
    guard
      file.metadata[Key.digest] == Self.digest(Data(weights.bytes), Data(intercepts.bytes))
    else { throw malformed("its numbers are not those it was written with") }
    let isMultiLabel = file.metadata[Key.labels] == "multiple"
    self.isMultiLabel = isMultiLabel
    let model = LinearModel(
      classCount: weights.shape[0], columns: weights.shape[1], weights: Self.numbers(weights),
      intercepts: Self.numbers(intercepts))
    guard model.weights.allSatisfy(\.isFinite),
      // A class that no training sample has is never predicted; of several labels, one that all have always is.
      model.intercepts.allSatisfy({
        $0.isFinite || $0 == -.infinity || ($0 == .infinity && isMultiLabel)
      })
    else { throw malformed("expected finite weights and intercepts, found others") }
    do {
      let text = Data((file.metadata[Key.fit] ?? "").utf8)
      fit = Fit(model: model, summary: try JSONDecoder().decode(FitSummary.self, from: text))
      classIDs = try file.metadata[Key.classes].map {
        try JSONDecoder().decode([String].self, from: Data($0.utf8))
      }
    } catch is DecodingError {
      throw malformed("expected \"\(Key.fit)\" and \"\(Key.classes)\" in its metadata as JSON")
    }
    if let classIDs, classIDs.count != model.classCount {
      throw malformed("expected ids of \(model.classCount) classes, found \(classIDs.count)")
    }
    notes = file.metadata.filter { !Key.all.contains($0.key) }
  }

  private static func digest(_ weights: Data, _ intercepts: Data) -> String {
    SHA256.hash(weights + intercepts).hex
  }

  private static func numbers(_ tensor: TensorView) -> [Double] {
    (0..<tensor.count).map {
      tensor.bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self)
    }
  }
}
