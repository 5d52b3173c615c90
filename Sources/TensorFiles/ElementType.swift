import CKernels
import Core
import Foundation

/// Element types of the tensors this program reads.
package enum ElementType: String, Sendable, Codable {
  case float64 = "F64"
  case float32 = "F32"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case int64 = "I64"
  case int32 = "I32"
  case int16 = "I16"
  case int8 = "I8"
  case uint8 = "U8"
  case bool = "BOOL"

  package var byteCount: Int {
    switch self {
    case .float64, .int64: 8
    case .float32, .int32: 4
    case .float16, .bfloat16, .int16: 2
    case .int8, .uint8, .bool: 1
    }
  }

  package var isFloatingPoint: Bool {
    switch self {
    case .float64, .float32, .float16, .bfloat16: true
    case .int64, .int32, .int16, .int8, .uint8, .bool: false
    }
  }
}

/// A tensor inside a file: shape, type and a view of its bytes (little-endian, C order).
///
/// The view stays valid while `owner` lives, which the value itself sees to.
package struct TensorView: @unchecked Sendable {
  package let name: String
  package let type: ElementType
  package let shape: [Int]
  package let bytes: UnsafeRawBufferPointer
  private let owner: AnyObject

  /// The same tensor under another name.
  package func renamed(_ name: String) -> TensorView {
    TensorView(name: name, type: type, shape: shape, bytes: bytes, owner: owner)
  }

  package init(
    name: String, type: ElementType, shape: [Int], bytes: UnsafeRawBufferPointer, owner: AnyObject
  ) {
    self.name = name
    self.type = type
    self.shape = shape
    self.bytes = bytes
    self.owner = owner
  }

  /// Number of elements.
  package var count: Int { shape.reduce(1, *) }

  /// Writes elements `range` (flat, C order) as float32. Half and bfloat16 widen exactly, float64 rounds.
  ///
  /// - Throws: `EvalError.malformedData` for integer tensors.
  /// - Precondition: `range` lies inside the tensor and `out` has room for it.
  package func readFloats(_ range: Range<Int>, into out: UnsafeMutablePointer<Float>) throws {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    guard !range.isEmpty, let base = bytes.baseAddress else { return }
    let from = base.advanced(by: range.lowerBound * type.byteCount)
    switch type {
    case .float32:
      memcpy(out, from, range.count * 4)
    case .float16, .bfloat16:
      // The format allows any byte offset; the kernels want an even one.
      if Int(bitPattern: from) % 2 == 0 {
        widen(from.assumingMemoryBound(to: UInt16.self), out, range.count)
      } else {
        withUnsafeTemporaryAllocation(of: UInt16.self, capacity: range.count) { aligned in
          guard let start = aligned.baseAddress else { return }
          memcpy(start, from, range.count * 2)
          widen(start, out, range.count)
        }
      }
    case .float64:
      for i in 0..<range.count {
        out[i] = Float(from.loadUnaligned(fromByteOffset: i * 8, as: Double.self))
      }
    default:
      throw EvalError(
        .malformedData, "tensor has integer type \(type.rawValue), expected floating point",
        subject: name)
    }
  }

  /// All elements as float32.
  package func floats() throws -> [Float] {
    let count = count
    var result = [Float](repeating: 0, count: count)
    try result.withUnsafeMutableBufferPointer {
      guard let base = $0.baseAddress else { return }
      try readFloats(0..<count, into: base)
    }
    return result
  }

  /// All elements of an integer or boolean tensor.
  /// - Throws: `EvalError.malformedData` for floating-point tensors.
  package func integers() throws -> [Int64] { try integers(0..<count) }

  /// Elements `range` (flat, C order) of such a tensor.
  /// - Precondition: `range` lies inside the tensor.
  package func integers(_ range: Range<Int>) throws -> [Int64] {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    let size = type.byteCount
    return try range.map { i in
      switch type {
      case .int64: bytes.loadUnaligned(fromByteOffset: i * size, as: Int64.self)
      case .int32: Int64(bytes.loadUnaligned(fromByteOffset: i * size, as: Int32.self))
      case .int16: Int64(bytes.loadUnaligned(fromByteOffset: i * size, as: Int16.self))
      case .int8: Int64(bytes.loadUnaligned(fromByteOffset: i * size, as: Int8.self))
      case .uint8, .bool: Int64(bytes[i])
      case .float64, .float32, .float16, .bfloat16:
        throw EvalError(
          .malformedData, "tensor has type \(type.rawValue), expected integers", subject: name)
      }
    }
  }

  private func widen(
    _ from: UnsafePointer<UInt16>, _ to: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    if type == .float16 {
      ck_half_to_float(from, to, count)
    } else {
      ck_bfloat16_to_float(from, to, count)
    }
  }
}
