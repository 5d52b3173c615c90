package import Core

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

  /// That every sample has one class, for whatever cannot do with several.
  /// - Throws: `EvalError.usage` for a multi-label dataset.
  package func requireSingleLabels() throws(EvalError) {
    guard multiLabels == nil else {
      throw EvalError(
        .usage, "its images show several classes each, and this needs one class an image",
        subject: dataset, remedy: "Multi-label datasets are for zero-shot classification.")
    }
  }
}
