import Foundation
import TensorFiles

/// Tensors of pseudo-random numbers, the same in every run.
///
/// Standard deviations are those that models of these shapes are initialised with, so that activations keep their size
/// from layer to layer, as those of trained weights do.
struct RandomWeights {
  private(set) var tensors: [TensorPayload] = []
  private var generator = SplitMix64(state: 1)

  /// Uniform about `mean`.
  mutating func add(_ name: String, _ shape: [Int], deviation: Double, mean: Float = 0) {
    let reach = Float(deviation * 3.0.squareRoot())
    let count = shape.reduce(1, *)
    let values = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      for i in 0..<count { buffer[i] = mean + reach * generator.uniform() }
      initialized = count
    }
    tensors.append(TensorPayload(name: name, shape: shape, floats: values))
  }

  mutating func add(_ name: String, integer: Int64) {
    tensors.append(TensorPayload(name: name, shape: [], integers: [integer]))
  }

  /// `<name>.weight` [outputs, inputs] and `<name>.bias`.
  mutating func linear(_ name: String, _ outputs: Int, _ inputs: Int, deviation: Double) {
    add("\(name).weight", [outputs, inputs], deviation: deviation)
    add("\(name).bias", [outputs], deviation: 0.02)
  }

  mutating func layerNorm(_ name: String, _ width: Int) {
    add("\(name).weight", [width], deviation: 0.1, mean: 1)
    add("\(name).bias", [width], deviation: 0.05)
  }

  mutating func batchNorm(_ name: String, _ channels: Int, gain: Float) {
    add("\(name).weight", [channels], deviation: 0.1 * Double(gain), mean: gain)
    add("\(name).bias", [channels], deviation: 0.05)
    add("\(name).running_mean", [channels], deviation: 0.1)
    add("\(name).running_var", [channels], deviation: 0.2, mean: 1)
  }

  /// A convolution [outputs, inputs, size, size] that keeps the size of what a ReLU leaves.
  mutating func convolution(_ name: String, _ outputs: Int, _ inputs: Int, _ size: Int) {
    add(
      "\(name).weight", [outputs, inputs, size, size],
      deviation: (2 / Double(inputs * size * size)).squareRoot())
  }
}

/// Steele, Lea and Flood 2014.
struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// −1…1
  mutating func uniform() -> Float { Float(next() >> 40) / Float(1 << 23) - 1 }
}
