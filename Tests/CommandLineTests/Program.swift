import Core
import Foundation
import TestSupport
import Testing

/// The built `clip-eval`, as users start it: a process of its own with arguments, an environment and files.
struct Program {
  struct Result {
    /// The exit code, or minus the signal that ended the process.
    let code: Int32
    let output: Data
    let errors: String

    var text: String { String(decoding: output, as: UTF8.self) }

    /// Standard output as one JSON object.
    func json(sourceLocation: SourceLocation = #_sourceLocation) throws -> [String: Any] {
      try #require(
        JSONSerialization.jsonObject(with: output) as? [String: Any],
        "standard output is not one JSON object: \(text)", sourceLocation: sourceLocation)
    }
  }

  /// Beside the test program.
  static let url = URL(
    filePath: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "."
  ).deletingLastPathComponent().appending(path: "clip-eval")

  static let model = TestPaths.fixtures.appending(path: "tiny-clip").path

  /// Variables set for every process; nil unsets one.
  var environment: [String: String?] = [:]
  private let scratch: TemporaryFolder

  init(environment: [String: String?] = [:]) throws {
    self.environment = environment
    scratch = try TemporaryFolder()
  }

  /// Runs to the end.
  func callAsFunction(_ arguments: String...) throws -> Result { try run(arguments) }

  func run(_ arguments: [String]) throws -> Result { try start(arguments).finish() }

  /// Starts a process without waiting for it.
  ///
  /// - Parameter device: where standard output goes instead of the result.
  func start(_ arguments: [String], outputTo device: String? = nil) throws -> Running {
    try #require(
      FileManager.default.isExecutableFile(atPath: Self.url.path),
      "the program was not built: no \(Self.url.path)")
    let name = UUID().uuidString
    let (output, errors) = (
      scratch.url.appending(path: "\(name).out"), scratch.url.appending(path: "\(name).err")
    )
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    let flags = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(
      &actions, 1, device ?? output.path, flags, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errors.path, flags, 0o600)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Signals behave as in a fresh shell, whatever the test runner ignores or blocks.
    var everySignal = sigset_t()
    var noSignal = sigset_t()
    sigfillset(&everySignal)
    sigemptyset(&noSignal)
    posix_spawnattr_setsigdefault(&attributes, &everySignal)
    posix_spawnattr_setsigmask(&attributes, &noSignal)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))

    var variables = ProcessInfo.processInfo.environment.filter {
      !$0.key.hasPrefix("CLIP_EVAL_") && !["OPENBLAS_CORETYPE", "COLUMNS"].contains($0.key)
    }
    variables["CLIP_EVAL_CACHE"] = scratch.url.appending(path: "cache").path
    for (name, value) in environment { variables[name] = value }
    var process = pid_t()
    let status = Self.withCStrings([Self.url.path] + arguments) { arguments in
      Self.withCStrings(variables.map { "\($0)=\($1)" }) { variables in
        posix_spawn(&process, Self.url.path, &actions, &attributes, arguments, variables)
      }
    }
    try #require(status == 0, "posix_spawn: \(String(cString: strerror(status)))")
    return Running(process: process, output: output, errors: errors, scratch: scratch)
  }

  private static func withCStrings<R>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R
  ) -> R {
    let copies = strings.map { strdup($0) }
    defer { copies.forEach { free($0) } }
    return body(copies + [nil])
  }

  struct Running {
    let process: pid_t
    let output: URL
    let errors: URL
    /// Holds the folder of the two files as long as they may be read.
    fileprivate let scratch: TemporaryFolder

    func signal(_ number: Int32) { kill(process, number) }

    /// Whether it still runs; the process stays to be waited for.
    var isRunning: Bool {
      var info = siginfo_t()
      return waitid(P_PID, id_t(process), &info, WEXITED | WNOHANG | WNOWAIT) == 0
        && info.si_code == 0
    }

    func finish() throws -> Result {
      var status: Int32 = 0
      while waitpid(process, &status, 0) < 0 { try #require(errno == EINTR) }
      let signal = status & 0x7f
      return Result(
        code: signal == 0 ? (status >> 8) & 0xff : -signal,
        output: (try? Data(contentsOf: output)) ?? Data(),
        errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
    }
  }
}
