import Core
package import LinearAlgebra
package import TensorFiles

/// Hands the towers their tensors, by the towers' own names (`TensorNames`), whatever the checkpoint calls them.
///
/// Tensors are copied out as float32 and the file's pages given back at once, so that the peak is the float32 weights
/// plus one tensor.
package struct WeightLoader {
  let file: SafetensorsFile
  let scheme: NamingScheme

  package init(file: SafetensorsFile, scheme: NamingScheme) {
    self.file = file
    self.scheme = scheme
  }

  /// A tensor as float32 in C order, its parts joined and turned as the towers want them.
  ///
  /// - Throws: `EvalError.malformedData` when it is absent, its shape is not `shape`, or it holds integers.
  package func load(_ name: String, shape: [Int]) throws -> FloatBuffer {
    let origin = try origin(of: name)
    let count = shape.reduce(1, *)
    let partCount = origin.parts.count
    guard let first = shape.first ?? (partCount == 1 ? 1 : nil), first % partCount == 0 else {
      throw EvalError(
        .bug, "\(name) of shape \(shape) is not made of \(partCount) equal parts")
    }
    let partShape = shape.isEmpty ? [] : [first / partCount] + shape.dropFirst()
    let buffer = FloatBuffer(count: count)
    for (i, part) in origin.parts.enumerated() {
      let tensor = try view(part, expecting: origin.isTransposed ? partShape.reversed() : partShape)
      let target = buffer.pointer + i * (count / partCount)
      if origin.isTransposed, partShape.count == 2 {
        try readTransposed(tensor, rows: partShape[0], columns: partShape[1], into: target)
      } else {
        try tensor.readFloats(0..<count / partCount, into: target)
      }
      file.release(tensor)
    }
    return buffer
  }

  /// A tensor left where it is, its shape checked.
  ///
  /// - Throws: `EvalError.malformedData` when it is absent or its shape is not `shape`; `.bug` when the checkpoint
  ///   keeps it in parts or transposed, so that only `load` can give it.
  package func view(_ name: String, shape: [Int]) throws -> TensorView {
    let origin = try origin(of: name)
    guard origin.parts.count == 1, !origin.isTransposed else {
      throw EvalError(.bug, "\(name) cannot be used where it lies", subject: file.url.path)
    }
    return try view(origin.parts[0], expecting: shape)
  }

  private func origin(of name: String) throws -> TensorOrigin {
    if let origin = TensorNames.origin(of: name, in: scheme) { return origin }
    throw EvalError(
      .bug, "no tensor called \(name) in \(scheme.rawValue) checkpoints", subject: file.url.path)
  }

  private func view(_ name: String, expecting shape: [Int]) throws -> TensorView {
    let tensor = try file.tensor(name)
    guard tensor.shape == shape else {
      throw EvalError(
        .malformedData, "tensor \(name) has shape \(tensor.shape), expected \(shape)",
        subject: file.url.path)
    }
    return tensor
  }

  /// `out` [rows, columns] from a tensor [columns, rows].
  private func readTransposed(
    _ tensor: TensorView, rows: Int, columns: Int, into out: UnsafeMutablePointer<Float>
  ) throws {
    let line = FloatBuffer(count: rows)
    for column in 0..<columns {
      try tensor.readFloats(column * rows..<(column + 1) * rows, into: line.pointer)
      for row in 0..<rows { out[row * columns + column] = line.pointer[row] }
    }
  }
}
