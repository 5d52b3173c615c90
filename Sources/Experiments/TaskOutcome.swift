/// A sample that could not be evaluated.
package struct FailedSample: Sendable, Hashable, Codable {
  /// As in the dataset's index.
  package var id: String
  package var reason: String

  package init(id: String, reason: String) {
    self.id = id
    self.reason = reason
  }
}

/// What became of one task of a plan: one experiment on one dataset with one model.
package struct TaskOutcome: Sendable, Equatable, Codable {
  package enum Status: String, Sendable, Codable {
    case ok
    case failed
    /// The data is not there.
    case missing
  }

  package var experiment: String
  package var dataset: String
  package var model: String
  package var status: Status
  /// The error, or what was looked for and where.
  package var message: String?
  /// Samples left out of an otherwise complete task.
  package var failedSamples: [FailedSample]

  package init(
    experiment: String, dataset: String, model: String, status: Status, message: String? = nil,
    failedSamples: [FailedSample] = []
  ) {
    self.experiment = experiment
    self.dataset = dataset
    self.model = model
    self.status = status
    self.message = message
    self.failedSamples = failedSamples
  }
}
