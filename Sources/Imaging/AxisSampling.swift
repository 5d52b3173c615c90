/// How the visible positions along one axis of a resized image come from source positions.
enum AxisSampling {
  /// The axis keeps its size.
  case copy(Range<Int>)
  case bicubic(ResampleWeights)
  /// One source position each; nil where Pillow's accumulated position falls off the end and leaves 0.
  case nearest([Int?])

  /// The source positions that are read.
  var sourceRange: Range<Int> {
    switch self {
    case .copy(let range): return range
    case .bicubic(let weights): return weights.sourceRange
    case .nearest(let positions):
      let used = positions.compactMap(\.self)
      guard let lower = used.min(), let upper = used.max() else { return 0..<1 }
      return lower..<upper + 1
    }
  }

  /// Visible positions.
  var count: Int {
    switch self {
    case .copy(let range): range.count
    case .bicubic(let weights): weights.first.count
    case .nearest(let positions): positions.count
    }
  }

  /// Pillow's `ImagingScaleAffine` (libImaging/Geometry.c), which adds the step up instead of multiplying: the
  /// rounding errors it gathers decide ties.
  static func nearest(source: Int, resized: Int, window: Range<Int>) -> Self {
    guard source != resized else { return .copy(window) }
    let step = Double(source) / Double(resized)
    var position = step * 0.5
    var picked: [Int?] = []
    picked.reserveCapacity(window.count)
    for x in 0..<window.upperBound {
      if x >= window.lowerBound {
        let pixel = Int(position)
        picked.append(pixel < source ? pixel : nil)
      }
      position += step
    }
    return .nearest(picked)
  }
}
