import Core
import Experiments
import Probes

extension ProbeRun {
  /// C by cross-validation of the drawn examples themselves, in min(k, 4) folds: the score of a C is the mean over folds. The
  /// last fit is on all of them.
  func crossValidated(
    _ data: ProbeData, _ split: FewShotSplit, _ strata: ClassStrata, _ training: Training,
    _ identity: ProbeProtocol, shots: Int, seed: Int, part: String, label: String,
    _ tally: inout Tally
  ) throws -> ProbeOutcome {
    throw EvalError(.bug, "not there yet")
  }

  func nearestNeighbours() throws -> TaskResult {
    throw EvalError(.bug, "not there yet")
  }
}
