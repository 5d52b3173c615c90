import Core

extension DatasetIndex {
  /// What hashes and fingerprints take for the class of a sample: the id of its class. Of a multi-label dataset, for every class it
  /// shows, in the order of the classes, `+` and the class's id, or `?` and the id where it is difficult, separated by `\0`.
  package func classText(of sample: Int) -> String {
    Self.classText(of: sample, samples, classes: classes, multiLabels: multiLabels)
  }

  static func classText(
    of sample: Int, _ samples: [DatasetSample], classes: [DatasetClass], multiLabels: LabelMatrix?
  ) -> String {
    guard let multiLabels else { return classes[samples[sample].label].id }
    return zip(multiLabels.row(sample), classes).compactMap { label, owner in
      switch label {
      case .positive: "+\(owner.id)"
      case .difficult: "?\(owner.id)"
      case .negative: nil
      }
    }.joined(separator: "\0")
  }
}
