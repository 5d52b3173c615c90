/// A weak classifier: the class whose mean picture, 8 × 8 pixels, is nearest.
struct NearestMean: Sendable {
  private let labels: [String]
  private let means: [[Float]]

  init(_ items: [EvaluationItem]) throws {
    let thumbnails = try inParallel(items.count) { Self.thumbnail(items[$0].draw()) }
    var sums: [String: (sum: [Float], count: Float)] = [:]
    for (item, thumbnail) in zip(items, thumbnails) {
      let old = sums[item.label] ?? (Array(repeating: 0, count: thumbnail.count), 0)
      sums[item.label] = (zip(old.sum, thumbnail).map { $0 + $1 }, old.count + 1)
    }
    let sorted = sums.sorted { $0.key < $1.key }
    labels = sorted.map(\.key)
    means = sorted.map { entry in entry.value.sum.map { $0 / entry.value.count } }
  }

  /// How much nearer the true class is than the nearest other; negative where the baseline is wrong.
  func margin(of item: EvaluationItem) -> Float {
    let thumbnail = Self.thumbnail(item.draw())
    var own = Float.infinity
    var other = Float.infinity
    for (label, mean) in zip(labels, means) {
      let distance = zip(mean, thumbnail).reduce(0 as Float) {
        $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
      }
      if label == item.label { own = distance } else { other = min(other, distance) }
    }
    return other - own
  }

  /// Means over blocks of 8 × 8 pixels; 192 values.
  static func thumbnail(_ canvas: Canvas) -> [Float] {
    var sums = [Float](repeating: 0, count: 192)
    for (i, pixel) in canvas.pixels.enumerated() {
      let block = 3 * ((i / 64 / 8) * 8 + i % 64 / 8)
      sums[block] += pixel.r / 64
      sums[block + 1] += pixel.g / 64
      sums[block + 2] += pixel.b / 64
    }
    return sums
  }
}
