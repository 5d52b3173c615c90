import Experiments
import References

/// Variants held against the published number.
extension ExplainWork {
  /// By the rule of verdicts, held against the number that the result is held against.
  func agrees(_ variant: ResultRow) -> Bool? {
    guard var figure else { return nil }
    figure.usesSameImages = usesSameImages(variant)
    // Ties of the variant's own must not make it agree: probabilities that saturate have many.
    return Verdict.compare(
      variant.value ?? .nan, interval95: variant.interval95, count: variant.n,
      nearTies: min(variant.nearTies ?? 0, row.nearTies ?? 0), with: figure) == .agrees
  }

  /// Whether only rounding can be between a variant's value and the published number.
  func usesSameImages(_ variant: ResultRow) -> Bool {
    variant.protocol.splitHash == row.protocol.splitHash
      ? figure?.usesSameImages ?? false : hasPapersImages(variant)
  }

  /// Whether a variant's samples are those of the published number, by split and count.
  func hasPapersImages(_ variant: ResultRow) -> Bool {
    var held = variant
    (held.metric, held.model) = (row.metric, row.model)
    return published.figure(for: held)?.usesSameImages ?? false
  }

  func documented(_ level: VariantLevel) -> String? {
    if let cause = published.causes(for: row).first(where: {
      $0.axis.axis == level.axis && $0.status != .unexplained
    }) {
      return "known cause \(cause.id) (\(cause.status.rawValue))"
    }
    for other in published.others(for: row) {
      if let difference = other.differences.first(where: { $0.axis.axis == level.axis }) {
        return "\(other.harness): \(difference.text)"
      }
    }
    return nil
  }
}
