import CKernels

/// Interleaved bytes to float planes, by a table of all possible values.
struct PlanarTable: Sendable {
  /// The value of every byte per channel: 3 × 256.
  private let values: [Float]
  /// Per channel, where computing gives the same bits as the table; nil elsewhere.
  private let formula: (mean: [Float], deviation: [Float])?

  init(_ recipe: PreprocessRecipe) {
    let values = recipe.valueTable()
    self.values = values
    guard recipe.normalizes else {
      formula = nil
      return
    }
    // The vector kernel divides by way of reciprocals, which is exact for all divisors but special ones: all 768
    // possible values are tried rather than argued about.
    let all = (0..<256).flatMap { [UInt8](repeating: UInt8($0), count: 3) }
    var planes = [Float](repeating: 0, count: 768)
    planes.withUnsafeMutableBufferPointer { planes in
      guard let red = planes.baseAddress else { return }
      resize_planar(
        resize_best_isa(), all, 256, values, recipe.mean, recipe.standardDeviation, red, red + 256,
        red + 512)
    }
    let agrees = zip(planes, values).allSatisfy { $0.bitPattern == $1.bitPattern }
    formula = agrees ? (recipe.mean, recipe.standardDeviation) : nil
  }

  /// - Parameters:
  ///   - rgb: `count` pixels.
  ///   - red, green, blue: room for `count` values each.
  func spread(
    _ rgb: UnsafePointer<UInt8>, count: Int, isa: resize_isa, _ red: UnsafeMutablePointer<Float>,
    _ green: UnsafeMutablePointer<Float>, _ blue: UnsafeMutablePointer<Float>
  ) {
    if let formula {
      resize_planar(
        isa, rgb, count, values, formula.mean, formula.deviation, red, green, blue)
    } else {
      resize_planar(isa, rgb, count, values, nil, nil, red, green, blue)
    }
  }
}
