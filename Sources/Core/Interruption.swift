import Foundation
import Synchronization

/// A request to stop, made at the keyboard (SIGINT) or by a scheduler (SIGTERM). Long loops look at it between
/// pieces of work and stop with everything finished so far on disk.
package enum Interruption {
  fileprivate static let requested = Atomic<Bool>(false)
  private static let installed = Atomic<Bool>(false)

  static var isInstalled: Bool { installed.load(ordering: .relaxed) }

  package static var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// Turns the first SIGINT or SIGTERM into a request; a second one ends the process at once.
  ///
  /// A thread of its own waits for them. Threads that compute must not take signals: oneDNN's float32 products keep numbers below the
  /// stack's red zone, where the kernel puts a handler's frame.
  package static func install() {
    requested.store(false, ordering: .relaxed)
    keepFromThisThread()
    guard !installed.exchange(true, ordering: .relaxed) else { return }
    // For threads older than this call that do not keep them out.
    signal(SIGINT, noteStopRequest)
    signal(SIGTERM, noteStopRequest)
    let thread = Thread {
      var number: Int32 = 0
      while true {
        var signals = stopSignals
        guard sigwait(&signals, &number) == 0 else { continue }
        guard requested.exchange(true, ordering: .relaxed) else { continue }
        signal(number, SIG_DFL)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        kill(getpid(), number)
      }
    }
    thread.stackSize = 1 << 16
    thread.start()
  }

  /// Neither this thread nor those it starts take the signals.
  package static func keepFromThisThread() {
    var signals = stopSignals
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }

  private static var stopSignals: sigset_t {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    return signals
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
