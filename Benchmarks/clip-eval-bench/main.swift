// Measures what Benchmarks/README.md describes: clip-eval-bench SCRATCH_FOLDER PHOTO.
import CLIPModels
import Core
import Foundation
import LinearAlgebra

let arguments = CommandLine.arguments
guard arguments.count == 3 else {
  print("usage: clip-eval-bench SCRATCH_FOLDER PHOTO")
  exit(EvalError.Kind.usage.rawValue)
}
let scratch = URL(filePath: arguments[1])
let photo = try readFile(URL(filePath: arguments[2]))
let folder = scratch.appending(path: "vit-b-32-random")
if try RandomCheckpoint.make(in: folder) {
  // A child's peak memory counts from its parent's at the fork, so the measuring starts in a small process.
  var argv = arguments.map { strdup($0) } + [nil]
  execv(arguments[0], &argv)
}

func row(_ label: String, _ value: Double, _ unit: String, _ note: String = "") {
  print(
    label.padding(toLength: 46, withPad: " ", startingAt: 0)
      + String(format: "%8.1f %@", value, unit) + (note.isEmpty ? "" : "   \(note)"))
}

let program = URL(filePath: arguments[0]).deletingLastPathComponent().appending(path: "clip-eval")
let first = try FirstImage.measure(
  program.path,
  [
    "embed", "images", arguments[2], "--model", folder.path, "--quiet", "--output",
    scratch.appending(path: "one.npy").path,
  ], repeats: 3)
print(
  "first image of a ViT-B/32 checkpoint".padding(toLength: 46, withPad: " ", startingAt: 0)
    + String(format: "%8.2f s          %.2f GB peak", first.seconds, first.peakBytes / 1e9))
let checkpoint = try Checkpoint(folder)
print("\(KernelClass.current); \(BLAS.configuration)")
var towerRates: [Int: Double] = [:]
for threads in [1, 2] {
  let peak = try TowerBenchmark.peak(threads: threads)
  row("fp32 FMA peak, \(threads) thread(s)", peak, "GFLOP/s")
  for batch in [8, 32] {
    let flops = TowerBenchmark.shapes(batch: batch).reduce(0) { $0 + $1.flops } * Double(threads)
    let images = Double(batch * threads)
    let blas = try TowerBenchmark.blasSeconds(batch: batch, threads: threads)
    let tower = try TowerBenchmark.towerSeconds(checkpoint, batch: batch, threads: threads)
    towerRates[threads] = images / tower
    row(
      "OpenBLAS alone, same products, b\(batch) t\(threads)", images / blas, "images/s",
      String(format: "%.0f %% of peak", flops / blas / 1e9 / peak * 100))
    row(
      "ViT-B/32 tower, b\(batch) t\(threads)", images / tower, "images/s",
      String(
        format: "%.0f %% of OpenBLAS's rate, %.0f %% of peak", blas / tower * 100,
        flops / tower / 1e9 / peak * 100))
  }
}
let preprocessing = try ImageBenchmark.preprocessing(photo)
row("JPEG decode alone, 1 thread", 1 / preprocessing.decode, "images/s")
row(
  "JPEG to tensor, 1 thread", 1 / preprocessing.all, "images/s",
  String(format: "%.0f %% of decoding's rate", preprocessing.decode / preprocessing.all * 100))
for threads in [1, 2] {
  let rate = try ImageBenchmark.endToEnd(
    folder, photo: photo, images: 96 * threads, threads: threads,
    scratch: scratch.appending(path: "end-to-end"))
  let slower = min(towerRates[threads] ?? .infinity, Double(threads) / preprocessing.all)
  row(
    "files to features, ViT-B/32, t\(threads)", rate, "images/s",
    String(format: "%.0f %% of the slower stage", rate / slower * 100))
}
