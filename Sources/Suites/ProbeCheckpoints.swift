import Core
import Experiments
import Foundation
import Probes

/// What one probe of a run has finished, below `RUN/checkpoints`, so that the same command goes on where it was stopped and a finished
/// task is not fitted again.
///
/// While C is searched for there is a file for each fit. Once it is chosen only the outcome and the final model stay, which are kept
/// with the run: without them the same command would fit anew what is done. The folder may be deleted at any time.
struct ProbeCheckpoints: Sendable {
  private let folder: URL
  private let final: FolderCheckpoints
  /// Of a search that is under way.
  let search: any FitCheckpoints

  /// - Parameter subject: differs where anything differs that the fits depend on.
  init(
    _ run: RunFolder, task: PlannedTask, fileName: String, part: String, subject: String,
    isMultiLabel: Bool, notice: @escaping @Sendable (EvalError) -> Void
  ) {
    let name = "\(part)-\(SHA256.hash(subject).hex.prefix(16))".replacing("/", with: "_")
    folder = run.url.appending(
      path: "checkpoints/\(task.experiment)/\(task.modelFolder)/\(fileName)/\(name)")
    final = FolderCheckpoints(
      folder, subject: subject, isMultiLabel: isMultiLabel, notice: notice)
    search = FolderCheckpoints(
      folder.appending(path: "search"), subject: subject, isMultiLabel: isMultiLabel,
      notice: notice)
  }

  private var outcomeFile: URL { folder.appending(path: "outcome.json") }
  private static let finalKey = "final"

  /// The outcome of a probe that was finished before.
  func outcome() throws -> ProbeOutcome? {
    guard isFile(outcomeFile), let fit = try final.load(Self.finalKey),
      // Damaged, or of another version: the work is done anew.
      var outcome = try? JSONDecoder().decode(ProbeOutcome.self, from: readFile(outcomeFile))
    else { return nil }
    outcome.fit = fit
    return outcome
  }

  /// Keeps the outcome and lets go of the search's fits.
  func save(_ outcome: ProbeOutcome) throws {
    guard let fit = outcome.fit else { throw EvalError(.bug, "an outcome without a fit") }
    try final.save(fit, key: Self.finalKey)
    try AtomicFile.write(try JSONEncoder().encode(outcome), to: outcomeFile)
    let fits = folder.appending(path: "search")
    guard isFolder(fits) else { return }
    do {
      try FileManager.default.removeItem(at: fits)
    } catch {
      throw EvalError(
        .cannotWrite, "cannot be removed: \(error.localizedDescription)", subject: fits.path)
    }
  }
}

/// How a probe was fitted.
struct ProbeOutcome: Codable, Sendable {
  /// By rising C; empty where C was given.
  var curve: [ProbeRecord.CurvePoint]
  /// Nil where C was given.
  var isAtEdge: Bool?
  /// Of the last fit.
  var samples: Int?
  /// The last one; kept in a file of its own.
  var fit: Fit?

  private enum CodingKeys: String, CodingKey { case curve, isAtEdge, samples }

  func model() throws(EvalError) -> LinearModel {
    guard let fit else { throw EvalError(.bug, "an outcome without a fit") }
    return fit.model
  }
}
