/// A class whose samples are taken for another.
package struct Confusion: Sendable, Hashable {
  package var label: Int
  package var prediction: Int
  package var count: Int

  package init(label: Int, prediction: Int, count: Int) {
    self.label = label
    self.prediction = prediction
    self.count = count
  }

  /// Every pair of a class and another that one of its samples was taken for: most samples first, then by label and prediction.
  /// Samples without a label (−1) are none.
  package static func pairs(labels: [Int], predictions: [Int]) -> [Confusion] {
    var counts: [ClassPair: Int] = [:]
    for (label, prediction) in zip(labels, predictions) where label >= 0 && label != prediction {
      counts[ClassPair(label: label, prediction: prediction), default: 0] += 1
    }
    return counts.map {
      Confusion(label: $0.key.label, prediction: $0.key.prediction, count: $0.value)
    }.sorted { ($1.count, $0.label, $0.prediction) < ($0.count, $1.label, $1.prediction) }
  }
}

/// Wrong predictions to look at.
package enum TypicalErrors {
  /// Samples with a wrong prediction, the most certain first: one for each pair of classes before a second one of any. Of equals
  /// the earlier sample.
  ///
  /// - Parameter certainty: of each sample how sure the classifier was; compared in steps of 10⁻⁴, below which the last bits of the
  ///   arithmetic would decide.
  package static func choose(
    labels: [Int], predictions: [Int], certainty: [Float], limit: Int
  ) -> [Int] {
    // Keys that sort as integers: the step, highest first, then the sample.
    func key(_ sample: Int) -> UInt64 {
      let value = certainty[sample] * 10_000
      let bits = (value.isNaN ? 0 : value.rounded() + 0).bitPattern
      let rising = bits >> 31 == 0 ? bits | 1 << 31 : ~bits
      return UInt64(~rising) << 32 | UInt64(sample)
    }
    let wrong = labels.indices.filter { labels[$0] >= 0 && labels[$0] != predictions[$0] }
      .map(key).sorted().map { Int($0 & 0xFFFF_FFFF) }
    var seen: Set<ClassPair> = []
    var firsts: [Int] = []
    for sample in wrong
    where seen.insert(ClassPair(label: labels[sample], prediction: predictions[sample])).inserted {
      if firsts.count >= limit { return firsts }
      firsts.append(sample)
    }
    let chosen = Set(firsts)
    return firsts + wrong.filter { !chosen.contains($0) }.prefix(max(0, limit - firsts.count))
  }
}

private struct ClassPair: Hashable {
  var label: Int
  var prediction: Int
}
