import Core
import Foundation
import TensorFiles
import TestSupport
import Testing

/// Fixtures are written by Python's own pickle (Tools/make-dataset-fixtures.py).
@Suite struct PickleTests {
  private func read(_ name: String) throws -> PickleObject {
    let url = TestPaths.fixtures.appending(path: "datasets/\(name)")
    return try PickleDocument(parsing: Data(contentsOf: url), subject: name).root
  }

  @Test(arguments: [2, 3, 4]) func readsPlainValues(protocol version: Int) throws {
    let root = try read("pickles/plain-\(version).pickle")
    #expect(root["none"]?.isNone == true)
    #expect(root["yes"]?.integer == 1)
    #expect(root["no"]?.integer == 0)
    #expect(root["int"]?.integer == -5)
    #expect(root["long"]?.integer == 1_099_511_627_776)
    #expect(root["text"]?.text == "naïve")
    #expect(root["tuple"]?.elements?.map(\.integer) == [1, 2, 3, 4])
    #expect(root["twice"]?.elements?.map { $0.elements?.first?.text } == ["x", "x"])
    #expect(root["bytes"]?.bytes.map(Array.init) == [0xff, 0])
    #expect(root["absent"] == nil)
  }

  @Test(arguments: [1, 2, 3, 4]) func readsNumPyArrays(protocol version: Int) throws {
    let root = try read("pickles/cifar-protocol-\(version).pickle")
    let data = try #require(try root["data"]?.array())
    #expect(data.shape == [1, 64])
    #expect(Array(data.bytes) == Array(0..<64))
    #expect(try root["wide"]?.array()?.integers == [-1, 70000])
    #expect(root["labels"]?.elements?.map(\.integer) == [9, 0, 3])
    #expect(try root["labels"]?.array() == nil)
  }

  @Test func readsPython2Strings() throws {
    let root = try read("cifar-10-batches-py/batches.meta")
    #expect(root["label_names"]?.elements?.map(\.text).last == "truck")
    #expect(root["num_vis"]?.integer == 3072)
  }

  /// Offsets are those that `python3 -m pickletools` prints.
  @Test(arguments: [
    ("hostile", "refused global posix.system", "byte 16"),
    ("complex", "refused global __builtin__.complex", "byte 2"),
    ("protocol-5", "protocol 1 to 4, found 5", "byte 0"),
    ("protocol-0", "refused opcode PUT", "byte 2"),
    ("frozenset", "refused opcode FROZENSET", "byte 14"),
  ]) func refuses(name: String, message: String, place: String) throws {
    let error = #expect(throws: EvalError.self) { try read("pickles/\(name).pickle") }
    #expect(error?.kind == .malformedData)
    #expect(error?.message.contains(message) == true, "\(error?.description ?? "")")
    #expect(error?.subject?.hasSuffix(place) == true, "\(error?.description ?? "")")
  }

  /// Every prefix of a true pickle lacks its STOP, and every one must say so in an orderly way.
  @Test func truncationIsAnError() throws {
    for name in ["plain-2", "plain-4", "cifar-protocol-2"] {
      let url = TestPaths.fixtures.appending(path: "datasets/pickles/\(name).pickle")
      let data = try Data(contentsOf: url)
      for length in 0..<data.count {
        #expect(throws: EvalError.self) {
          try PickleDocument(parsing: data.prefix(length), subject: name)
        }
      }
    }
  }

  /// Changed bytes give values or an error, never a trap.
  @Test func damageIsAnErrorOrAValue() throws {
    for name in ["plain-2", "plain-4", "cifar-protocol-2", "cifar-protocol-4"] {
      let url = TestPaths.fixtures.appending(path: "datasets/pickles/\(name).pickle")
      let data = try Data(contentsOf: url)
      for position in data.indices {
        for value: UInt8 in [0x00, 0x28, 0x30, 0x52, 0x62, 0x65, 0x75, 0x80, 0x8a, 0xff] {
          var damaged = data
          damaged[position] = value
          guard let root = try? PickleDocument(parsing: damaged, subject: name).root else {
            continue
          }
          _ = try? root["data"]?.array()?.integers
          _ = root["twice"]?.elements?.map(\.elements)
        }
      }
    }
  }

  @Test func boundsTheNumberOfObjects() throws {
    let many = Data([0x80, 2] + [UInt8](repeating: UInt8(ascii: "N"), count: 100) + [0x2e])
    #expect(throws: EvalError.self) {
      try PickleDocument(parsing: many, subject: "many", nodeLimit: 99)
    }
    #expect(try PickleDocument(parsing: many, subject: "many", nodeLimit: 100).root.isNone)
  }

  /// One text made into byte strings over and over: 1,000 bytes for every 8 of the file.
  @Test func boundsByteStrings() throws {
    var pickle: [UInt8] = [0x80, 2] + Array("c_codecs\nencode\nq".utf8) + [0]
    pickle += [0x58, 0xe8, 3, 0, 0] + [UInt8](repeating: 0x61, count: 1000) + Array("q".utf8) + [1]
    pickle += [0x58, 6, 0, 0, 0] + Array("latin1q".utf8) + [2]
    let call = Array("h".utf8) + [0] + Array("h".utf8) + [1] + Array("h".utf8) + [2, 0x86, 0x52]
    let once = Data(pickle + call + Array(".".utf8))
    #expect(try PickleDocument(parsing: once, subject: "once").root.bytes?.count == 1000)
    let often = Data(pickle + (0..<1000).flatMap { _ in call } + Array(".".utf8))
    let error = #expect(throws: EvalError.self) {
      try PickleDocument(parsing: often, subject: "often")
    }
    #expect(error?.message.contains("more byte strings") == true, "\(error?.description ?? "")")
  }

  /// A list that holds itself: `]q\0h\0a.`
  @Test func cyclesAreHarmless() throws {
    let cycle = Data([0x80, 2, 0x5d, 0x71, 0, 0x68, 0, 0x61, 0x2e])
    let root = try PickleDocument(parsing: cycle, subject: "cycle").root
    #expect(root.elements?.first?.elements?.first?.elements?.count == 1)
  }
}
