import Core
import Foundation
import Testing

@Suite struct ProgramRunTests {
  private func run(
    _ program: String, _ arguments: [String], seconds: Int = 20, output: Int = 1 << 20
  ) throws -> ProgramRun {
    try ProgramRun.run(program, arguments, secondsLimit: seconds, outputLimit: output)
  }

  @Test func collectsBothOutputsAndTheStatus() throws {
    let run = try run("sh", ["-c", "printf out; printf complaint >&2; exit 3"])
    #expect(run.exitStatus == 3 && !run.isSuccess && run.signal == nil)
    #expect(String(decoding: run.output, as: UTF8.self) == "out")
    #expect(run.complaint == "complaint")
    let killed = try self.run("sh", ["-c", "kill -9 $$"])
    #expect(killed.exitStatus == nil && killed.signal == 9)
  }

  @Test("arguments are no shell's, and there is nothing to read")
  func arguments() throws {
    let run = try run("printf", ["%s|", "-n", "$HOME; echo x", "a b", ""])
    #expect(String(decoding: run.output, as: UTF8.self) == "-n|$HOME; echo x|a b||")
    #expect(try self.run("cat", []).output.isEmpty)
  }

  @Test("more than a pipe holds, on both outputs, blocks nobody")
  func largeOutput() throws {
    let run = try run(
      "sh", ["-c", "head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero"])
    #expect(run.isSuccess && run.output.count == 300_000)
    #expect(run.complaint.utf8.count <= 4096)
  }

  @Test func limits() {
    #expect(throws: ProgramRun.Failure.outputLimit(bytes: 1000)) {
      try run("yes", [], output: 1000)
    }
    #expect(throws: ProgramRun.Failure.timeLimit(seconds: 1)) {
      try run("sleep", ["600"], seconds: 1)
    }
    // A child that keeps the pipe open is ended with its parent.
    #expect(throws: ProgramRun.Failure.timeLimit(seconds: 1)) {
      try run("sh", ["-c", "sleep 600 & wait"], seconds: 1)
    }
    #expect(throws: ProgramRun.Failure.timeLimit(seconds: 1)) {
      try run("sh", ["-c", "exec sleep 600 >&- 2>&-"], seconds: 1)
    }
  }

  @Test func absentProgram() {
    #expect {
      try run("clip-eval-no-such-program", [])
    } throws: { error in
      guard case ProgramRun.Failure.notFound(let what)? = error as? ProgramRun.Failure else {
        return false
      }
      return what.contains("clip-eval-no-such-program")
    }
  }
}
