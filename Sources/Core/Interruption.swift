import Foundation
import Synchronization

/// A request to stop, made at the keyboard (SIGINT) or by a scheduler (SIGTERM). Long loops look at it between
/// pieces of work and stop with everything finished so far on disk.
package enum Interruption {
  fileprivate static let requested = Atomic<Bool>(false)

  package static var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// Turns the first SIGINT or SIGTERM into a request; a second one ends the process at once.
  package static func install() {
    // Makes the flag now: the handler must not be the first to touch it, since that may take a lock.
    requested.store(false, ordering: .relaxed)
    signal(SIGINT, noteStopRequest)
    signal(SIGTERM, noteStopRequest)
  }

  /// - Throws: `EvalError.interrupted` once a stop was requested.
  package static func check() throws {
    if isRequested {
      throw EvalError(
        .interrupted, "interrupted; what was finished is saved",
        remedy: "The same command continues where this one stopped.")
    }
  }
}

/// The signal handler: an atomic store and `signal`, both allowed there.
private func noteStopRequest(_ number: Int32) {
  Interruption.requested.store(true, ordering: .relaxed)
  signal(number, SIG_DFL)
}
