import CLIPModels
import Core
import Foundation
import LinearAlgebra

let cache = URL(filePath: CommandLine.arguments.dropFirst().first ?? ".build/bench")
let folder = cache.appending(path: "vit-b-32-random")
try RandomCheckpoint.make(in: folder)
let checkpoint = try Checkpoint(folder)

func print(_ label: String, _ value: Double, _ unit: String, _ note: String = "") {
  Swift.print(
    label.padding(toLength: 44, withPad: " ", startingAt: 0)
      + String(format: "%10.1f %@", value, unit) + (note.isEmpty ? "" : "   \(note)"))
}

Swift.print("\(KernelClass.current); \(BLAS.configuration)")
for threads in [1, 2] {
  let peak = try TowerBenchmark.peak(threads: threads)
  print("fp32 FMA peak, \(threads) thread(s)", peak, "GFLOP/s")
  for batch in [8, 32] {
    let flops = TowerBenchmark.shapes(batch: batch).reduce(0) { $0 + $1.flops } * Double(threads)
    let images = Double(batch * threads)
    let blas = try TowerBenchmark.blasSeconds(batch: batch, threads: threads)
    let tower = try TowerBenchmark.towerSeconds(checkpoint, batch: batch, threads: threads)
    print(
      "OpenBLAS, the tower's products, b\(batch) t\(threads)", images / blas, "images/s",
      String(format: "%.0f %% of peak", flops / blas / 1e9 / peak * 100))
    print(
      "ViT-B/32 tower, b\(batch) t\(threads)", images / tower, "images/s",
      String(
        format: "%.0f %% of OpenBLAS's rate, %.0f %% of peak", blas / tower * 100,
        flops / tower / 1e9 / peak * 100))
  }
}
