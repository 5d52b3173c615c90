import ArgumentParser
import CLIPModels
import Core
import Foundation
import Neural
import TensorFiles

struct MeasureCell: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cell", abstract: "Measures one cell and writes its features.")

  @Argument(help: "The cell's name.")
  var name: String

  @OptionGroup var scratch: Scratch

  @Option(help: "Arithmetic of the towers.")
  var precision = TowerPrecision.fp32

  @Option(help: "How long to repeat it.")
  var seconds = 5.0

  private struct Report: Encodable {
    let rate: Double
    let features: String
  }

  func run() throws {
    let cell = try Cell.named(name)
    let checkpoint = try Checkpoint(try cell.checkpoint().url(in: scratch.url))
    let input = try NPYFile.read(cell.inputFile(in: scratch.url))
    let values = try input.floats()
    let outcome =
      switch cell.tower {
      case .image:
        try TowerBenchmark.images(
          checkpoint, pixels: values, batch: cell.batch, threads: cell.threads,
          precision: precision, seconds: seconds)
      case .text:
        try TowerBenchmark.texts(
          checkpoint, tokens: rows(values, width: input.shape[1]), threads: cell.threads,
          precision: precision, seconds: seconds)
      }
    let file = scratch.url.appending(path: "features-\(name)-\(precision.rawValue).npy")
    try NPYFile.write(
      shape: [outcome.features.count / outcome.width, outcome.width], values: outcome.features,
      to: file)
    try ClipEvalBench.report(Report(rate: outcome.rate, features: file.path))
  }

  private func rows(_ values: [Float], width: Int) -> [[Int32]] {
    stride(from: 0, to: values.count, by: width).map { values[$0..<$0 + width].map(Int32.init) }
  }
}
