import CKernels

/// Which source pixels an output pixel is made of, and by what weights, along one axis; as Pillow's
/// `precompute_coeffs` and `normalize_coeffs_8bpc` (libImaging/Resample.c) give them for the bicubic filter.
final class ResampleWeights {
  /// Per output position of the window: the first source position.
  let first: [Int32]
  /// Taps per output position, in groups of four; unused ones are 0.
  let groups: Int
  /// Window × 4·groups, 22 fractional bits.
  let weights: [Int32]
  let packed: [UInt32]
  /// The source positions that any tap touches.
  let sourceRange: Range<Int>

  /// - Parameters:
  ///   - source: pixels along the axis before resizing.
  ///   - resized: pixels along the axis after resizing, of which only `window` is computed.
  init(source: Int, resized: Int, window: Range<Int>) {
    let exact = Self.exact(source: source, resized: resized, window: window)
    let longest = exact.reduce(1) { max($0, $1.weights.count) }
    let groups = (longest + 3) / 4
    let taps = 4 * groups
    var first: [Int32] = []
    first.reserveCapacity(window.count)
    var weights = [Int32](repeating: 0, count: window.count * taps)
    for (x, position) in exact.enumerated() {
      // Kernels read whole groups: near the end they start earlier, with zero weights in front, to stay inside.
      let start = max(0, min(position.first, source - taps))
      first.append(Int32(start))
      let lead = x * taps + position.first - start
      for (k, w) in position.weights.enumerated() {
        let scaled = w * Double(1 << RESIZE_FRACTION_BITS)
        weights[lead + k] = Int32(w < 0 ? -0.5 + scaled : 0.5 + scaled)
      }
    }
    var packed = [UInt32](repeating: 0, count: weights.count / 4 * 8)
    resize_pack(weights, weights.count / 4, &packed)
    let lower = first.min().map(Int.init) ?? 0
    let upper = first.max().map { min(source, Int($0) + taps) } ?? 0
    self.first = first
    self.groups = groups
    self.weights = weights
    self.packed = packed
    sourceRange = lower..<max(lower, upper)
  }

  /// The weights in double precision, before rounding to fixed point.
  static func exact(
    source: Int, resized: Int, window: Range<Int>
  ) -> [(first: Int, weights: [Double])] {
    let scale = Double(Float(source)) / Double(resized)
    let filterScale = max(scale, 1)
    let support = 2 * filterScale
    let inverse = 1 / filterScale
    return window.map { x in
      let center = (Double(x) + 0.5) * scale
      let lower = max(0, Int(center - support + 0.5))
      let upper = max(lower, min(source, Int(center + support + 0.5)))
      var weights = (lower..<upper).map { bicubic((Double($0) - center + 0.5) * inverse) }
      let sum = weights.reduce(0, +)
      if sum != 0 { for k in weights.indices { weights[k] /= sum } }
      return (lower, weights)
    }
  }

  /// The cubic convolution kernel with a = -0.5, in Pillow's order of operations.
  private static func bicubic(_ signed: Double) -> Double {
    let a = -0.5
    let x = abs(signed)
    if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
    return 0
  }
}
