package import Core

/// How much a score depends on which template is taken alone.
package struct PromptSensitivity: Sendable, Equatable, Codable {
  package var mean: Double
  /// Of the scores, with T − 1.
  package var deviation: Double
  package var lowest: Double
  package var highest: Double
  /// What the deviation would be expected to be, were all templates equally good on images drawn anew: of so many images, scores of equal templates
  /// differ too. Nil where that is not known: of metrics that are no mean over samples, of samples that hang together, and where a class has one
  /// sample.
  @ExplicitNull package var noise: Double?
  /// What is left of the deviation: √(deviation² − noise²), and 0 where chance would do.
  @ExplicitNull package var excess: Double?

  /// - Parameters:
  ///   - values: of each template, T.
  ///   - strata: of each sample, where the score is the mean over strata of their means; nil for one.
  ///   - credits: T × N, what each sample is worth of `full`; nil where the score is no mean of them.
  /// - Returns: nil with fewer than two templates.
  package init?(values: [Double], credits: [[UInt8]]?, strata: [Int]?, full: Int) {
    guard values.count > 1, let lowest = values.min(), let highest = values.max() else {
      return nil
    }
    mean = values.reduce(0, +) / Double(values.count)
    var squares = 0.0
    for value in values { squares += (value - mean) * (value - mean) }
    let variance = squares / Double(values.count - 1)
    deviation = variance.squareRoot()
    (self.lowest, self.highest) = (lowest, highest)
    let own = credits.flatMap { Self.noiseVariance($0, strata: strata, full: full) }
    noise = own?.squareRoot()
    excess = own.map { max(0, variance - $0).squareRoot() }
  }

  /// The residual mean square of samples × templates, of which a template's mean has the n-th part; in strata, of each, and their mean.
  ///
  /// What a template is worth on all samples alike is no noise, nor is what a sample is worth under all templates.
  private static func noiseVariance(
    _ credits: [[UInt8]], strata: [Int]?, full: Int
  ) -> Double? {
    guard let count = credits.first?.count, count > 0 else { return nil }
    let strata = strata ?? [Int](repeating: 0, count: count)
    let templates = credits.count
    struct Sums {
      var count = 0
      /// Of squares of each cell, and of each sample's sum.
      var cells = 0
      var samples = 0
      var templates: [Int]
    }
    var sums: [Int: Sums] = [:]
    for sample in 0..<count {
      var own = sums[strata[sample]] ?? Sums(templates: [Int](repeating: 0, count: templates))
      own.count += 1
      var sum = 0
      for template in 0..<templates {
        let credit = Int(credits[template][sample])
        sum += credit
        own.cells += credit * credit
        own.templates[template] += credit
      }
      own.samples += sum * sum
      sums[strata[sample]] = own
    }
    var variance = 0.0
    for (_, own) in sums.sorted(by: { $0.key < $1.key }) {
      guard own.count > 1 else { return nil }
      let (n, t) = (Double(own.count), Double(templates))
      let total = Double(own.templates.reduce(0, +))
      let ofTemplates = own.templates.reduce(0.0) { $0 + Double($1) * Double($1) }
      let residual =
        Double(own.cells) - Double(own.samples) / t - ofTemplates / n + total * total / (n * t)
      variance += max(0, residual) / ((n - 1) * (t - 1)) / n
    }
    return variance / Double(sums.count * sums.count) / Double(full * full)
  }
}
