import Foundation
import Testing

/// Stopping in the middle costs at most a shard, and the same command ends with the same bytes.
@Suite struct InterruptionTests {
  private static let imageCount = 5000

  /// Waits for the first finished shard, or the process's end.
  private func waitForShard(_ cache: URL, _ running: Program.Running) {
    let images = cache.appending(path: "images")
    while running.isRunning {
      let paths = (try? FileManager.default.subpathsOfDirectory(atPath: images.path)) ?? []
      if paths.contains(where: { $0.contains("/shards/") && $0.hasSuffix(".safetensors") }) {
        return
      }
      usleep(500)
    }
  }

  private func shardCount(_ cache: URL) throws -> Int {
    try FileManager.default.subpathsOfDirectory(atPath: cache.path)
      .filter { $0.contains("/shards/") && $0.hasSuffix(".safetensors") }.count
  }

  /// Stops a first run with each signal, resumes, and compares with a run of its own.
  @Test("SIGINT, SIGTERM and kill -9 in the middle, then the same command again")
  func resume() throws {
    let scene = try Scene(cifarCount: Self.imageCount)
    let reference = try scene.program(cache: "reference").run(
      scene.arguments(to: "REFERENCE", "--dataset", "CIFAR10"))
    #expect(reference.code == 0, "\(reference.errors)")
    let expected = try stableFiles(scene.url.appending(path: "REFERENCE"))
    #expect(expected.count == 4)

    for signal in [SIGINT, SIGTERM, SIGKILL] {
      let (cache, output) = ("cache-\(signal)", "RUN-\(signal)")
      let program = try scene.program(cache: cache)
      let arguments = scene.arguments(to: output, "--dataset", "CIFAR10", "--threads", "1")
      let running = try program.start(arguments)
      waitForShard(scene.url.appending(path: cache), running)
      running.signal(signal)
      let stopped = try running.finish()
      let folder = scene.url.appending(path: output)
      // The process may have finished first; normally it has not, by far.
      if stopped.code != 0 {
        #expect(stopped.code == (signal == SIGKILL ? -SIGKILL : 130), "\(stopped.errors)")
        #expect(try shardCount(scene.url.appending(path: cache)) >= 1)
        if signal != SIGKILL {
          #expect(stopped.errors.contains("The same command continues"))
          let record = try program("inspect", folder.path, "--json").json()
          #expect(record["state"] as? String == "interrupted")
        }
      }
      let resumed = try program.run(arguments)
      #expect(resumed.code == 0, "\(resumed.errors)")
      #expect(resumed.errors.contains("from the cache"))
      #expect(try stableFiles(folder) == expected)
      let record = try program("inspect", folder.path, "--json").json()
      #expect(record["state"] as? String == "complete")
    }
  }

  @Test("Two runs at once share a cache and agree")
  func together() throws {
    let scene = try Scene(cifarCount: 600)
    let program = try scene.program()
    let running = try ["A", "B"].map {
      try program.start(scene.arguments(to: $0, "--threads", "2", "--quiet"))
    }
    for one in running {
      let result = try one.finish()
      #expect(result.code == 0, "\(result.errors)")
    }
    let a = try stableFiles(scene.url.appending(path: "A"))
    #expect(a.count == 10)
    #expect(try stableFiles(scene.url.appending(path: "B")) == a)
  }

  @Test("A damaged shard is made again")
  func damagedShard() throws {
    let scene = try Scene()
    let program = try scene.program()
    let arguments = scene.arguments(to: "RUN", "--quiet")
    #expect(try program.run(arguments).code == 0)
    let expected = try stableFiles(scene.url.appending(path: "RUN"))
    let images = scene.cache.appending(path: "images")
    var damaged = 0
    for path in try FileManager.default.subpathsOfDirectory(atPath: images.path)
    where path.hasSuffix(".safetensors") {
      let url = images.appending(path: path)
      var bytes = try Data(contentsOf: url)
      bytes[bytes.count - 1] ^= 0x40
      if damaged % 2 == 1 { bytes.removeLast(bytes.count / 2) }
      try bytes.write(to: url)
      damaged += 1
    }
    #expect(damaged >= 4)
    let again = try program.run(arguments)
    #expect(again.code == 0, "\(again.errors)")
    #expect(try stableFiles(scene.url.appending(path: "RUN")) == expected)
  }
}
