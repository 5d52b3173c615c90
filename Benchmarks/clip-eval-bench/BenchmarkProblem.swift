import Core
import Foundation
import Probes
import TensorFiles

/// A file of make-probe-data.py, mapped.
struct BenchmarkProblem {
  let name: String
  let training: ProbeData
  /// Nil for few-shot problems, whose samples are drawn from one pool.
  let validation: ProbeData?
  private let file: SafetensorsFile

  init(_ url: URL) throws {
    let file = try SafetensorsFile(url)
    self.file = file
    name = url.deletingPathExtension().lastPathComponent
    let labels = try Self.integers(file, "labels")
    let classCount = (labels.max() ?? 0) + 1
    func data(_ features: String, _ labels: [Int]) throws -> ProbeData {
      let tensor = try file.tensor(features)
      guard tensor.type == .float32, tensor.shape.count == 2,
        let base = tensor.bytes.baseAddress, Int(bitPattern: base) % 4 == 0
      else {
        throw EvalError(.malformedData, "expected \(features) N×D in F32", subject: url.path)
      }
      return try ProbeData(
        features: FeatureRows(
          pointer: base.assumingMemoryBound(to: Float.self), rows: tensor.shape[0],
          columns: tensor.shape[1], owner: file.file),
        labels: .single(labels), classCount: classCount, subject: url.path)
    }
    training = try data("features", labels)
    validation =
      file.tensors["validation_features"] == nil
      ? nil : try data("validation_features", Self.integers(file, "validation_labels"))
  }

  /// - Parameter part: `rows` to train on, or `validation`.
  func rows(_ part: String, _ shots: Int, _ seed: Int) throws -> [Int] {
    try Self.integers(file, "\(part)-\(shots)-\(seed)")
  }

  private static func integers(_ file: SafetensorsFile, _ name: String) throws -> [Int] {
    try file.tensor(name).integers().map { Int($0) }
  }
}
