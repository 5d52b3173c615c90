import Core
import Foundation

/// A whole process from start to finish: what a user waits for, and the memory it took.
enum FirstImage {
  struct Cost {
    var seconds: Double
    var peakBytes: Double
  }

  /// The cheapest of `repeats` runs of `program arguments`, as the kernel accounts for them.
  static func measure(_ program: String, _ arguments: [String], repeats: Int) throws -> Cost {
    var best = Cost(seconds: .infinity, peakBytes: .infinity)
    for _ in 0..<repeats {
      let start = ContinuousClock.now
      var pid: pid_t = 0
      var argv = ([program] + arguments).map { strdup($0) } + [nil]
      defer { argv.forEach { free($0) } }
      guard posix_spawn(&pid, program, nil, nil, &argv, environ) == 0 else {
        throw EvalError(.notFound, "cannot be started", subject: program)
      }
      var status: Int32 = 0
      var usage = rusage()
      guard wait4(pid, &status, 0, &usage) == pid, status == 0 else {
        throw EvalError(.taskFailed, "ended with status \(status)", subject: program)
      }
      best.seconds = min(best.seconds, (ContinuousClock.now - start).inSeconds)
      best.peakBytes = min(best.peakBytes, Double(usage.ru_maxrss) * 1024)
    }
    return best
  }
}
