import Core
import Foundation

/// What is done about connections that fail: wait a little longer each time, give up after a few times.
package struct RetryPolicy: Sendable {
  /// Attempts after the first that may fail in a row. One that moved a good piece of the file starts the count anew.
  package var retries: Int
  /// Waits; a test's does not.
  package var wait: @Sendable (_ seconds: Double) -> Void
  /// Told before each wait.
  package var notice: @Sendable (_ text: String) -> Void
  /// Whether the user wants to stop.
  package var shouldStop: @Sendable () -> Bool

  package init(
    retries: Int = 5,
    wait: @escaping @Sendable (Double) -> Void = Self.sleep,
    notice: @escaping @Sendable (String) -> Void = { _ in },
    shouldStop: @escaping @Sendable () -> Bool = { Interruption.isRequested }
  ) {
    self.retries = retries
    self.wait = wait
    self.notice = notice
    self.shouldStop = shouldStop
  }

  /// Seconds before attempt `failures + 1`: 1, 2, 4, … 30, or what the server asks for, up to a minute.
  static func seconds(afterFailures failures: Int, serverAsks: Double?) -> Double {
    if let serverAsks { return min(max(serverAsks, 0), 60) }
    return min(exp2(Double(min(failures, 10) - 1)), 30)
  }

  /// Ends early when a stop is requested.
  package static func sleep(_ seconds: Double) {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end, !Interruption.isRequested { usleep(20_000) }
  }

  /// One attempt's failure that another attempt may mend.
  struct Failure {
    var reason: String
    var serverAsks: Double?
  }

  enum Attempt<Value> {
    case success(Value)
    case failure(Failure, madeProgress: Bool)
  }

  /// Calls `attempt` until it succeeds.
  /// - Throws: what `attempt` throws; `giveUp(reason)` after too many failures; `stopped()` on request.
  func run<Value>(
    giveUp: (_ reason: String) -> EvalError, stopped: () -> EvalError,
    _ attempt: () throws -> Attempt<Value>
  ) throws -> Value {
    var failures = 0
    while true {
      if shouldStop() { throw stopped() }
      switch try attempt() {
      case .success(let value): return value
      case .failure(let failure, let madeProgress):
        if shouldStop() { throw stopped() }
        failures = madeProgress ? 1 : failures + 1
        guard failures <= retries else { throw giveUp(failure.reason) }
        let seconds = Self.seconds(afterFailures: failures, serverAsks: failure.serverAsks)
        notice("\(failure.reason); trying again in \(Int(seconds.rounded(.up))) s")
        wait(seconds)
      }
    }
  }
}
