import ArgumentParser
import CLIPModels
import Core
import Foundation
import LinearAlgebra
import Neural

/// This program's side of the benchmarks: each subcommand makes or measures one thing, in a process of its own, and says so
/// in JSON. Benchmarks/compare.py runs them in turn with the peers.
@main struct ClipEvalBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clip-eval-bench",
    abstract: "Measures what Benchmarks/README.md describes.",
    subcommands: [
      Prepare.self, MeasureCell.self, MeasureClassifier.self, MeasureProbe.self, LoadOnce.self,
      Pipeline.self, OpenTree.self, MeasureOverlap.self,
    ])

  static func report(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
  }
}

extension TowerPrecision: ExpressibleByArgument {}

struct Scratch: ParsableArguments {
  @Option(help: "The folder of weights and inputs.")
  var scratch = ".build/bench"

  var url: URL { URL(filePath: scratch) }
}

struct Prepare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes random checkpoints and inputs; prints the cells and what the machine can do.")

  @OptionGroup var scratch: Scratch

  private struct Place: Encodable {
    let cell: Cell
    let weights: String
    let input: String
  }

  private struct Report: Encodable {
    let cells: [Place]
    /// GFLOP/s on one core, two, …
    let peaks: [Double]
    let kernels: String
    let blas: String
  }

  func run() throws {
    try AtomicFile.createFolder(scratch.url)
    for checkpoint in RandomCheckpoint.all { try checkpoint.make(in: scratch.url) }
    for cell in Cell.all { try cell.makeInput(in: scratch.url) }
    let places = try Cell.all.map { cell in
      Place(
        cell: cell, weights: try cell.checkpoint().weightFile(in: scratch.url).path,
        input: cell.inputFile(in: scratch.url).path)
    }
    try ClipEvalBench.report(
      Report(
        cells: places, peaks: try [1, 2].map { try TowerBenchmark.peak(threads: $0) },
        kernels: "\(KernelClass.current)", blas: BLAS.configuration))
  }
}
