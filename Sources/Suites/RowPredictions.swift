import Core
package import Experiments
package import Foundation

/// Where the predictions lie that a result row is computed from.
package struct RowPredictions: Sendable, Hashable {
  /// One evaluation: of each round of a probe a file without extension, with the split that it tests on.
  package struct Evaluation: Sendable, Hashable {
    /// Nil where training examples are not drawn.
    package var seed: Int?
    package var rounds: [Round]
  }

  package struct Round: Sendable, Hashable {
    package var test: String
    package var file: URL
  }

  /// One, or one for each seed of a mean.
  package var evaluations: [Evaluation]
  /// Of retrieval.
  package var direction: String?

  func evaluation(seed: Int?) -> Evaluation? { evaluations.first { $0.seed == seed } }

  package static func read(_ evaluation: Evaluation) throws -> RecordedSamples {
    RecordedSamples(
      rounds: try evaluation.rounds.map { ($0.test, try PredictionFile($0.file).samples()) })
  }
}
