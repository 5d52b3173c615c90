package import Core
package import Statistics

/// The other half of a robustness result: what the same classifier does on the base. A row's own value is that on the shift.
package struct RobustnessRecord: Sendable, Equatable, Codable {
  /// The dataset that the shift is one of.
  package var base: String
  package var classifier: RobustnessExperiment.Classifier
  /// On the base's images of the shift's classes, among the same classes; of `class-shift` that of `zero-shot`, since the base's own
  /// classes do not change. Over several seeds the mean.
  @ExplicitNull package var baseValue: Double?
  package var baseMetric: String
  @ExplicitNull package var baseInterval95: Interval?
  @ExplicitNull package var baseInterval99_5: Interval?
  @ExplicitNull package var baseIntervalMethod: String?
  /// t-interval of the mean over seeds.
  @ExplicitNull package var baseSeedInterval95: Interval?
  /// Images of the base that were evaluated, and those of its whole split that could not be: of which classes is not known.
  package var baseN: Int
  package var baseFailed: Int
  /// Over their ids and classes.
  package var subsetHash: SHA256Digest
  /// Over which class of the shift is which of the base.
  package var mapHash: SHA256Digest
  /// Images of the shift that are of no class of the base, and were left out; never right where they were not.
  package var unmatchedSamples: Int
  /// Of an ensemble: α · probe + (1 − α) · zero-shot.
  @ExplicitNull package var alpha: Double?

  package init(
    base: String, classifier: RobustnessExperiment.Classifier, baseValue: Double?,
    baseMetric: String, baseInterval95: Interval?, baseInterval99_5: Interval?,
    baseIntervalMethod: String?, baseN: Int, baseFailed: Int, subsetHash: SHA256Digest,
    mapHash: SHA256Digest, unmatchedSamples: Int, alpha: Double?
  ) {
    self.base = base
    self.classifier = classifier
    self.baseValue = baseValue
    self.baseMetric = baseMetric
    self.baseInterval95 = baseInterval95
    self.baseInterval99_5 = baseInterval99_5
    self.baseIntervalMethod = baseIntervalMethod
    self.baseSeedInterval95 = nil
    self.baseN = baseN
    self.baseFailed = baseFailed
    self.subsetHash = subsetHash
    self.mapHash = mapHash
    self.unmatchedSamples = unmatchedSamples
    self.alpha = alpha
  }
}

/// Robustness to a shift of the images (paper, section 3.3): a classifier of a base's classes on datasets that share them.
package enum RobustnessExperiment {
  package static let name = "robustness"

  /// How the classifier of the base's classes was made.
  package enum Classifier: String, Sendable, Codable, CaseIterable {
    /// From the base's class names.
    case zeroShot = "zero-shot"
    /// From the shift's own class names: adapted to class shift.
    case classShift = "class-shift"
    /// Logistic regression on the base's training split: adapted to the base.
    case probe
    /// The same on few examples a class.
    case fewShot = "few-shot"
    /// Weights between those of zero-shot and a probe's.
    case ensemble

    /// Whether it learns from the base's training split.
    package var learns: Bool { self == .probe || self == .fewShot || self == .ensemble }
    /// Whether the base's class names are a part of it, or of what it is compared with.
    package var takesPrompts: Bool { self != .probe && self != .fewShot }
  }
}
