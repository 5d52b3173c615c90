import ArgumentParser
import Core
import Datasets
import Foundation

struct OpenTree: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "open",
    abstract:
      "Opens a dataset, without a kept listing and with one: seconds, processor time and peak of memory.",
    discussion: """
      Each look is a process of its own, for peaks only ever rise: run it once for each --trust. `none` leaves no listing behind; \
      `first` keeps one; `exact` and `folders` use it.
      """)

  @Argument(help: "Dataset id.")
  var dataset: String

  @Option(help: "The folder that holds it.")
  var dataRoot: String

  @Option(help: "A split.")
  var split = "train"

  @Option(help: "none, first, exact or folders.")
  var trust = Trust.none

  @Option(help: "Where the listing is kept.")
  var cache = ".build/bench/cache"

  @Flag(help: "Also look at each file, as doctor does.")
  var doctor = false

  enum Trust: String, ExpressibleByArgument, CaseIterable {
    case none, first, exact, folders
  }

  private struct Report: Encodable {
    let dataset: String
    let samples: Int
    let fingerprint: String
    let seconds: Double
    /// Of all threads, in the program and in the system.
    let processorSeconds: Double
    let peakMegabytes: Int
    let doctorSeconds: Double?
  }

  func run() throws {
    let root = URL(filePath: dataRoot)
    var listings = FolderCache(root: URL(filePath: cache))
    switch trust {
    case .none: listings.leastFiles = .max
    case .first, .exact: break
    case .folders: listings.trust = .folders
    }
    if trust == .none || trust == .first { listings.trust = .nothing }
    let adapter = try DatasetRegistry.adapter(named: dataset)
    let start = ContinuousClock.now
    let index = try FolderCache.$current.withValue(listings) {
      try adapter.index(root: root, split: split)
    }
    let seconds = (ContinuousClock.now - start).inSeconds
    let (processor, peak) = Self.usage()
    var doctorSeconds: Double?
    if doctor {
      let start = ContinuousClock.now
      _ = try DatasetDoctor.examine(adapter, root: root, split: split)
      doctorSeconds = (ContinuousClock.now - start).inSeconds
    }
    try ClipEvalBench.report(
      Report(
        dataset: index.dataset, samples: index.samples.count, fingerprint: index.fingerprint.hex,
        seconds: seconds, processorSeconds: processor, peakMegabytes: peak,
        doctorSeconds: doctorSeconds))
  }

  private static func usage() -> (seconds: Double, peakMegabytes: Int) {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
    return (seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss / 1024)
  }
}
