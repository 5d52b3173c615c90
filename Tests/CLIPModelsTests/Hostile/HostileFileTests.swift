import Foundation
import TestSupport
import Testing

import CLIPModels

/// Hundreds of damaged and malicious checkpoints, made of the fixtures: each is refused with an error that says what is wrong
/// where, or read with the values it holds.
@Suite("Hostile checkpoints") struct HostileFileTests {
  /// Nothing is skipped: a family that cannot be made fails here.
  private static func corpus() throws -> [HostileFile] {
    try [
      HostileSafetensors.all(), HostileArchives.all(), HostilePickles.all, HostileTexts.all(),
    ].flatMap { $0 }
  }

  @Test func outcomes() throws {
    let corpus = try Self.corpus()
    #expect(corpus.count >= 200)
    #expect(Set(corpus.map(\.name)).count == corpus.count)
    for file in corpus {
      let problem = try file.problem()
      #expect(problem == nil, "\(file.name)")
    }
  }

  /// All of them in one process of its own, whose peak is known: no file makes much more memory than it has bytes.
  @Test func memory() async {
    await #expect(processExitsWith: .success) {
      // What is asked for in vain ends the process instead of the machine's memory, and what never ends, too.
      for (resource, limit) in [(RLIMIT_AS, 8 << 30), (RLIMIT_CPU, 300)] {
        var value = rlimit(rlim_cur: rlim_t(limit), rlim_max: rlim_t(limit))
        setrlimit(__rlimit_resource_t(resource.rawValue), &value)
      }
      func peak() -> Int {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        return usage.ru_maxrss << 10
      }
      let before = peak()
      for file in try Self.corpus() { _ = try file.problem() }
      let growth = peak() - before
      // The largest files have 16 MiB and are in memory as the test makes them, too.
      #expect(growth < 256 << 20, "\(growth >> 20) MiB")
    }
  }
}
