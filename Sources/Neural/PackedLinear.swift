import COneDNN
import Core

/// What follows a matrix product or convolution, computed while its results are still in registers.
package enum FusedActivation: Sendable, Hashable {
  case none, quickGELU, gelu, relu

  var kind: cn_activation {
    switch self {
    case .none: CN_LINEAR
    case .quickGELU: CN_QUICK_GELU
    case .gelu: CN_GELU
    case .relu: CN_RELU
    }
  }
}

/// The weights of y = x·Wᵀ + b in the layout that the processor's kernels want; shared by all workers.
package final class PackedLinear: @unchecked Sendable {
  /// Width of y.
  package let outputs: Int
  /// Width of x.
  package let inputs: Int
  package let precision: TowerPrecision
  fileprivate let handle: OpaquePointer

  /// - Parameters:
  ///   - weight: [outputs, inputs], copied.
  ///   - stride: elements between its rows; `inputs` otherwise.
  ///   - bias: [outputs]; copied.
  ///   - rows: a typical number of rows of x, which the layout is chosen for.
  /// - Throws: `EvalError.bug` when oneDNN cannot do it.
  package init(
    weight: UnsafePointer<Float>, stride: Int? = nil, bias: UnsafePointer<Float>?, outputs: Int,
    inputs: Int, precision: TowerPrecision, rows: Int
  ) throws {
    OneDNN.useThisThreadOnly()
    var status: Int32 = 0
    let made = cn_linear_create(
      weight, stride ?? inputs, bias, outputs, inputs, precision.element, max(1, rows), &status)
    handle = try OneDNN.check(made, status, "the weights of a \(outputs)×\(inputs) layer")
    self.outputs = outputs
    self.inputs = inputs
    self.precision = precision
  }

  deinit { cn_linear_free(handle) }
}

/// How a `PackedLinear` of one shape is computed on a fixed number of rows; used by one worker at a time.
package final class LinearPlan {
  package let rows: Int
  private let handle: OpaquePointer

  /// - Parameters:
  ///   - like: any layer of the shape and precision the plan is for.
  ///   - output: the type of y; x has that of the layer's precision.
  ///   - adding: y += x·Wᵀ + b in place of y = activation(x·Wᵀ + b).
  package init(
    like: PackedLinear, rows: Int, output: TowerPrecision, activation: FusedActivation = .none,
    adding: Bool = false
  ) throws {
    OneDNN.useThisThreadOnly()
    var status: Int32 = 0
    let made = cn_linear_plan_create(
      like.handle, rows, output.element, activation.kind, adding ? 1 : 0, &status)
    handle = try OneDNN.check(
      made, status, "\(rows) rows through a \(like.outputs)×\(like.inputs) layer")
    self.rows = rows
  }

  deinit { cn_linear_plan_free(handle) }

  /// - Parameters:
  ///   - x: [rows, inputs], dense.
  ///   - y: [rows, outputs], dense.
  package func run(
    _ layer: PackedLinear, _ x: UnsafeRawPointer, into y: UnsafeMutableRawPointer
  ) throws {
    OneDNN.useThisThreadOnly()
    try OneDNN.check(
      cn_linear_run(handle, layer.handle, x, y),
      "\(rows) rows through a \(layer.outputs)×\(layer.inputs) layer")
  }
}
