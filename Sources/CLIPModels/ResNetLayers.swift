import Core
import LinearAlgebra
import Neural

/// Reads a `ModifiedResNet`'s convolutions, folds their batch norms into them and adds them to a network.
struct ResNetLayers {
  typealias Value = ConvolutionNetwork.Value

  let builder: ConvolutionNetwork.Builder
  let loader: WeightLoader

  /// Three 3×3 convolutions, the first of stride 2, then 2×2 pooling: a quarter of the side, `width` channels.
  func stem(width: Int) throws -> Value {
    var x = builder.images
    for (i, channels) in [width / 2, width / 2, width].enumerated() {
      let name = "image.stem.\(i + 1)"
      x = try convolution(
        x, "\(name).conv.weight", norm: "\(name).norm", channels: channels, kernel: 3,
        stride: i == 0 ? 2 : 1)
    }
    return try builder.averagePool(x, size: 2)
  }

  /// 1×1, 3×3, pooling in place of a stride, 1×1 to four times the channels, added to the input: pooled and projected
  /// where its shape is another.
  func bottleneck(_ x: Value, name: String, width: Int, stride: Int) throws -> Value {
    func strided(_ value: Value) throws -> Value {
      stride > 1 ? try builder.averagePool(value, size: stride) : value
    }
    var y = try convolution(
      x, "\(name).conv1.weight", norm: "\(name).norm1", channels: width, kernel: 1)
    y = try convolution(
      y, "\(name).conv2.weight", norm: "\(name).norm2", channels: width, kernel: 3)
    y = try strided(y)
    var identity = x
    if stride > 1 || x.channels != 4 * width {
      identity = try convolution(
        try strided(x), "\(name).downsample.conv.weight", norm: "\(name).downsample.norm",
        channels: 4 * width, kernel: 1, activation: .none)
    }
    return try convolution(
      y, "\(name).conv3.weight", norm: "\(name).norm3", channels: 4 * width, kernel: 1,
      adding: identity)
  }

  /// γ (w∗x − μ) / √(σ² + ε) + β = (s w)∗x + (β − s μ) with s = γ / √(σ² + ε), computed in double.
  private func convolution(
    _ x: Value, _ name: String, norm: String, channels: Int, kernel: Int, stride: Int = 1,
    activation: FusedActivation = .relu, adding residual: Value? = nil
  ) throws -> Value {
    let weight = try loader.load(name, shape: [channels, x.channels, kernel, kernel])
    let gamma = try loader.load("\(norm).weight", shape: [channels])
    let bias = try loader.load("\(norm).bias", shape: [channels])
    let mean = try loader.load("\(norm).mean", shape: [channels])
    let variance = try loader.load("\(norm).variance", shape: [channels])
    let length = x.channels * kernel * kernel
    for channel in 0..<channels {
      let spread = Double(variance.pointer[channel]) + Double(ResNetConfiguration.batchNormEpsilon)
      guard spread > 0, spread.isFinite else {
        throw EvalError(
          .malformedData,
          "\(norm).variance[\(channel)]: expected a variance, found \(variance.pointer[channel])")
      }
      let scale = Double(gamma.pointer[channel]) / spread.squareRoot()
      let row = weight.pointer + channel * length
      for i in 0..<length { row[i] = Float(Double(row[i]) * scale) }
      bias.pointer[channel] = Float(
        Double(bias.pointer[channel]) - Double(mean.pointer[channel]) * scale)
    }
    return try builder.convolution(
      x, weight: weight.pointer, bias: bias.pointer, channels: channels, kernel: kernel,
      stride: stride, padding: kernel / 2, activation: activation, adding: residual)
  }
}
