import Core
import Foundation
import TensorFiles
import TestSupport
import Testing

@Suite("npy and npz") struct NPYTests {
  @Test func writesWhatNumPyWrites() throws {
    // numpy.save of np.array([[1, 2, 3]], np.float32), format version 1.
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }"
    let padded = header + String(repeating: " ", count: 117 - header.count) + "\n"
    let expected =
      Data([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 0x76, 0]) + Data(padded.utf8)
      + Data([0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40])
    #expect(NPYFile.encode(shape: [1, 3], values: [1, 2, 3]) == expected)
    let read = try NPYFile.read(expected, name: "x.npy")
    #expect(read.shape == [1, 3])
    #expect(try read.floats() == [1, 2, 3])
  }

  @Test func refusesFortranOrder() throws {
    var data = NPYFile.encode(shape: [2, 2], values: [1, 2, 3, 4])
    let text = String(decoding: data[10..<128], as: UTF8.self)
      .replacingOccurrences(of: "False,", with: "True, ")
    data.replaceSubrange(10..<128, with: Data(text.utf8))
    let error = #expect(throws: EvalError.self) { try NPYFile.read(data, name: "x.npy") }
    #expect(error?.message.contains("Fortran") == true)
  }

  /// A dimension that is not understood must not be dropped: (1L, 3) is not (3).
  @Test(
    arguments: [
      ("(1L, 3)", [1, 3]), ("(3L,)", [3]), ("( 3 , )", [3]), ("(99999999999999999999, 3)", nil),
      ("(1 1, 3)", nil), ("(L, 3)", nil),
    ] as [(String, [Int]?)])
  func readsEveryDimension(written: String, shape: [Int]?) throws {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': \(written), }"
    let padded = header + String(repeating: " ", count: 117 - header.count) + "\n"
    let data =
      Data([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 0x76, 0]) + Data(padded.utf8)
      + Data(count: 12)
    guard let shape else {
      let error = #expect(throws: EvalError.self) { try NPYFile.read(data, name: "x.npy") }
      #expect(error?.kind == .malformedData)
      return
    }
    #expect(try NPYFile.read(data, name: "x.npy").shape == shape)
  }

  @Test func refusesEveryTruncation() throws {
    let whole = NPYFile.encode(shape: [3], values: [1, 2, 3])
    for length in 0..<whole.count {
      #expect(throws: EvalError.self) { try NPYFile.read(whole.prefix(length), name: "x.npy") }
    }
  }

  @Test func readsArchivesOfNumPy() throws {
    guard let folder = TestPaths.shared("models/clip-mini/reference") else { return }
    let arrays = try NPZFile.read(folder.appending(path: "text_mnist.npz"))
    #expect(Set(arrays.keys).isSuperset(of: ["text_features", "ensemble_classifier"]))
    let classifier = try #require(arrays["ensemble_classifier"])
    #expect(classifier.shape == [10, 128])
    let values = try classifier.floats()
    let norm = values[0..<128].reduce(0) { $0 + $1 * $1 }
    #expect(abs(norm - 1) < 1e-5)
  }
}
