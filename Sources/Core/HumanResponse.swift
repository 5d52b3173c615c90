/// What one person said of one image.
package struct HumanResponse: Sendable, Equatable {
  package var participant: String
  /// Number of the sample.
  package var sample: Int
  /// Example images of each class that the person was shown before.
  package var shots: Int
  /// The class; nil for "I don't know".
  package var answer: Int?

  package init(participant: String, sample: Int, shots: Int, answer: Int?) {
    self.participant = participant
    self.sample = sample
    self.shots = shots
    self.answer = answer
  }
}
