import Core
import Foundation
import TensorFiles
import TestSupport
import Testing

import EmbeddingStore

/// Features made elsewhere: every layout, and every way in which a file can be unusable.
@Suite struct FeatureTableTests {
  private let folder: TemporaryFolder
  private var url: URL { folder.url }

  init() throws { folder = try TemporaryFolder() }

  private func write(
    _ values: [Float], width: Int = 2, labels: [Int64]? = nil, ids: String? = nil,
    metadata: [String: String] = [:]
  ) throws -> URL {
    var tensors = [
      TensorPayload(name: "features", shape: [values.count / width, width], floats: values)
    ]
    if let labels {
      tensors.append(TensorPayload(name: "labels", shape: [labels.count], integers: labels))
    }
    if let ids {
      let bytes = Data(ids.utf8)
      tensors.append(TensorPayload(name: "ids", type: .uint8, shape: [bytes.count], bytes: bytes))
    }
    let file = url.appending(path: "f.safetensors")
    try SafetensorsFile.write(tensors, metadata: metadata, to: file)
    return file
  }

  private func failure(_ url: URL, content: FeatureTable.Content = .images) -> EvalError? {
    #expect(throws: EvalError.self) { try FeatureTable(at: url, content: content) }
  }

  @Test("safetensors as `embed images` writes it")
  func safetensors() throws {
    let file = try write(
      [3, 4, 0, 1], labels: [1, 0], ids: "a\r\nb", metadata: ["classes": #"["x","y"]"#])
    let table = try FeatureTable(at: file)
    #expect(table.features.storage == [3, 4, 0, 1])
    #expect(table.labels == [1, 0])
    #expect(table.ids == ["a\r", "b"])
    #expect(table.classIDs == ["x", "y"])
    #expect(table.norms == 1...5)
    #expect(table.sha256 == SHA256.hash("\(try SHA256.hash(fileAt: file).hex)\n"))
    #expect(table.place(ofRow: 1) == "\(file.path), row 1 (b)")
  }

  /// Bit patterns by IEEE 754: 1, −2 and 0.333 to the nearest of each type.
  @Test(
    "F16, BF16, F32 and F64 widen to the numbers they stand for",
    arguments: [
      (ElementType.float16, [0x00, 0x3C, 0x00, 0xC0, 0x54, 0x35] as [UInt8], 0.333_007_8 as Float),
      (.bfloat16, [0x80, 0x3F, 0x00, 0xC0, 0xAB, 0x3E], 0.333_984_4),
      (.float32, [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 0xFA, 0x7E, 0xAA, 0x3E], 0.333),
    ])
  func types(type: ElementType, bytes: [UInt8], third: Float) throws {
    let file = url.appending(path: "t.safetensors")
    try SafetensorsFile.write(
      [TensorPayload(name: "features", type: type, shape: [3, 1], bytes: Data(bytes))], to: file)
    let table = try FeatureTable(at: file)
    #expect(table.features.storage[0...1] == [1, -2])
    #expect(abs(table.features.storage[2] - third) < 1e-6)
    #expect(table.elementType == type.rawValue)
  }

  @Test(
    "a row that is no feature is named",
    arguments: [
      (Float.nan, "not finite"), (Float.infinity, "not finite"), (-Float.infinity, "not finite"),
      (Float(0), "is zero"),
    ])
  func rows(value: Float, message: String) throws {
    let file = try write([1, 1, 1, 1, value, 0, 1, 1], ids: "a\nb\nc\nd")
    let error = failure(file)
    #expect(error?.kind == .malformedData)
    #expect(error?.message.contains(message) == true)
    #expect(error?.subject == "\(file.path), row 2")
  }

  @Test("the smallest and the largest numbers are features")
  func extremes() throws {
    let table = try FeatureTable(
      at: write([.leastNonzeroMagnitude, 0, .greatestFiniteMagnitude, .greatestFiniteMagnitude]))
    #expect(table.count == 2)
  }

  @Test("labels and ids must be one a row, labels not negative, ids of images unique")
  func labelsAndIDs() throws {
    let values: [Float] = [1, 0, 0, 1, 1, 1]
    #expect(
      failure(try write(values, labels: [0, 1]))?.message
        == "expected 3 labels, one a row, found 2")
    let negative = failure(try write(values, labels: [0, 1, -1]))
    #expect(negative?.message.contains("found -1") == true)
    #expect(negative?.subject?.hasSuffix(", row 2") == true)
    let large = failure(
      try write(values, labels: [0, 2, 1], metadata: ["classes": #"["x","y"]"#]))
    #expect(large?.message == "expected a class number from 0 to 1, found 2")
    #expect(
      failure(try write(values, ids: "a\nb"))?.message == "expected 3 ids, one a row, found 2")
    let twice = try write(values, ids: "a\nb\na")
    #expect(failure(twice)?.message == "the id \"a\" stands in rows 0 and 2")
    #expect(try FeatureTable(at: twice, content: .texts).ids == ["a", "b", "a"])
    #expect(
      failure(try write(values, metadata: ["classes": "x"]))?.message.contains("JSON list")
        == true)
  }

  @Test("what is no matrix of floating-point numbers is refused")
  func shapes() throws {
    #expect(failure(try write([], labels: []))?.message == "expected features, found no row")
    let file = url.appending(path: "x.safetensors")
    for (type, shape, count) in [
      (ElementType.int64, [1, 2], 16), (.float32, [2], 8), (.float32, [1, 1, 2], 8),
      (.float32, [3, 0], 0),
    ] {
      try SafetensorsFile.write(
        [TensorPayload(name: "features", type: type, shape: shape, bytes: Data(count: count))],
        to: file)
      #expect(failure(file)?.message.contains("expected features of shape N×D") == true)
    }
    try SafetensorsFile.write(
      [TensorPayload(name: "weight", shape: [1, 1], floats: [1])], to: file)
    #expect(failure(file)?.message.contains("a tensor named features") == true)
    #expect(failure(url.appending(path: "absent.npy"))?.kind == .notFound)
    try Data("x".utf8).write(to: url.appending(path: "x.txt"))
    #expect(failure(url.appending(path: "x.txt"))?.kind == .notFound)
  }

  @Test("clip-retrieval's parts in the order of their numbers, padded or not")
  func parts() throws {
    let parts = url.appending(path: "img_emb")
    func write(_ name: String, _ values: [Float], width: Int = 1) throws {
      try NPYFile.write(
        shape: [values.count / width, width], values: values, to: parts.appending(path: name))
    }
    for part in 0..<11 {
      try write("img_emb_\(part).npy", [Float(part + 1), Float(part + 1) + 0.5])
    }
    let table = try FeatureTable(at: url)
    #expect(table.features.storage == (2...23).map { Float($0) / 2 })
    #expect(table.parts.map(\.rows.lowerBound) == (0..<11).map { 2 * $0 })
    #expect(table.place(ofRow: 21) == "\(parts.path)/img_emb_10.npy, row 1")

    try write("img_emb_03.npy", [1])
    #expect(failure(url)?.message == "img_emb_03.npy and img_emb_3.npy are both part 3")
    try FileManager.default.removeItem(at: parts.appending(path: "img_emb_3.npy"))
    #expect(try FeatureTable(at: url).count == 21)

    try FileManager.default.removeItem(at: parts.appending(path: "img_emb_03.npy"))
    let missing = failure(url)
    #expect(missing?.message.contains("missing: 3") == true, "\(String(describing: missing))")
    #expect(missing?.subject == parts.path)

    try write("img_emb_3.npy", [1, 1], width: 2)
    let narrow = failure(url)
    #expect(narrow?.message.contains("expected features of width 1") == true)
    #expect(narrow?.subject == parts.appending(path: "img_emb_3.npy").path)

    try write("img_emb_3.npy", [1, .nan])
    #expect(failure(url)?.subject == "\(parts.path)/img_emb_3.npy, row 1")

    try write("img_emb_3.npy", [1])
    try write("img_emb_999999999999999.npy", [1])
    #expect(failure(url)?.message.contains("missing: 11, 12, 13, 14, 15, …") == true)
  }

  @Test("numpy's arrays in parts of a folder, with pyarrow's metadata")
  func clipRetrievalFixture() throws {
    let table = try FeatureTable(
      at: TestPaths.fixtures.appending(path: "embeddings/clip-retrieval/toys/test"))
    #expect(table.count == 33 && table.width == 8 && table.elementType == "F16")
    #expect(table.ids?.last == "/somewhere/img/32.png")
    #expect(table.labels?.count == 33)
    let texts = try FeatureTable(
      at: TestPaths.fixtures.appending(path: "embeddings/clip-retrieval/toys/prompts"),
      content: .texts)
    #expect(texts.ids?.first == "a photo of a ant.")
  }

  @Test("numpy's npz holds the same features as its npy, and the labels")
  func npz() throws {
    let fixtures = TestPaths.fixtures.appending(path: "embeddings")
    let packed = try FeatureTable(at: fixtures.appending(path: "features.npz"))
    let plain = try FeatureTable(at: fixtures.appending(path: "arrays/toys/test.npy"))
    #expect(packed.features == plain.features && packed.elementType == "F64")
    #expect(packed.labels == plain.labels && packed.labels?.count == 33)
    #expect(packed.ids == nil && plain.ids?.first == "img/00.png")
    let empty = url.appending(path: "features.npz")
    try Data("PK\u{5}\u{6}".utf8 + Data(count: 18)).write(to: empty)
    #expect(failure(empty)?.message.hasPrefix("expected an array named features") == true)
  }

  @Test("a file cut anywhere is an error, not a crash")
  func truncated() throws {
    for name in ["arrays/toys/test.npy", "arrays/toys/test.labels.npy"] {
      let whole = try Data(
        contentsOf: TestPaths.fixtures.appending(path: "embeddings").appending(path: name))
      let file = url.appending(path: name.hasSuffix("labels.npy") ? "a.labels.npy" : "a.npy")
      try NPYFile.write(
        shape: [33, 1], values: [Float](repeating: 1, count: 33), to: url.appending(path: "a.npy"))
      for length in stride(from: 0, to: whole.count, by: 11) {
        try whole.prefix(length).write(to: file)
        #expect(failure(url.appending(path: "a.npy"))?.kind == .malformedData, "\(length) bytes")
      }
    }
  }
}
