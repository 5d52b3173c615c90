import Core
package import Foundation

/// An IDX file of unsigned bytes, the format of MNIST (LeCun, Cortes, Burges).
///
/// Layout, big-endian: two zero bytes, a type code, the number of dimensions, one UInt32 a dimension, then the
/// elements with the last dimension fastest.
package struct IDXFile: Sendable {
  package let dimensions: [Int]
  /// `dimensions.reduce(1, *)` bytes.
  package let elements: Data

  /// - Parameter subject: the file's name, for errors.
  /// - Throws: `EvalError.malformedData` when the header is not IDX, the type is not unsigned byte, or the
  ///   length is not the one that the header announces.
  package init(parsing data: Data, subject: String) throws {
    let data = data.startIndex == 0 ? data : Data(data)
    func fail(_ message: String, at offset: Int) -> EvalError {
      EvalError(.malformedData, message, subject: "\(subject), byte \(offset)")
    }
    guard data.count >= 4 else {
      throw fail("expected a 4-byte IDX header, found \(data.count) bytes", at: 0)
    }
    guard data[0] == 0, data[1] == 0 else {
      let found = data.prefix(4).map { String(format: "%02x", $0) }.joined(separator: " ")
      throw fail("expected an IDX header (00 00 08 …), found \(found)", at: 0)
    }
    guard data[2] == 0x08 else {
      throw fail(
        "expected IDX type 08 (unsigned byte), found \(String(format: "%02x", data[2]))", at: 2)
    }
    let rank = Int(data[3])
    guard rank >= 1, data.count >= 4 + 4 * rank else {
      throw fail("\(rank) dimensions do not fit a file of \(data.count) bytes", at: 3)
    }
    var dimensions: [Int] = []
    // Without the dimensions that are 0, so that no part of them multiplies beyond an Int either.
    var volume = 1
    for axis in 0..<rank {
      let start = 4 + 4 * axis
      let size = data[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
      let (product, overflow) = volume.multipliedReportingOverflow(by: max(size, 1))
      guard !overflow else { throw fail("the dimensions multiply beyond any file", at: start) }
      dimensions.append(size)
      volume = product
    }
    let total = dimensions.contains(0) ? 0 : volume
    let body = data.count - 4 - 4 * rank
    guard body == total else {
      let shape = dimensions.map(String.init).joined(separator: "×")
      throw fail(
        "the header announces \(shape) = \(total) elements, the file holds \(body)",
        at: 4 + 4 * rank + min(total, body))
    }
    self.dimensions = dimensions
    self.elements = data.dropFirst(4 + 4 * rank)
  }
}
