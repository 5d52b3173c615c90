enum Quantile {
  /// Linear interpolation between order statistics, as `numpy.quantile` does by default.
  /// - Parameter sorted: at least one value.
  static func linear(_ probability: Double, of sorted: [Double]) -> Double {
    let position = probability * Double(sorted.count - 1)
    let below = min(max(Int(position), 0), sorted.count - 1)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (position - Double(below)) * (sorted[above] - sorted[below])
  }
}
