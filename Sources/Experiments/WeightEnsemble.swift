package import Core
package import Probes

/// Classifiers between zero-shot and a probe (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models", on the last layer alone):
/// α · probe + (1 − α) · zero-shot, in weights and intercepts.
///
/// Both must be of the same features, projected and of length 1. They are brought to one scale by what they say of probabilities: a
/// probe's logits are what its softmax was fitted with, and zero-shot's are the model's logit scale × cosine. So the zero-shot weights
/// are the class vectors times that scale, with intercepts of 0.
package enum WeightEnsemble {
  /// - Parameters:
  ///   - alpha: from 0, zero-shot, to 1, the probe.
  ///   - subject: what messages call the training samples.
  /// - Throws: `EvalError.malformedData` for classifiers of other features or classes, or a class without training samples, whose
  ///   intercept is infinite and can be mixed with nothing.
  package static func mix(
    probe: LinearModel, zeroShot: ZeroShotClassifier, alpha: Double, subject: String
  ) throws(EvalError) -> LinearModel {
    let weights = zeroShot.weights
    guard probe.classCount == weights.rows, probe.columns == weights.columns else {
      throw EvalError(
        .malformedData,
        "expected a probe of \(weights.rows) classes and features of width \(weights.columns), like zero-shot; found \(probe.classCount) and \(probe.columns)",
        subject: subject)
    }
    guard probe.intercepts.allSatisfy(\.isFinite) else {
      throw EvalError(
        .malformedData,
        "\(probe.intercepts.count { !$0.isFinite }) classes have no training sample: there is nothing to mix with zero-shot",
        subject: subject)
    }
    let scale = (1 - alpha) * Double(zeroShot.scale)
    return LinearModel(
      classCount: probe.classCount, columns: probe.columns,
      weights: zip(probe.weights, weights.storage).map { alpha * $0 + scale * Double($1) },
      intercepts: probe.intercepts.map { alpha * $0 })
  }
}
