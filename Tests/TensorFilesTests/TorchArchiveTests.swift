import Core
import Foundation
import TensorFiles
import TestSupport
import Testing

/// Archives are written by PyTorch 1.13 (Tools/make-checkpoint-fixtures.py).
@Suite struct TorchArchiveTests {
  private let folder = TestPaths.fixtures.appending(path: "checkpoints/archives")

  private func open(_ name: String) throws -> any TensorFile {
    try openTensorFile(folder.appending(path: name))
  }

  @Test func everyKindOfTensor() throws {
    let file = try open("kinds.pt")
    #expect(file.format == .torch)
    func floats(_ name: String) throws -> [Float] { try file.tensor(name).floats() }
    func integers(_ name: String) throws -> [Int64] { try file.tensor(name).integers() }
    let base = (0..<24).map { Float($0) }
    #expect(try floats("f32") == base)
    #expect(file.contents["f32"] == TensorDescription(type: .float32, shape: [4, 6]))
    // Column by column of the 4×6 above.
    #expect(file.contents["transposed"]?.shape == [6, 4])
    #expect(try floats("transposed") == (0..<6).flatMap { c in (0..<4).map { Float($0 * 6 + c) } })
    #expect(try floats("tail") == [10, 11, 12, 13, 14, 15])
    #expect(try floats("channels_last") == (0..<48).map { Float($0) })
    #expect(try floats("f16") == [1.5, -2, 65504])
    #expect(try floats("bf16") == [1.5, -2, 3.00405527047391e+38])
    #expect(try floats("f64") == [0.1])
    #expect(try integers("i64") == [77])
    #expect(file.contents["i64"]?.shape == [])
    #expect(try integers("i32") == [-1, 2])
    #expect(try integers("u8") == [0, 255])
    #expect(try integers("flag") == [1, 0])
    #expect(file.contents["empty"]?.shape == [0, 3])
    #expect(try floats("empty") == [])
    #expect(try floats("parameter") == [2])
    #expect(try floats("nested.inner") == [5])
    #expect(file.contents.count == 14)
    #expect(file.integers == ["size.0": 2, "size.1": 3])
  }

  @Test func stridesWithGaps() throws {
    #expect(try open("gappy.pt").tensor("gappy").floats() == (0..<12).map { Float(2 * $0) })
  }

  @Test(arguments: ["plain.pt", "zip64.pt"]) func zipForms(name: String) throws {
    let file = try open(name)
    #expect(try file.tensor("x").floats() == (0..<24).map { Float($0) })
    #expect(try file.tensor("y").floats() == (0..<24).map { Float($0) })
  }

  /// Opcode offsets are those that `python3 -m pickletools` prints.
  @Test(arguments: [
    ("complex.pt", "complex/data.pkl, byte 64: refused global torch.ComplexFloatStorage"),
    ("object.pt", "object/data.pkl, byte 13: refused global __main__.Opaque"),
    ("sparse.pt", "sparse/data.pkl, byte 13: refused global torch._utils._rebuild_sparse_tensor"),
    ("expanded.pt", "tensor expanded: shape [1000] with strides [0]: its elements share memory"),
    ("deflated.pt", "the entry plain/data.pkl is compressed (method 8)"),
    ("legacy.pt", "format from before PyTorch 1.6"),
  ]) func refuses(name: String, message: String) throws {
    let error = #expect(throws: EvalError.self) { try open(name) }
    #expect(error?.kind == .malformedData)
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }

  @Test func scriptModules() throws {
    let url = TestPaths.fixtures.appending(path: "checkpoints/vit-quickgelu-openai.pt")
    let file = try openTensorFile(url)
    #expect(file.format == .torchScript)
    #expect(
      file.contents["visual.transformer.resblocks.1.attn.in_proj_weight"]
        == TensorDescription(type: .float16, shape: [192, 64]))
    #expect(file.contents["visual.ln_pre.weight"]?.type == .float32)
    #expect(file.integers["transformer.resblocks.0.attn.num_heads"] == 1)
    #expect(try file.tensor("vocab_size").integers() == [48])
  }

  @Test func otherFiles() throws {
    let temporary = try TemporaryFolder()
    for (text, complaint) in [
      ("version https://git-lfs.github.com/spec/v1\noid sha256:0", "Git LFS pointer"),
      ("<html>", "begins with the bytes 3c 68"), ("", "it is empty"), ("PK", "cut short"),
    ] {
      let url = temporary.url.appending(path: "file.pt")
      try Data(text.utf8).write(to: url)
      let error = #expect(throws: EvalError.self) { try openTensorFile(url) }
      #expect(error?.description.contains(complaint) == true, "\(error?.description ?? "")")
    }
  }

  // MARK: hostile archives

  /// A zip that stores `data.pkl` and, where given, `data/0`.
  private func archive(pickle: [UInt8], storage: [UInt8] = [0, 0, 0, 0]) throws -> any TensorFile {
    let temporary = try TemporaryFolder()
    var data = Data()
    var directory = Data()
    func number(_ value: Int, _ bytes: Int, _ to: inout Data) {
      for i in 0..<bytes { to.append(UInt8(truncatingIfNeeded: value >> (8 * i))) }
    }
    for (name, content) in [("a/data.pkl", pickle), ("a/data/0", storage)] {
      let offset = data.count
      func fields(_ to: inout Data) {
        for _ in 0..<4 { number(0, 2, &to) }
        for value in [0, content.count, content.count] { number(value, 4, &to) }
        number(name.utf8.count, 2, &to)
        number(0, 2, &to)
      }
      number(0x0403_4b50, 4, &data)
      number(20, 2, &data)
      fields(&data)
      data.append(contentsOf: name.utf8)
      data.append(contentsOf: content)
      number(0x0201_4b50, 4, &directory)
      number(20, 2, &directory)
      number(20, 2, &directory)
      fields(&directory)
      for bytes in [2, 2, 2, 4] { number(0, bytes, &directory) }
      number(offset, 4, &directory)
      directory.append(contentsOf: name.utf8)
    }
    let offset = data.count
    data.append(directory)
    number(0x0605_4b50, 4, &data)
    for _ in 0..<2 { number(0, 2, &data) }
    for _ in 0..<2 { number(2, 2, &data) }
    number(directory.count, 4, &data)
    number(offset, 4, &data)
    number(0, 2, &data)
    let url = temporary.url.appending(path: "a.pt")
    try data.write(to: url)
    return try openTensorFile(url)
  }

  /// `{"t": _rebuild_tensor_v2(storage of `count` floats, offset, shape, strides, False, OrderedDict())}`.
  private func tensor(count: Int, offset: Int, shape: [Int], strides: [Int]) -> [UInt8] {
    func int(_ value: Int) -> [UInt8] {
      [0x8a, 8] + (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    func text(_ text: String) -> [UInt8] { [0x58, UInt8(text.utf8.count), 0, 0, 0] + text.utf8 }
    var pickle: [UInt8] = [0x80, 2] + Array("}".utf8)
    pickle += text("t") + Array("ctorch._utils\n_rebuild_tensor_v2\n((".utf8)
    pickle += text("storage") + Array("ctorch\nFloatStorage\n".utf8) + text("0") + text("cpu")
    pickle += int(count) + Array("tQ".utf8) + int(offset)
    pickle += Array("(".utf8) + shape.flatMap(int) + Array("t(".utf8) + strides.flatMap(int)
    return pickle
      + Array(
        "t\u{89}ccollections\nOrderedDict\n)RtRs.".unicodeScalars.map {
          UInt8(truncatingIfNeeded: $0.value)
        })
  }

  @Test func describedByHand() throws {
    let file = try archive(
      pickle: tensor(count: 1, offset: 0, shape: [1, 1], strides: [9, 9]), storage: [0, 0, 128, 63])
    #expect(try file.tensor("t").floats() == [1])
  }

  @Test(arguments: [
    (2, 0, [1], [1], "claims 2 elements"), (1, 1, [1], [1], "needs 1 elements, its storage has 1"),
    (1, -1, [1], [1], "do not describe"), (1, 0, [2], [1], "needs 2 elements"),
    (1, 0, [-1], [1], "do not describe"), (1, 0, [1 << 40, 1 << 40], [1, 1], "impossible shape"),
    (1, 0, [1 << 62], [0], "share memory"), (1, 0, [2, 2], [1, 1], "share memory"),
    (1, 0, [3, 3], [1, 1 << 62], "impossible strides"), (1, 0, [1], [1, 1], "do not describe"),
    (1, 0, [Int](repeating: 1, count: 17), [Int](repeating: 1, count: 17), "do not describe"),
    (-1, 0, [1], [1], "storage id"),
  ]) func boundsOfTensors(
    count: Int, offset: Int, shape: [Int], strides: [Int], complaint: String
  ) throws {
    let error = #expect(throws: EvalError.self) {
      try archive(
        pickle: tensor(count: count, offset: offset, shape: shape, strides: strides))
    }
    #expect(error?.kind == .malformedData)
    #expect(error?.description.contains(complaint) == true, "\(error?.description ?? "")")
  }

  /// Small pickles that would take time or memory without end if they were walked or built naively.
  @Test(arguments: ["doubling", "nesting", "cycle", "long names", "memo"])
  func bombs(kind: String) throws {
    var pickle: [UInt8] = [0x80, 2]
    let text: (String) -> [UInt8] = { [0x58, UInt8($0.utf8.count), 0, 0, 0] + $0.utf8 }
    switch kind {
    case "doubling":
      // x = (x, x), 60 times: 2^60 ways to the bottom.
      pickle += Array(")".utf8)
      for _ in 0..<60 { pickle += Array("2".utf8) + [0x86] }
    case "nesting":
      for _ in 0..<100_000 { pickle += Array("(".utf8) }
      for _ in 0..<100_000 { pickle += Array("t".utf8) }
    case "cycle":
      pickle += Array("}q".utf8) + [0] + text("x") + Array("h".utf8) + [0] + Array("s".utf8)
    case "long names":
      pickle += Array("N".utf8)
      for _ in 0..<8 {
        pickle +=
          Array("q".utf8) + [0] + Array("0}".utf8) + text(String(repeating: "n", count: 200))
        pickle += Array("h".utf8) + [0] + Array("s".utf8)
      }
    default:
      pickle += Array("]q".utf8) + [0]
      for _ in 0..<200_000 { pickle += Array("h".utf8) + [0] + Array("a".utf8) }
    }
    let error = #expect(throws: EvalError.self) { try archive(pickle: pickle + Array(".".utf8)) }
    #expect(error?.kind == .malformedData)
  }

  /// Every byte of a small archive changed, and every prefix: an error or other values, never a trap.
  @Test func damage() throws {
    let temporary = try TemporaryFolder()
    let data = try Data(contentsOf: folder.appending(path: "plain.pt"))
    let url = temporary.url.appending(path: "damaged.pt")
    func read(_ data: Data) throws {
      try data.write(to: url)
      let file = try openTensorFile(url)
      for name in file.contents.keys { _ = try file.tensor(name).floats() }
    }
    for length in 0..<data.count {
      #expect(throws: EvalError.self) { try read(data.prefix(length)) }
    }
    for position in data.indices {
      for value: UInt8 in [0x00, 0x51, 0x7f, 0x80, 0xff] {
        var damaged = data
        damaged[position] = value
        do { try read(damaged) } catch { #expect(error is EvalError) }
      }
    }
  }
}
