package import Foundation
import Synchronization

/// What a program wrote and how it ended.
package struct ProgramRun: Sendable {
  /// Nil where a signal ended it.
  package var exitStatus: Int32?
  package var signal: Int32?
  package var output: Data
  /// The first lines that it wrote to its standard error.
  package var complaint: String

  package var isSuccess: Bool { exitStatus == 0 }

  /// Why a run was given up.
  package enum Failure: Error, Equatable {
    /// No program of the name on the `PATH`, or it cannot be started.
    case notFound(String)
    case timeLimit(seconds: Int)
    case outputLimit(bytes: Int)
  }

  /// Runs a program to its end: no shell, nothing to read, a process group of its own, which is killed when a limit is passed.
  ///
  /// - Parameters:
  ///   - program: looked for on the `PATH` unless it has a `/`.
  ///   - secondsLimit: wall time.
  ///   - outputLimit: bytes of standard output.
  /// - Throws: `Failure`.
  package static func run(
    _ program: String, _ arguments: [String], secondsLimit: Int, outputLimit: Int
  ) throws(Failure) -> ProgramRun {
    let (process, output, complaints) = try starting.withLock { _ throws(Failure) in
      try start(program, arguments)
    }
    defer {
      close(output)
      close(complaints)
    }

    var collected = Collected()
    var failure: Failure?
    let end = ContinuousClock.now + .seconds(secondsLimit)
    while collected.isOpen {
      guard ContinuousClock.now < end else {
        failure = .timeLimit(seconds: secondsLimit)
        break
      }
      collected.wait(output, complaints)
      if collected.output.count > outputLimit {
        failure = .outputLimit(bytes: outputLimit)
        break
      }
    }
    var status = Wait.running
    // A program may close its outputs and stay.
    while failure == nil {
      status = Wait(process, WNOHANG)
      if case .running = status {} else { break }
      guard ContinuousClock.now < end else {
        failure = .timeLimit(seconds: secondsLimit)
        break
      }
      usleep(500)
    }
    if let failure {
      kill(-process, SIGKILL)
      kill(process, SIGKILL)
      _ = Wait(process, 0)
      throw failure
    }
    var run = ProgramRun(
      exitStatus: nil, signal: nil, output: collected.output,
      complaint: String(decoding: collected.complaint, as: UTF8.self)
        .trimmingCharacters(in: .whitespacesAndNewlines))
    switch status {
    case .exited(let code): run.exitStatus = code
    case .killed(let signal): run.signal = signal
    case .running: break
    }
    return run
  }

  /// One at a time: between a pipe's making and its mark as not for children, another thread's child would inherit it and
  /// keep it open.
  private static let starting = Mutex<Void>(())

  /// - Returns: the process and the ends of pipes to read.
  private static func start(
    _ program: String, _ arguments: [String]
  ) throws(Failure) -> (process: pid_t, output: Int32, complaints: Int32) {
    let output = try Pipe()
    let complaints = try Pipe()
    let process = try spawn(program, arguments, output: output.write, complaints: complaints.write)
    return (process, output.takeReadEnd(), complaints.takeReadEnd())
  }

  private static func spawn(
    _ program: String, _ arguments: [String], output: Int32, complaints: Int32
  ) throws(Failure) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, complaints, 2)
    // This program ignores SIGPIPE and blocks others in its workers; the new one starts with the usual settings.
    var all = sigset_t()
    var none = sigset_t()
    sigfillset(&all)
    sigemptyset(&none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    var words = ([program] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process = pid_t()
    let code = posix_spawnp(&process, program, &actions, &attributes, &words, environ)
    guard code == 0 else { throw .notFound("\(program): \(String(cString: strerror(code)))") }
    return process
  }
}

/// Closes both ends when it is let go of, but for a read end that was taken.
private final class Pipe {
  private var read: Int32
  let write: Int32

  init() throws(ProgramRun.Failure) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw .notFound("no pipe: \(String(cString: strerror(errno)))")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (read, write) = (ends[0], ends[1])
  }

  deinit {
    if read >= 0 { close(read) }
    close(write)
  }

  func takeReadEnd() -> Int32 {
    defer { read = -1 }
    return read
  }
}

/// What has been read of the two outputs.
private struct Collected {
  var output = Data()
  var complaint = Data()
  private var openOutput = true
  private var openComplaints = true
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)

  private static let complaintLimit = 4096

  var isOpen: Bool { openOutput || openComplaints }

  /// Takes what is there, after at most a tenth of a second.
  mutating func wait(_ first: Int32, _ second: Int32) {
    var polled = [
      pollfd(fd: openOutput ? first : -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: openComplaints ? second : -1, events: Int16(POLLIN), revents: 0),
    ]
    guard poll(&polled, 2, 100) > 0 else { return }
    if polled[0].revents != 0 {
      let count = take(first)
      if count > 0 { output.append(contentsOf: buffer[..<count]) }
      openOutput = count != 0
    }
    if polled[1].revents != 0 {
      let count = take(second)
      let room = Self.complaintLimit - complaint.count
      if count > 0, room > 0 { complaint.append(contentsOf: buffer[..<min(count, room)]) }
      openComplaints = count != 0
    }
  }

  /// Bytes read, 0 at the end, −1 when interrupted.
  private mutating func take(_ descriptor: Int32) -> Int {
    let count = read(descriptor, &buffer, buffer.count)
    return count < 0 && errno != EINTR && errno != EAGAIN ? 0 : count
  }
}

private enum Wait {
  case running
  case exited(Int32)
  case killed(Int32)

  init(_ process: pid_t, _ options: Int32) {
    var status: Int32 = 0
    var found = waitpid(process, &status, options)
    while found < 0, errno == EINTR { found = waitpid(process, &status, options) }
    guard found != 0 else {
      self = .running
      return
    }
    // WIFSIGNALED and the like are macros, which Swift does not import.
    let signal = status & 0x7f
    self = signal == 0 ? .exited((status >> 8) & 0xff) : .killed(signal)
  }
}
