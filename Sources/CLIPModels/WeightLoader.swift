import Core
package import LinearAlgebra
package import TensorFiles

/// Hands the towers their tensors, by the towers' own names (`TensorNames`), whatever the checkpoint calls them.
///
/// Tensors are copied out as float32 and the file's pages given back at once, so that the peak is the float32 weights
/// plus one tensor.
package struct WeightLoader {
  let file: any TensorFile
  let mapping: TensorMapping

  package init(file: any TensorFile, mapping: TensorMapping) {
    self.file = file
    self.mapping = mapping
  }

  /// A tensor as float32 in C order, its parts joined and turned as the towers want them.
  ///
  /// - Throws: `EvalError.malformedData` when it is absent, its shape is not `shape`, or it holds integers.
  package func load(_ name: String, shape: [Int]) throws -> FloatBuffer {
    let origin = try origin(of: name)
    let partCount = origin.parts.count
    guard partCount == 1 || (shape.first ?? 1) % partCount == 0 else {
      throw EvalError(.bug, "\(name) of shape \(shape) is not made of \(partCount) equal parts")
    }
    let partShape = shape.first.map { [$0 / partCount] + shape.dropFirst() } ?? []
    // Shapes first: once they are those of the file's tensors, their sizes are those of something on disk.
    let tensors = try origin.parts.map {
      try view($0, expecting: origin.isTransposed ? partShape.reversed() : partShape)
    }
    let count = partShape.reduce(1, *)
    let buffer = FloatBuffer(count: count * partCount)
    for (i, tensor) in tensors.enumerated() {
      let target = buffer.pointer + i * count
      if origin.isTransposed, partShape.count == 2 {
        try readTransposed(tensor, rows: partShape[0], columns: partShape[1], into: target)
      } else {
        try tensor.readFloats(0..<count, into: target)
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

  /// The value of a tensor of one element.
  func scalar(_ name: String) throws -> Float {
    let part = try origin(of: name).parts[0]
    let values = try file.tensor(part)
    try requireFloats(values)
    guard values.count == 1, let value = try values.floats().first else {
      throw EvalError(
        .malformedData, "expected \(part) to be one number, found shape \(values.shape)",
        subject: file.url.path)
    }
    return value
  }

  /// Whether the checkpoint has all of a tensor.
  package func contains(_ name: String) -> Bool {
    mapping.origin(of: name)?.parts.allSatisfy { file.contents[$0] != nil } ?? false
  }

  /// A tensor's shape in the towers' layout.
  /// - Throws: `EvalError.malformedData` when it is absent or has another number of dimensions.
  func shape(_ name: String, rank: Int) throws -> [Int] {
    let origin = try origin(of: name)
    let found = try file.tensor(origin.parts[0]).shape
    guard found.count == rank else {
      throw EvalError(
        .malformedData,
        "tensor \(origin.parts[0]) has shape \(found), expected \(rank) dimensions",
        subject: file.url.path)
    }
    var shape = origin.isTransposed ? found.reversed() : found
    if origin.parts.count > 1, let first = shape.first {
      let (stacked, overflow) = first.multipliedReportingOverflow(by: origin.parts.count)
      guard !overflow else {
        throw EvalError(
          .malformedData, "tensor \(origin.parts[0]) has the impossible shape \(found)",
          subject: file.url.path)
      }
      shape[0] = stacked
    }
    return shape
  }

  private func origin(of name: String) throws -> TensorOrigin {
    if let origin = mapping.origin(of: name) { return origin }
    throw EvalError(
      .bug, "no tensor called \(name) in \(mapping.scheme.rawValue) checkpoints",
      subject: file.url.path)
  }

  private func view(_ name: String, expecting shape: [Int]) throws -> TensorView {
    let tensor = try file.tensor(name)
    guard tensor.shape == shape else {
      throw EvalError(
        .malformedData, "tensor \(name) has shape \(tensor.shape), expected \(shape)",
        subject: file.url.path)
    }
    try requireFloats(tensor)
    return tensor
  }

  private func requireFloats(_ tensor: TensorView) throws {
    guard tensor.type.isFloatingPoint else {
      throw EvalError(
        .malformedData,
        "tensor \(tensor.name) has type \(tensor.type.rawValue), expected F32, F16, BF16 or F64",
        subject: file.url.path)
    }
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
