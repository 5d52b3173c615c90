import Core
import Foundation
import TensorFiles
import TestSupport
import Testing

@Suite("Safetensors") struct SafetensorsTests {
  /// A file with the given header text and data bytes.
  private func file(_ header: String, data: [UInt8] = [], in folder: TemporaryFolder) throws -> URL
  {
    var bytes = Data()
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: header.utf8)
    bytes.append(contentsOf: data)
    let url = folder.url.appending(path: "model.safetensors")
    try bytes.write(to: url)
    return url
  }

  @Test func roundTrip() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appending(path: "x.safetensors")
    try SafetensorsFile.write(
      [
        TensorPayload(name: "a", shape: [2, 2], floats: [1, -2.5, .infinity, 1e-38]),
        TensorPayload(name: "b", shape: [3], integers: [1, .min, .max]),
      ], metadata: ["k": "v"], to: url)
    let read = try SafetensorsFile(url)
    #expect(try read.tensor("a").floats() == [1, -2.5, .infinity, 1e-38])
    #expect(try read.tensor("b").integers() == [1, .min, .max])
    #expect(read.metadata == ["k": "v"])
  }

  /// Values and bytes from numpy: `np.array([1, -0.5, 65504, 6e-8, np.inf], np.float16).tobytes()`.
  @Test func halfPrecision() throws {
    let folder = try TemporaryFolder()
    let url = try file(
      #"{"h":{"dtype":"F16","shape":[5],"data_offsets":[0,10]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[10,14]}}"#,
      data: [0x00, 0x3c, 0x00, 0xb8, 0xff, 0x7b, 0x01, 0x00, 0x00, 0x7c, 0x80, 0x3f, 0x20, 0xc0],
      in: folder)
    let read = try SafetensorsFile(url)
    #expect(try read.tensor("h").floats() == [1, -0.5, 65504, 5.9604645e-8, .infinity])
    #expect(try read.tensor("b").floats() == [1, -2.5])
  }

  @Test(arguments: [
    ("not json", "header is not a JSON object"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,12]}}"#, "claims bytes 0..<12"),
    (#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, "needs 12 bytes, has 8"),
    (
      #"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,8]}}"#,
      "expected a dimension: a whole number"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[461168601842738790,40],"data_offsets":[0,8]}}"#,
      "impossible shape"
    ),
    (#"{"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}"#, "unsupported dtype C64"),
    (#"{"a":{"shape":[1],"data_offsets":[0,8]}}"#, "no dtype"),
    (
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
      "tensors a and b overlap"
    ),
  ])
  func malformedHeaders(header: String, complaint: String) throws {
    let folder = try TemporaryFolder()
    let url = try file(header, data: [UInt8](repeating: 0, count: 8), in: folder)
    let error = #expect(throws: EvalError.self) { try SafetensorsFile(url) }
    #expect(error?.kind == .malformedData)
    #expect(error?.message.contains(complaint) == true, "\(String(describing: error))")
  }

  /// Every prefix of a valid file is refused, not read past its end.
  @Test func truncation() throws {
    let folder = try TemporaryFolder()
    let whole = try SafetensorsFile.encode([
      TensorPayload(name: "a", shape: [4], floats: [1, 2, 3, 4])
    ])
    let url = folder.url.appending(path: "cut.safetensors")
    for length in 0..<whole.count {
      try whole.prefix(length).write(to: url)
      #expect(throws: EvalError.self, "\(length) bytes") { try SafetensorsFile(url) }
    }
  }

  @Test func hugeHeaderLength() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appending(path: "huge.safetensors")
    try Data([255, 255, 255, 255, 255, 255, 255, 255, 1, 2]).write(to: url)
    let error = #expect(throws: EvalError.self) { try SafetensorsFile(url) }
    #expect(error?.message.contains("header claims") == true)
  }

  @Test func missingTensorNamesNeighbours() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appending(path: "x.safetensors")
    try SafetensorsFile.write(
      [TensorPayload(name: "visual_projection.weight", shape: [1], floats: [1])], to: url)
    let error = #expect(throws: EvalError.self) {
      try SafetensorsFile(url).tensor("visual_projection.weigth")
    }
    #expect(error?.remedy?.contains("visual_projection.weight") == true)
  }
}
