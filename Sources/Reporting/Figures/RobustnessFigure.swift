package import Robustness
import Statistics

/// Accuracy under shift against accuracy on the base distribution, as the paper's Figures 13 to 15 show it: models of the
/// literature with the line through the standard ones, and one's own.
package struct RobustnessFigure: Sendable {
  /// Points in an order: few-shot probes by the number of shots, ensembles by alpha.
  package struct Curve: Sendable {
    package var name: String
    package var points: [RobustnessPoint]
    /// One a point, written beside it; nil for the models' names.
    package var labels: [String]?

    package init(name: String, points: [RobustnessPoint], labels: [String]? = nil) {
      self.name = name
      self.points = points
      self.labels = labels
    }
  }

  package var name: String
  package var title: String
  package var baselines: [RobustnessPoint]
  package var fit: RobustnessFit?
  /// What the line goes through.
  package var fitName = "standard models"
  /// One's own, a series for each family.
  package var points: [RobustnessPoint]
  package var curves: [Curve]
  package var scale: AccuracyScale
  package var baseLabel: String
  package var shiftLabel: String
  /// Of the bars of one's own points.
  package var confidence: Double
  /// Whether one's own points have their models' names beside them.
  package var isLabelled: Bool
  /// Where the baselines are from, and other remarks.
  package var remarks: [String]

  /// - Parameters:
  ///   - name: of the files; nil is made of the title.
  ///   - baselines: drawn small; only those that the fit was made of have the family `standard`.
  package init(
    title: String, name: String? = nil, baselines: [RobustnessPoint], fit: RobustnessFit?,
    points: [RobustnessPoint], curves: [Curve] = [], scale: AccuracyScale = .logit,
    baseLabel: String = "base accuracy", shiftLabel: String = "accuracy under shift",
    confidence: Double = AccuracyBars.paperConfidence, isLabelled: Bool = true,
    remarks: [String] = []
  ) {
    self.name = name ?? title
    self.title = title
    self.baselines = baselines
    self.fit = fit
    self.points = points
    self.curves = curves
    self.scale = scale
    self.baseLabel = baseLabel
    self.shiftLabel = shiftLabel
    self.confidence = confidence
    self.isLabelled = isLabelled
    self.remarks = remarks
  }
}
