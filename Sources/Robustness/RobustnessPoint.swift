/// One model on one natural shift: its accuracy on the base distribution and on the shifted one.
package struct RobustnessPoint: Codable, Sendable, Equatable {
  package var model: String
  /// What kind of model: `standard`, `zero-shot`, … Figures give each a series.
  package var family: String
  /// Fractions. Of a shift that has some of the base's classes only, the base is the samples of the same classes.
  package var base: Double
  package var shift: Double
  /// Samples behind each; nil for not known.
  package var baseCount: Int?
  package var shiftCount: Int?
  /// Of a mean over shifts, what it is the mean of; else empty. Such a point has no counts of its own.
  package var parts: [RobustnessPoint]

  package init(
    model: String, family: String, base: Double, shift: Double, baseCount: Int? = nil,
    shiftCount: Int? = nil
  ) {
    self.model = model
    self.family = family
    self.base = base
    self.shift = shift
    self.baseCount = baseCount
    self.shiftCount = shiftCount
    parts = []
  }

  /// The mean over shifts: of the shifted accuracies, and of the accuracies on each shift's own base.
  /// - Parameter parts: one a shift.
  /// - Returns: nil without parts.
  package init?(meanOf parts: [RobustnessPoint], model: String, family: String) {
    guard !parts.isEmpty else { return nil }
    let count = Double(parts.count)
    self.init(
      model: model, family: family, base: parts.reduce(0) { $0 + $1.base } / count,
      shift: parts.reduce(0) { $0 + $1.shift } / count)
    self.parts = parts
  }

  /// Whether both accuracies, or those of all parts, are of a known number of samples.
  package var hasCounts: Bool {
    parts.isEmpty
      ? (baseCount ?? 0) > 0 && (shiftCount ?? 0) > 0 : parts.allSatisfy(\.hasCounts)
  }
}

extension RobustnessPoint {
  /// The share of another model's loss under shift that this one does not have, both of the same base accuracy, as the paper's Figure
  /// 13 puts zero-shot CLIP beside a ResNet-101: (shift − other's shift) / (other's base − other's shift).
  /// - Returns: nil where the other loses nothing.
  package func gapClosed(from other: RobustnessPoint) -> Double? {
    other.base > other.shift ? (shift - other.shift) / (other.base - other.shift) : nil
  }
}
