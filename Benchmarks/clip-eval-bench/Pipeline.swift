import ArgumentParser
import CLIPModels
import Core
import Foundation
import LinearAlgebra
import Neural
import TensorFiles

struct Pipeline: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "What surrounds the towers: OpenBLAS, JPEG to tensor, files to features.")

  @OptionGroup var scratch: Scratch

  @Argument(help: "A JPEG photo.")
  var photo: String

  func run() throws {
    let photo = try readFile(URL(filePath: photo))
    let cell = try Cell.named("b32-b32")
    let folder = try cell.checkpoint().url(in: scratch.url)
    let checkpoint = try Checkpoint(folder)
    let pixels = try NPYFile.read(cell.inputFile(in: scratch.url)).floats()
    print("\(KernelClass.current); \(BLAS.configuration)")
    var towerRates: [Int: Double] = [:]
    for threads in [1, 2] {
      let peak = try TowerBenchmark.peak(threads: threads)
      row("fp32 FMA peak, \(threads) thread(s)", peak, "GFLOP/s")
      let blas = try BLASBenchmark.rate(batch: cell.batch, threads: threads)
      row("OpenBLAS alone, b\(cell.batch) t\(threads)", blas, "images/s")
      let tower = try TowerBenchmark.images(
        checkpoint, pixels: pixels, batch: cell.batch, threads: threads, precision: .fp32,
        seconds: 3
      ).rate
      towerRates[threads] = tower
      row(
        "ViT-B/32 tower fp32, b\(cell.batch) t\(threads)", tower, "images/s",
        percent(tower / blas, "of OpenBLAS's rate") + ", "
          + percent(tower * cell.operations / peak, "of peak"))
    }
    let preprocessing = try ImageBenchmark.preprocessing(photo)
    row("JPEG decode alone, 1 thread", 1 / preprocessing.decode, "images/s")
    row(
      "JPEG to tensor, 1 thread", 1 / preprocessing.all, "images/s",
      percent(preprocessing.decode / preprocessing.all, "of decoding's rate"))
    for threads in [1, 2] {
      let rate = try ImageBenchmark.endToEnd(
        folder, photo: photo, images: 96 * threads, threads: threads,
        scratch: scratch.url.appending(path: "end-to-end"))
      let slower = min(towerRates[threads] ?? .infinity, Double(threads) / preprocessing.all)
      row(
        "files to features, ViT-B/32 fp32, t\(threads)", rate, "images/s",
        percent(rate / slower, "of the slower stage"))
    }
  }

  private func row(_ label: String, _ value: Double, _ unit: String, _ note: String = "") {
    print(
      label.padding(toLength: 46, withPad: " ", startingAt: 0)
        + String(format: "%8.1f %@", value, unit) + (note.isEmpty ? "" : "   \(note)"))
  }

  private func percent(_ share: Double, _ of: String) -> String {
    String(format: "%.0f %% %@", share * 100, of)
  }
}
