package import Statistics

/// Clopper–Pearson intervals of a point's two accuracies.
package struct AccuracyBars: Sendable, Equatable {
  /// Of the paper's tables, and of imagenet-testbed's plots.
  package static let paperConfidence = 0.95
  package static let testbedConfidence = 0.995

  /// nil where the number of samples is not known, and for a mean over shifts.
  package let base: Interval?
  package let shift: Interval?

  package var isEmpty: Bool { base == nil && shift == nil }

  package init(_ point: RobustnessPoint, confidence: Double = paperConfidence) {
    func bar(_ accuracy: Double, _ count: Int?) -> Interval? {
      guard let count, count > 0, (0...1).contains(accuracy) else { return nil }
      let right = (accuracy * Double(count)).rounded()
      return ClopperPearson.interval(
        successes: Int(right), trials: count, confidence: confidence)
    }
    base = bar(point.base, point.baseCount)
    shift = bar(point.shift, point.shiftCount)
  }
}
