package import Core

/// What decides a number on a shifted dataset besides that dataset: the base whose classes are chosen among, and how its classifier was
/// made. What does not apply is nil and left out.
package struct RobustnessProtocol: Sendable, Hashable, Codable {
  /// The dataset that the shift is one of.
  package var base: String
  package var baseSplit: String
  package var baseOptions: String?
  /// Over the ids and classes of the base's evaluation split.
  package var baseSplitHash: SHA256Digest?
  /// Over the ids and classes of those of its samples that are compared with: those of the classes that the shift has.
  package var subsetHash: SHA256Digest?
  /// Over the images' contents, or of the feature file, of the whole split.
  package var baseFingerprint: SHA256Digest?
  /// `RobustnessExperiment.Classifier`.
  package var classifier: String
  /// Over which class of the shift is which of the base.
  package var mapHash: SHA256Digest
  /// Classes of the base that may be chosen, and classes of the shift that they are.
  package var baseClassCount: Int
  package var classCount: Int
  /// What becomes of images of classes that the base lacks: `left-out` or `never-right`; nil without any.
  package var unmatched: String?
  /// The base's words, where the row's own are the shift's.
  package var baseClassNameSet: String?
  package var baseClassNamesHash: SHA256Digest?
  package var baseTemplateSet: String?
  package var baseTemplatesHash: SHA256Digest?
  /// Of an ensemble: α · probe + (1 − α) · zero-shot.
  package var alpha: Double?
  /// What zero-shot weights of unit length are multiplied with before they are mixed with a probe's.
  package var zeroShotScale: Double?

  package init(
    base: String, baseSplit: String, classifier: String, mapHash: SHA256Digest,
    baseClassCount: Int, classCount: Int
  ) {
    self.base = base
    self.baseSplit = baseSplit
    self.classifier = classifier
    self.mapHash = mapHash
    self.baseClassCount = baseClassCount
    self.classCount = classCount
  }

  /// For tables.
  package var text: String {
    var parts = ["base=\(base)", "split=\(baseSplit)"]
    func add(_ name: String, _ value: String?) {
      if let value { parts.append("\(name)=\(value)") }
    }
    func short(_ digest: SHA256Digest?) -> String? { digest?.hex.prefix(12).description }
    add("options", baseOptions)
    add("subset", short(subsetHash))
    add("fingerprint", short(baseFingerprint))
    add("classifier", classifier)
    add("map", short(mapHash))
    add("classes", "\(baseClassCount)→\(classCount)")
    add("unmatched", unmatched)
    add("classNames", baseClassNameSet)
    add("templates", baseTemplateSet)
    add("alpha", alpha.map { "\($0)" })
    add("zeroShotScale", zeroShotScale.map { "\($0)" })
    return parts.joined(separator: " ")
  }
}
