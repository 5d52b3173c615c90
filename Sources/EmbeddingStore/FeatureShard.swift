package import Core
package import Foundation
package import LinearAlgebra
import TensorFiles

/// Features of a run of consecutive samples, with the hashes of the images they were made of.
package struct FeatureShard: Sendable, Equatable {
  /// [n, D], as the tower gives them. Rows of failed samples are zero.
  package var features: Matrix
  /// SHA-256 of each image's bytes, n.
  package var contents: [SHA256Digest]
  /// Why a row has no feature, by row.
  package var failures: [Int: String]

  package init(features: Matrix, contents: [SHA256Digest], failures: [Int: String]) {
    self.features = features
    self.contents = contents
    self.failures = failures
  }

  /// What the shard is filed under: the ordered image contents.
  package static func address(of contents: [SHA256Digest]) -> SHA256Digest {
    SHA256.hash(contents.map(\.hex).joined(separator: "\n"))
  }

  package func encode() throws -> Data {
    let hashes = Data(contents.flatMap { hexBytes($0.hex) })
    let failures = Dictionary(
      uniqueKeysWithValues: failures.map { (String($0.key), $0.value) })
    return try SafetensorsFile.encode(
      [
        TensorPayload(
          name: "features", shape: [features.rows, features.columns], floats: features.storage),
        TensorPayload(name: "contents", type: .uint8, shape: [contents.count, 32], bytes: hashes),
      ],
      metadata: [
        "failures": try CanonicalJSON.string(failures),
        "sha256": features.storage.withUnsafeBytes { SHA256.hash($0) }.hex,
      ])
  }

  init(reading url: URL) throws {
    let file = try SafetensorsFile(url)
    let features = try file.tensor("features")
    let contents = try file.tensor("contents")
    guard features.shape.count == 2, contents.shape == [features.shape[0], 32],
      contents.type == .uint8
    else {
      throw EvalError(
        .malformedData,
        "not a feature shard: features \(features.shape), contents \(contents.shape)",
        subject: url.path)
    }
    // Shards are also found by address alone, where no manifest vouches for the file.
    guard file.metadata["sha256"] == SHA256.hash(features.bytes).hex else {
      throw EvalError(
        .malformedData, "the features do not match their checksum", subject: url.path)
    }
    // A lost failure would make a zero row count as a feature.
    let recorded = try? JSONDecoder().decode(
      [String: String].self, from: Data((file.metadata["failures"] ?? "").utf8))
    let failures = (recorded ?? [:]).compactMap { row, reason in Int(row).map { ($0, reason) } }
    guard let recorded, failures.count == recorded.count,
      failures.allSatisfy({ (0..<features.shape[0]).contains($0.0) })
    else {
      throw EvalError(
        .malformedData, "the shard's list of failed samples is damaged", subject: url.path)
    }
    self.features = Matrix(
      rows: features.shape[0], columns: features.shape[1], storage: try features.floats())
    self.contents = (0..<features.shape[0]).map { row in
      SHA256Digest(
        hex: contents.bytes[row * 32..<(row + 1) * 32].map { hexByte($0) }.joined())
    }
    self.failures = Dictionary(failures, uniquingKeysWith: { first, _ in first })
  }
}

private func hexByte(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16)
  return byte < 16 ? "0" + digits : digits
}

private func hexBytes(_ hex: String) -> [UInt8] {
  let digits = hex.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
  return stride(from: 0, to: digits.count - 1, by: 2).map {
    UInt8(digits[$0] << 4 | digits[$0 + 1])
  }
}
