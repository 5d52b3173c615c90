import Core
import Foundation
import LinearAlgebra
import TensorFiles

/// Copies tensors out of a checkpoint as float32, giving the file's pages back as it goes, so that the peak
/// is the float32 weights plus one tensor.
struct WeightLoader {
  let file: SafetensorsFile

  /// Several tensors one after the other in one buffer (the three attention projections become one).
  ///
  /// - Throws: `EvalError.malformedData` when a tensor is absent or its shape is not `shape`.
  func load(_ names: [String], shape: [Int]) throws -> FloatBuffer {
    let count = shape.reduce(1, *)
    let buffer = FloatBuffer(count: count * names.count)
    for (i, name) in names.enumerated() {
      let tensor = try view(name, shape: shape)
      try tensor.readFloats(0..<count, into: buffer.pointer + i * count)
      file.release(tensor)
    }
    return buffer
  }

  func load(_ name: String, shape: [Int]) throws -> FloatBuffer { try load([name], shape: shape) }

  /// A tensor left where it is, its shape checked.
  func view(_ name: String, shape: [Int]) throws -> TensorView {
    let tensor = try file.tensor(name)
    guard tensor.shape == shape else {
      throw EvalError(
        .malformedData, "tensor \(name) has shape \(tensor.shape), expected \(shape)",
        subject: file.url.path)
    }
    return tensor
  }
}
