/// Samples that another kernel's last bits could decide the other way.
package enum NearTies {
  /// In logits (cosine × 100): below it two fp32 implementations of a model need not agree on the best class.
  package static let threshold: Float = 1e-3
  /// The same in cosines, for features whose logit scale nobody knows.
  package static let cosineThreshold: Float = 1e-5

  /// Samples whose highest score leads the second by less than `threshold`. A margin of NaN means that there
  /// is no second class, so no tie.
  package static func count(margins: [Float], threshold: Float = threshold) -> Int {
    margins.count { $0 < threshold }
  }
}
