import CKernels
import LinearAlgebra
import Neural

/// torch.nn.LayerNorm over the last dimension.
struct LayerNorm: Sendable {
  let weight: FloatBuffer
  let bias: FloatBuffer
  let epsilon: Float

  init(_ name: String, width: Int, epsilon: Float, loader: WeightLoader) throws {
    weight = try loader.load("\(name).weight", shape: [width])
    bias = try loader.load("\(name).bias", shape: [width])
    self.epsilon = epsilon
  }

  /// x, out: [rows, width]; `out` may be x.
  func apply(_ x: UnsafePointer<Float>, rows: Int, into out: UnsafeMutablePointer<Float>) {
    ck_layer_norm(x, weight.pointer, bias.pointer, epsilon, out, rows, weight.count)
  }

  /// The same into what a layer of `precision` takes.
  func apply(
    _ x: UnsafePointer<Float>, rows: Int, into out: ScratchBuffer, as precision: TowerPrecision
  ) {
    switch precision {
    case .fp32: apply(x, rows: rows, into: out.floats)
    case .bf16:
      ck_layer_norm_bf16(x, weight.pointer, bias.pointer, epsilon, out.halves, rows, weight.count)
    }
  }
}
