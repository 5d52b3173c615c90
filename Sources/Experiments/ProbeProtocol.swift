package import Core

/// What decides a probe's number besides the images, the model and the metric: the part of a protocol that only probes have. What does
/// not apply is nil and left out.
package struct ProbeProtocol: Sendable, Hashable, Codable {
  /// Classes that the probe tells apart: those of the training split, with or without samples.
  package var classCount: Int?
  /// Preset of the solver (`converged`, `paper`, `sklearn-1.7`).
  package var solver: String?
  /// Where C comes from: `paper`, `flat`, or `C=0.316`.
  package var search: String?
  /// On what C is chosen: `validation`, `hold-out`, `few-shot`, `cross-validation`, `fixed`.
  package var selection: String?
  /// Splits trained on, one for each round of a dataset that has several (`fold0`, `fold1`, …).
  package var trainSplits: [String]
  /// Over the ids and labels of the training splits that were used.
  package var trainHash: SHA256Digest?
  /// Over their images' contents.
  package var trainFingerprint: SHA256Digest?
  /// Nil where there is no validation split: then a part of the training split was held out, or C given.
  package var validationSplits: [String]?
  package var validationHash: SHA256Digest?
  package var validationFingerprint: SHA256Digest?
  /// Share of each class that was held out of the training split, and the seed that drew it.
  package var holdOutFraction: Double?
  package var holdOutSeed: Int?
  /// Training examples of each class; nil for the whole split.
  package var shots: Int?
  /// Of the draws that a row is the mean of.
  package var seeds: [Int]?
  /// How training examples were drawn, or whose files list them.
  package var sampling: String?
  /// Over the files in `splits/` that list the drawn examples.
  package var drawHash: SHA256Digest?
  /// k of kNN.
  package var neighbours: Int?
  package var temperature: Double?

  package init(trainSplits: [String]) { self.trainSplits = trainSplits }

  /// For tables: what a reader needs to tell two probes apart.
  package var text: String {
    var parts: [String] = []
    func add(_ name: String, _ value: String?) {
      if let value { parts.append("\(name)=\(value)") }
    }
    func list<Element>(_ values: [Element]) -> String {
      values.map { "\($0)" }.joined(separator: "+")
    }
    add("solver", solver)
    add("search", search)
    add("selection", selection)
    add("train", list(trainSplits))
    add("trainHash", trainHash?.hex.prefix(12).description)
    add("validation", validationSplits.map(list))
    add("validationHash", validationHash?.hex.prefix(12).description)
    add("held-out", holdOutFraction.map { "\($0)" })
    add("shots", shots.map { "\($0)" })
    add("seeds", seeds.map(list))
    add("draw", drawHash?.hex.prefix(12).description)
    add("neighbours", neighbours.map { "\($0)" })
    add("temperature", temperature.map { "\($0)" })
    return parts.joined(separator: " ")
  }
}
