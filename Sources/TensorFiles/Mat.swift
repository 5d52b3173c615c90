import CMatio
import Core
package import Foundation

/// A value of a MATLAB file that is a text, a cell array of texts, or numbers.
package enum MatValue: Sendable, Equatable {
  case text(String)
  /// An empty text where a cell holds anything else.
  case texts([String])
  /// Column-major, as MATLAB stores them.
  case numbers([Double])

  package var text: String? { if case .text(let text) = self { text } else { nil } }
  package var texts: [String]? { if case .texts(let texts) = self { texts } else { nil } }
  /// The value as one whole number, or nil.
  package var integer: Int? {
    guard case .numbers(let numbers) = self, numbers.count == 1 else { return nil }
    return Int(exactly: numbers[0])
  }
}

/// Reads a struct array of a MATLAB file, level 5 or 7.3 (`synsets` of ImageNet's `meta.mat`, `annotations` of Stanford Cars), with libmatio.
///
/// - Returns: one dictionary an element. Fields that an element leaves out or that hold other kinds of values are absent.
/// - Throws: `EvalError.notFound` when the file cannot be opened; `.malformedData` when it is no MATLAB file or
///   has no such struct.
package func readMatStruct(
  _ variable: String, fields: [String], from url: URL
) throws -> [[String: MatValue]] {
  if let file = try matHDF5(url) { return try file.rows(variable, fields: fields) }
  return try withMatVariable(variable, in: url) { array, fail in
    guard array.pointee.class_type == MAT_C_STRUCT else {
      throw fail("expected `\(variable)` to be a struct array")
    }
    // In a damaged file libmatio leaves names unset, and then compares with them.
    let names = Mat_VarGetStructFieldnames(array)
    let hasNames = (0..<Int(Mat_VarGetNumberOfFields(array))).allSatisfy { names?[$0] != nil }
    guard array.pointee.data != nil, hasNames else { throw fail("`\(variable)` is damaged") }
    return try (0..<elementCount(array, fail)).map { index in
      var row: [String: MatValue] = [:]
      for field in fields {
        if let value = Mat_VarGetStructFieldByName(array, field, index) {
          row[field] = matValue(value.pointee)
        }
      }
      return row
    }
  }
}

/// Reads a cell array of texts of a MATLAB file (`class_names` of Stanford Cars).
/// - Throws: as `readMatStruct`.
package func readMatTexts(_ variable: String, from url: URL) throws -> [String] {
  if let file = try matHDF5(url) { return try file.texts(variable) }
  return try withMatVariable(variable, in: url) { array, fail in
    guard array.pointee.class_type == MAT_C_CELL, let cells = array.pointee.data else {
      throw fail("expected `\(variable)` to be a cell array of texts")
    }
    let count = try elementCount(array, fail)
    // What libmatio could not read it leaves out.
    guard array.pointee.nbytes / MemoryLayout<UnsafeRawPointer>.stride >= count else {
      throw fail("`\(variable)` is damaged")
    }
    let pointers = cells.assumingMemoryBound(to: UnsafeMutablePointer<matvar_t>?.self)
    return try (0..<count).map { index in
      guard let cell = pointers[index], let text = matValue(cell.pointee)?.text else {
        throw fail("expected cell \(index + 1) of `\(variable)` to be a text")
      }
      return text
    }
  }
}

/// Reads a numeric array of a MATLAB file (`labels` of Oxford Flowers), column by column.
/// - Throws: as `readMatStruct`.
package func readMatNumbers(_ variable: String, from url: URL) throws -> [Double] {
  if let file = try matHDF5(url) { return try file.numbers(variable) }
  return try withMatVariable(variable, in: url) { array, fail in
    let count = try elementCount(array, fail)
    guard case .numbers(let numbers)? = matValue(array.pointee), numbers.count == count else {
      throw fail("expected `\(variable)` to be an array of numbers")
    }
    return numbers
  }
}

/// The file when it is of version 7.3.
private func matHDF5(_ url: URL) throws -> MatHDF5? {
  let file = try PositionedFile(url)
  let header = Array("MATLAB 7.3".utf8)
  guard file.count >= 512, try file.read(at: 0, count: header.count) == header else { return nil }
  return try MatHDF5(url, limit: elementLimit)
}

/// Calls `body` with a variable of a level 5 file, and with what makes an error about the file.
private func withMatVariable<Result>(
  _ variable: String, in url: URL,
  _ body: (UnsafeMutablePointer<matvar_t>, (String) -> EvalError) throws -> Result
) throws -> Result {
  func fail(_ message: String) -> EvalError {
    EvalError(.malformedData, message, subject: url.path)
  }
  let file = try PositionedFile(url)
  // libmatio guesses level 4 for any file without a signature and then reads sizes out of noise.
  let header =
    file.count >= 128 ? String(decoding: try file.read(at: 0, count: 10), as: UTF8.self) : ""
  guard header == "MATLAB 5.0" else {
    throw fail("expected a MATLAB 5.0 or 7.3 MAT-file, found another header")
  }
  try MatCheck.check(file)
  guard let mat = Mat_Open(url.path, Int32(MAT_ACC_RDONLY.rawValue)) else {
    throw fail("libmatio cannot read this MAT-file")
  }
  defer { Mat_Close(mat) }
  guard let array = Mat_VarRead(mat, variable) else {
    throw fail("expected a variable `\(variable)`, found none that can be read")
  }
  defer { Mat_VarFree(array) }
  return try body(array, fail)
}

private func elementCount(
  _ array: UnsafeMutablePointer<matvar_t>, _ fail: (String) -> EvalError
) throws -> Int {
  guard let dimensions = array.pointee.dims else { throw fail("the array is damaged") }
  var count = 1
  for axis in 0..<Int(array.pointee.rank) {
    let (product, overflow) = count.multipliedReportingOverflow(by: Int(clamping: dimensions[axis]))
    guard !overflow else { throw fail("the array has impossible dimensions") }
    count = product
  }
  guard count <= elementLimit else {
    throw fail("the array claims \(count) elements; the limit is \(elementLimit)")
  }
  return count
}

/// ImageNet's `synsets` has 1860 elements, Stanford Cars' annotations 16,185. An empty struct array can claim any number in a few
/// bytes.
private let elementLimit = 1_000_000

/// Nil for a cell array that is damaged.
private func matTexts(_ variable: matvar_t) -> MatValue? {
  guard let data = variable.data, variable.data_size == MemoryLayout<UnsafeRawPointer>.size else {
    return nil
  }
  let count = variable.nbytes / MemoryLayout<UnsafeRawPointer>.size
  let cells = data.assumingMemoryBound(to: UnsafeMutablePointer<matvar_t>?.self)
  return .texts((0..<count).map { cells[$0].flatMap { matValue($0.pointee)?.text } ?? "" })
}

private func matValue(_ variable: matvar_t) -> MatValue? {
  if variable.class_type == MAT_C_CELL { return matTexts(variable) }
  guard let data = variable.data, variable.isComplex == 0, variable.data_size > 0 else {
    return nil
  }
  let count = variable.nbytes / Int(variable.data_size)
  func elements<T: BinaryInteger>(_: T.Type) -> [T] {
    (0..<count).map { data.loadUnaligned(fromByteOffset: $0 * MemoryLayout<T>.stride, as: T.self) }
  }
  if variable.class_type == MAT_C_CHAR {
    switch variable.data_type {
    case MAT_T_UINT16, MAT_T_UTF16:
      return .text(String(decoding: elements(UInt16.self), as: UTF16.self))
    case MAT_T_UINT8, MAT_T_INT8, MAT_T_UTF8:
      return .text(String(decoding: elements(UInt8.self), as: UTF8.self))
    default: return nil
    }
  }
  switch variable.data_type {
  case MAT_T_DOUBLE:
    return .numbers(
      (0..<count).map { data.loadUnaligned(fromByteOffset: $0 * 8, as: Double.self) })
  case MAT_T_SINGLE:
    return .numbers(
      (0..<count).map { Double(data.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self)) })
  case MAT_T_UINT8: return .numbers(elements(UInt8.self).map(Double.init))
  case MAT_T_INT8: return .numbers(elements(Int8.self).map(Double.init))
  case MAT_T_UINT16: return .numbers(elements(UInt16.self).map(Double.init))
  case MAT_T_INT16: return .numbers(elements(Int16.self).map(Double.init))
  case MAT_T_UINT32: return .numbers(elements(UInt32.self).map(Double.init))
  case MAT_T_INT32: return .numbers(elements(Int32.self).map(Double.init))
  case MAT_T_UINT64: return .numbers(elements(UInt64.self).map(Double.init))
  case MAT_T_INT64: return .numbers(elements(Int64.self).map(Double.init))
  default: return nil
  }
}
