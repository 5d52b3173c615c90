import ArgumentParser
import Core
import Foundation
import LinearAlgebra
import Overlap
import TensorFiles

/// The search for near-duplicates among features in files (Benchmarks/overlap.py writes them).
struct MeasureOverlap: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "overlap", abstract: "Nearest references of every query by cosine similarity.")

  @Option(help: "npy, N × D float32.")
  var query: String
  @Option(help: "npy, M × D float32.")
  var reference: String
  @Option var topK = 10
  @Option var threads = 2
  @Option var queryBlock = 1024
  @Option var referenceBlock = 512
  @Option(help: "Searches; the fastest counts.")
  var repetitions = 3
  @Option(help: "npy: the numbers found, N × K as float32, to compare with a peer's.")
  var output: String?

  private struct Report: Encodable {
    let program = "clip-eval"
    let threads: Int
    let seconds: Double
    /// Of this process, without pages of mapped files, bytes.
    let anonymousPeak: Int
    let checksum: Double
  }

  func run() throws {
    BLAS.setThreads(1)
    let (queries, references) = (try matrix(query), try matrix(reference))
    var search = SimilaritySearch(topK: topK, threshold: nil, threads: threads)
    search.queryBlock = queryBlock
    search.referenceBlock = referenceBlock
    var fastest = Double.infinity
    var found: [Match] = []
    for _ in 0..<repetitions {
      let start = ContinuousClock.now
      found = try search.find(queries, in: references)
      fastest = min(fastest, (ContinuousClock.now - start).inSeconds)
    }
    if let output {
      try NPYFile.write(
        shape: [queries.count, topK], values: found.map { Float($0.reference) },
        to: URL(filePath: output))
    }
    try ClipEvalBench.report(
      Report(
        threads: threads, seconds: fastest, anonymousPeak: Self.anonymousBytes(),
        checksum: found.reduce(0) { $0 + $1.score }))
  }

  private func matrix(_ path: String) throws -> FeatureMatrix {
    let (array, file) = try NPYFile.map(URL(filePath: path))
    guard array.type == .float32, array.shape.count == 2, let base = array.bytes.baseAddress
    else { throw EvalError(.malformedData, "expected N × D float32", subject: path) }
    return FeatureMatrix(
      [
        .init(
          pointer: base.assumingMemoryBound(to: Float.self), rows: array.shape[0], owner: file)
      ], columns: array.shape[1], name: { "row \($0)" })
  }

  /// `RssAnon` at the end, when the most is kept.
  private static func anonymousBytes() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
    return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
  }
}
