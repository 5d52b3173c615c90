import COneDNN
import Core

/// Convolutions and poolings over a fixed number of images, prepared once; weights are shared by all workers.
///
/// `@unchecked Sendable`: nothing changes after the initialiser.
package final class ConvolutionNetwork: @unchecked Sendable {
  /// What a layer gives: [images, rows, columns, channels].
  package struct Value: Sendable {
    fileprivate let index: Int32
    package let channels: Int
  }

  package let precision: TowerPrecision
  fileprivate let handle: OpaquePointer

  /// - Parameters:
  ///   - images: how many of them every run takes.
  ///   - build: adds the layers to a builder, from its `images` on, and returns the value that runs give.
  /// - Throws: `EvalError.bug` when oneDNN cannot compute a layer; what `build` throws.
  package init(
    images: Int, channels: Int, height: Int, width: Int, precision: TowerPrecision,
    build: (Builder) throws -> Value
  ) throws {
    OneDNN.useThisThreadOnly()
    var status: Int32 = 0
    let made = cn_network_create(images, channels, height, width, precision.element, &status)
    handle = try OneDNN.check(made, status, "\(images) images of \(channels)×\(height)×\(width)")
    self.precision = precision
    let output = try build(Builder(handle: handle, images: Value(index: 0, channels: channels)))
    try OneDNN.check(cn_network_finish(handle, output.index), "a network of convolutions")
  }

  deinit { cn_network_free(handle) }
}

extension ConvolutionNetwork {
  /// Adds layers to a network that is being made.
  package struct Builder {
    fileprivate let handle: OpaquePointer
    /// The images: [images, channels, height, width], float32.
    package let images: Value

    /// y = activation(convolution(x) + bias + residual).
    ///
    /// - Parameters:
    ///   - weight: [channels, channels of x, kernel, kernel]; copied.
    ///   - bias: [channels]; copied.
    ///   - padding: rows and columns of zeros on each side.
    ///   - residual: of y's shape; y takes its place in memory, so that no later layer may use it.
    package func convolution(
      _ x: Value, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>, channels: Int,
      kernel: Int, stride: Int = 1, padding: Int = 0, activation: FusedActivation = .none,
      adding residual: Value? = nil
    ) throws -> Value {
      var status: Int32 = 0
      let index = cn_network_convolution(
        handle, x.index, weight, bias, channels, kernel, stride, padding, activation.kind,
        residual?.index ?? -1, &status)
      try OneDNN.check(
        status, "a \(kernel)×\(kernel) convolution of \(x.channels) to \(channels) channels")
      return Value(index: index, channels: channels)
    }

    /// Means over squares of `size`×`size`, side by side; what does not fill one at the right and bottom is dropped.
    package func averagePool(_ x: Value, size: Int) throws -> Value {
      var status: Int32 = 0
      let index = cn_network_average_pool(handle, x.index, size, &status)
      try OneDNN.check(status, "\(size)×\(size) pooling of \(x.channels) channels")
      return Value(index: index, channels: x.channels)
    }
  }
}

/// The memory to run a `ConvolutionNetwork` in; used by one worker at a time.
package final class ConvolutionWorker {
  private let network: ConvolutionNetwork
  private let handle: OpaquePointer

  package init(_ network: ConvolutionNetwork) throws {
    OneDNN.useThisThreadOnly()
    var status: Int32 = 0
    let made = cn_network_worker_create(network.handle, &status)
    handle = try OneDNN.check(made, status, "a network of convolutions")
    self.network = network
  }

  deinit { cn_network_worker_free(handle) }

  /// - Parameters:
  ///   - images: [images, channels, height, width].
  ///   - body: gets the network's output, [images, rows, columns, channels] in its precision, which the next run
  ///     overwrites.
  package func run<Result>(
    _ images: UnsafePointer<Float>, _ body: (UnsafeRawPointer) throws -> Result
  ) throws -> Result {
    OneDNN.useThisThreadOnly()
    var output: UnsafeRawPointer?
    try OneDNN.check(cn_network_run(handle, images, &output), "a network of convolutions")
    guard let output else { throw EvalError(.bug, "a network of convolutions gave nothing") }
    return try withExtendedLifetime(self) { try body(output) }
  }
}
