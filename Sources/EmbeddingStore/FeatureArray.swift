import Core
import Foundation
import TensorFiles

/// One file's features before they are copied: a view of [n, D], and the mapping its pages belong to.
struct FeatureArray {
  let view: TensorView
  let url: URL
  let file: MappedFile?

  var rows: Int { view.shape[0] }
  var width: Int { view.shape[1] }

  /// - Throws: `EvalError.malformedData` unless the tensor is a matrix of floating-point numbers with a column.
  init(_ view: TensorView, url: URL, file: MappedFile?) throws(EvalError) {
    guard view.shape.count == 2, view.shape[1] > 0, view.type.isFloatingPoint else {
      throw EvalError(
        .malformedData,
        "expected features of shape N×D in F16, BF16, F32 or F64, found \(view.type.rawValue) of shape \(view.shape)",
        subject: url.path)
    }
    self.view = view
    self.url = url
    self.file = file
  }

  init(npy url: URL) throws {
    let (array, file) = try NPYFile.map(url)
    try self.init(array, url: url, file: file)
  }

  /// Rows as float32, written to `target`; their pages are given back to the system.
  func copy(_ rows: Range<Int>, to target: UnsafeMutablePointer<Float>) throws {
    let elements = rows.lowerBound * width..<rows.upperBound * width
    try view.readFloats(elements, into: target)
    let size = view.type.byteCount
    file?.release(
      UnsafeRawBufferPointer(
        rebasing: view.bytes[elements.lowerBound * size..<elements.upperBound * size]))
  }

  /// The numbers where they lie, when nothing has to be done to them.
  var floatsInPlace: UnsafePointer<Float>? {
    guard view.type == .float32, let base = view.bytes.baseAddress,
      Int(bitPattern: base) % MemoryLayout<Float>.alignment == 0
    else { return nil }
    return base.assumingMemoryBound(to: Float.self)
  }
}
