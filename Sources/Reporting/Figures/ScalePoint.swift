import Foundation
package import Statistics

/// A model in a figure about size: what an image costs it, and how it scores.
package struct ScalePoint: Sendable, Equatable {
  package var model: String
  /// Models of one family are joined, and a line is fitted to each: `ResNet`, `ViT`.
  package var family: String
  /// Multiply-adds of one image, 10⁹.
  package var gflops: Double
  /// A fraction, the mean over datasets.
  package var score: Double

  package init(model: String, family: String, gflops: Double, score: Double) {
    self.model = model
    self.family = family
    self.gflops = gflops
    self.score = score
  }
}

extension ScalePoint {
  /// What a mean is of, in words.
  package static let costLabel = "GFLOPs per image (multiply-adds, logarithmic)"

  /// Families in the order of their first models, each by rising cost.
  static func families(_ points: [ScalePoint]) -> [(name: String, points: [ScalePoint])] {
    points.map(\.family).uniqued().map { family in
      (
        family,
        points.filter { $0.family == family }
          .sorted { ($0.gflops, $0.model) < ($1.gflops, $1.model) }
      )
    }
  }

  /// log₁₀ of the error against log₁₀ of the cost: a power law is a straight line.
  /// - Returns: nil for fewer than three models, or an error of 0.
  package static func powerLaw(_ points: [ScalePoint]) -> LinearFit? {
    guard points.count > 2, points.allSatisfy({ $0.gflops > 0 && $0.score < 1 }) else { return nil }
    return LinearFit(
      points.map { log10($0.gflops) },
      points.map { log10(1 - $0.score) })
  }
}
