import Core
import Foundation
import TensorFiles
import TestSupport
import Testing

import EmbeddingStore

/// Features that are used where they lie are the same as those read into memory, and are checked alike.
@Suite struct MappedFeaturesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func url(_ name: String) -> URL { folder.url.appending(path: name) }

  private func values(_ features: MappedFeatures) -> [Float] {
    features.pieces.flatMap {
      Array(UnsafeBufferPointer(start: $0.pointer, count: $0.rows * features.columns))
    }
  }

  @Test(
    "Float32 in safetensors and npy is mapped; its numbers and facts are those of a FeatureTable")
  func mapped() throws {
    let numbers: [Float] = [3, 4, 0, 1, -2, 0.5]
    try SafetensorsFile.write(
      [
        TensorPayload(name: "features", shape: [3, 2], floats: numbers),
        TensorPayload(name: "labels", shape: [3], integers: [1, 0, 1]),
      ], metadata: ["classes": #"["x","y"]"#, "model": "m"], to: url("f.safetensors"))
    try NPYFile.write(shape: [3, 2], values: numbers, to: url("f.npy"))
    for name in ["f.safetensors", "f.npy"] {
      let features = try MappedFeatures(at: url(name))
      let table = try FeatureTable(at: url(name))
      #expect(features.pieces.map(\.isMapped) == [true])
      #expect(features.count == 3 && features.columns == 2)
      #expect(values(features) == numbers)
      #expect(features.sha256 == table.sha256 && features.norms == table.norms)
      #expect(features.facts.place(ofRow: 2) == "\(url(name).path), row 2")
    }
    let features = try MappedFeatures(at: url("f.safetensors"))
    #expect(features.labels == [1, 0, 1] && features.classIDs == ["x", "y"])
    #expect(features.metadata["model"] == "m")
  }

  @Test("The mapping lives as long as a piece does")
  func lifetime() throws {
    try NPYFile.write(shape: [1, 2], values: [3, 4], to: url("f.npy"))
    var piece: MappedFeatures.Piece? = try MappedFeatures(at: url("f.npy")).pieces.first
    #expect(piece?.pointer[1] == 4)
    weak let owner = piece?.owner
    #expect(owner != nil)
    piece = nil
    #expect(owner == nil)
  }

  @Test(
    "Other types are converted; npz, compressed, is in memory; both are the numbers of a FeatureTable"
  )
  func converted() throws {
    let half: [UInt8] = [0x00, 0x3C, 0x00, 0xC0]
    try SafetensorsFile.write(
      [TensorPayload(name: "features", type: .float16, shape: [2, 1], bytes: Data(half))],
      to: url("h.safetensors"))
    let fixtures = TestPaths.fixtures.appending(path: "embeddings")
    for file in [url("h.safetensors"), fixtures.appending(path: "features.npz")] {
      let features = try MappedFeatures(at: file)
      #expect(features.pieces.map(\.isMapped) == [false])
      #expect(values(features) == (try FeatureTable(at: file).features.storage))
    }
    #expect(values(try MappedFeatures(at: url("h.safetensors"))) == [1, -2])
  }

  /// A header of 8 · n + 1 bytes: the format allows it, and no float32 may be read there in place.
  @Test("Numbers at an odd address are converted")
  func misaligned() throws {
    let header = #"{"features":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}"#
    for padding in 0..<4 {
      let text = header + String(repeating: " ", count: padding)
      var data = withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian) { Data($0) }
      data += Data(text.utf8)
      for value in [Float(1.5), -3] {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
      }
      let isAligned = (8 + text.utf8.count) % 4 == 0
      try data.write(to: url("odd.safetensors"))
      let features = try MappedFeatures(at: url("odd.safetensors"))
      #expect(values(features) == [1.5, -3])
      #expect(features.pieces.map(\.isMapped) == [isAligned])
    }
  }

  @Test("Parts are pieces in their order, empty ones left out")
  func parts() throws {
    let parts = url("img_emb")
    for (part, numbers) in [[1, 2], [], [3]].enumerated() as EnumeratedSequence<[[Float]]> {
      try NPYFile.write(
        shape: [numbers.count, 1], values: numbers,
        to: parts.appending(path: "img_emb_\(part).npy"))
    }
    let features = try MappedFeatures(at: folder.url)
    #expect(values(features) == [1, 2, 3] && features.count == 3)
    #expect(features.pieces.map(\.rows) == [2, 1])
  }

  @Test("A row that is no feature is named, mapped or not", arguments: [Float.nan, .infinity, 0])
  func faults(value: Float) throws {
    try NPYFile.write(shape: [3, 2], values: [1, 1, value, 0, 1, 1], to: url("f.npy"))
    let error = #expect(throws: EvalError.self) { try MappedFeatures(at: url("f.npy")) }
    #expect(error?.kind == .malformedData)
    #expect(error?.subject == "\(url("f.npy").path), row 1")
  }

  private func labels(_ numbers: [Int64], _ shape: [Int]) throws -> MappedFeatures {
    try SafetensorsFile.write(
      [
        TensorPayload(name: "features", shape: [2, 1], floats: [1, 2]),
        TensorPayload(name: "labels", shape: shape, integers: numbers),
      ], to: url("l.safetensors"))
    return try MappedFeatures(at: url("l.safetensors"))
  }

  @Test("Labels N×C are of several classes each: 0 is no, and hard to see where -1 is no")
  func severalClasses() throws {
    let plain = try labels([1, 0, 0, 0, 1, 1], [2, 3])
    #expect(plain.labels == nil)
    #expect(plain.labelMatrix?.classCount == 3)
    #expect(
      plain.labelMatrix?.labels == [
        .positive, .negative, .negative, .negative, .positive, .positive,
      ]
    )
    let voc = try labels([1, 0, -1, -1, 1, 1], [2, 3])
    #expect(
      voc.labelMatrix?.labels == [
        .positive, .difficult, .negative, .negative, .positive, .positive,
      ]
    )
    #expect(try labels([4, 5], [2, 1]).labels == [4, 5])
    let wrong = #expect(throws: EvalError.self) { try labels([1, 0, 0, 2], [2, 2]) }
    #expect(wrong?.message == "expected 1, 0 or -1 for each class, found 2")
    #expect(wrong?.subject?.hasSuffix(", row 1") == true)
    let short = #expect(throws: EvalError.self) { try labels([1, 0], [1, 2]) }
    #expect(short?.message == "expected 2 rows of labels, found 1")
    let empty = #expect(throws: EvalError.self) { try labels([], [1 << 40, 0]) }
    #expect(empty?.message.hasPrefix("expected labels of shape N as integers") == true)
  }
}
