import Core
package import Foundation

/// A NumPy array found in a pickle: C order, unsigned bytes or integers.
package struct PickleArray: Sendable {
  package let shape: [Int]
  /// NumPy's type code with its byte order, as `|u1` or `<i8`.
  package let type: String
  /// `shape.reduce(1, *)` elements of the type.
  package let bytes: Data

  /// The elements as integers.
  package var integers: [Int] {
    let width = Int(type.dropFirst(2)) ?? 1
    let isSigned = type.dropFirst().first == "i"
    let isBigEndian = type.first == ">"
    return stride(from: bytes.startIndex, to: bytes.endIndex, by: width).map { start in
      let element = bytes[start..<start + width]
      let ordered = isBigEndian ? Array(element) : element.reversed()
      let negative = isSigned && (ordered.first ?? 0) & 0x80 != 0
      let bits = ordered.reduce(negative ? UInt64.max : 0) { $0 << 8 | UInt64($1) }
      return Int(Int64(bitPattern: bits))
    }
  }
}

extension PickleObject {
  /// The array that `numpy.core.multiarray._reconstruct` and its state describe; nil for other objects.
  /// - Throws: `EvalError.malformedData` when it is an array of another type or order, or its bytes do not
  ///   fill its shape.
  package func array() throws -> PickleArray? {
    guard let call, call.function.global?.name == "_reconstruct" else { return nil }
    func fail(_ message: String) -> EvalError {
      EvalError(.malformedData, message, subject: document.subject)
    }
    // ndarray.__reduce__: state = (version, shape, dtype, is Fortran order, bytes).
    guard let state = call.state?.elements, state.count == 5,
      let dimensions = state[1].elements?.map(\.integer), let raw = state[4].bytes
    else { throw fail("a NumPy array whose state is not (version, shape, dtype, order, bytes)") }
    guard let dtype = state[2].call, dtype.function.global?.name == "dtype",
      let code = dtype.arguments.first?.text
    else { throw fail("a NumPy array without a dtype") }
    let order = dtype.state?.elements.flatMap { $0.count > 1 ? $0[1].text : nil } ?? "|"
    guard ["u1", "i1", "u2", "i2", "u4", "i4", "i8"].contains(code),
      ["|", "<", ">"].contains(order)
    else { throw fail("expected a NumPy array of integers, found type \(order)\(code)") }
    guard state[3].integer == 0 else {
      throw fail("expected a NumPy array in C order, found Fortran order")
    }
    var shape: [Int] = []
    var count = Int(code.dropFirst()) ?? 1
    for dimension in dimensions {
      guard let dimension, dimension >= 0 else { throw fail("a NumPy array of negative size") }
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      guard !overflow else { throw fail("a NumPy array beyond any file") }
      shape.append(dimension)
      count = product
    }
    guard raw.count == count else {
      let text = shape.map(String.init).joined(separator: "×")
      throw fail("a NumPy array of \(text) \(code) needs \(count) bytes, found \(raw.count)")
    }
    return PickleArray(shape: shape, type: order + code, bytes: raw)
  }
}
