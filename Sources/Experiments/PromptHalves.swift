package import Core
import Probes

/// A split cut in two: templates are selected on one half and scored on the other.
///
/// Half of each class, as `ClassStrata.holdOut` draws it for a seed (of an odd number, and of a single sample, the larger part is selected on);
/// of images with several classes half of all. Samples that hang together stay together, and are drawn by their first one.
package struct PromptHalves: Sendable, Equatable {
  /// Rising.
  package let selecting: [Int]
  package let scoring: [Int]
  /// Classes with a single sample, or group: it is selected on, and the other half lacks them.
  package let unscoredClasses: Int

  /// What a protocol records.
  package static let generator = ClassStrata.generator

  /// - Parameters:
  ///   - labels: nil where samples have several classes.
  ///   - classIDs: of each class.
  /// - Returns: nil where nothing is left for one of the halves.
  /// - Throws: `EvalError.malformedData` for ids that are there twice.
  package init?(
    ids: [String], labels: [Int]?, classIDs: [String], structure: SampleStructure, seed: UInt64,
    subject: String
  ) throws(EvalError) {
    // Ids are unique in a fold only.
    let keys = ids.indices.map { row in
      structure.folds.map { "\(ids[row])\0\($0.numbers[row])" } ?? ids[row]
    }
    let members = structure.groups?.members ?? keys.indices.map { [$0] }
    let firsts = members.map { $0[0] }
    let strata =
      if let labels {
        try ClassStrata(
          ids: firsts.map { keys[$0] }, labels: firsts.map { labels[$0] }, classIDs: classIDs,
          subject: subject)
      } else {
        try ClassStrata(undivided: firsts.map { keys[$0] }, subject: subject)
      }
    guard strata.counts.contains(where: { $0 > 1 }) else { return nil }
    let halves = try strata.holdOut(fraction: 0.5, seed: seed, subject: subject)
    // `holdOut` rounds up what it holds out.
    let (larger, smaller) = (halves.validationRows, halves.trainRows)
    let alone = Set(
      labels == nil
        ? []
        : smaller.filter { row in
          strata.counts[strata.labels[row]] == 1
        })
    selecting = (larger + alone).flatMap { members[$0] }.sorted()
    scoring = smaller.filter { !alone.contains($0) }.flatMap { members[$0] }.sorted()
    unscoredClasses = alone.count
    guard !selecting.isEmpty, !scoring.isEmpty else { return nil }
  }
}
