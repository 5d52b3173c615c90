import Core
import Experiments
import Probes

extension ProbeRun {
  /// Votes of the k nearest samples of the training split, and of the validation split where there is an official one: those that a
  /// linear probe is trained on last. Nothing is chosen.
  func nearestNeighbours() throws -> TaskResult {
    guard let neighbours = probe.neighbours, let temperature = probe.temperature else {
      throw EvalError(.bug, "nearest neighbours without k or temperature")
    }
    var tally = Tally()
    var scored: [Scored] = []
    var identities: [ProbeProtocol] = []
    var isPartial = false
    var sampleCount = 0
    for round in probe.rounds {
      let training = try training(round, holdsOut: false, &tally)
      isPartial = isPartial || training.isPartial
      var identity = training.identity
      identity.neighbours = neighbours
      identity.temperature = temperature
      identities.append(identity)
      let bank =
        try training.validation.map { try training.data.joined(with: $0) } ?? training.data
      guard case .single(let labels) = bank.labels else {
        throw EvalError(
          .badSuite, "neighbours vote for one class each, and these images show several",
          subject: task.dataset)
      }
      sampleCount = max(sampleCount, bank.count)
      let test = try test(round, of: training, &tally)
      let votes = try NearestNeighbours.find(
        test.features, in: bank.features, k: neighbours, threads: options.threads
      ).shares(
        labels: labels, classCount: bank.classCount, weighting: .temperature(temperature))
      scored.append(self.scored(test, votes, round))
    }
    let identity = ProbeProtocol(combining: identities)
    let record = ProbeRecord(
      trainingSamples: sampleCount, neighbours: neighbours, temperature: temperature)
    var rows = try rows(
      scored, identity, isPartial: isPartial, record: record, file: fileName)
    // Shares of votes are no logits: nothing says which differences the last bits decide.
    for index in rows.indices { rows[index].nearTies = nil }
    return result(rows, tally)
  }
}
