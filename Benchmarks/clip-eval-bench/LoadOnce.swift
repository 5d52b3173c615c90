import ArgumentParser
import CLIPModels
import Foundation
import Neural
import TensorFiles

struct LoadOnce: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load",
    abstract:
      "Loads ViT-B/32, encodes one image and ends: what `clip-eval embed images` costs without hashing and decoding."
  )

  @OptionGroup var scratch: Scratch

  @Option(help: "Arithmetic of the towers.")
  var precision = TowerPrecision.fp32

  func run() throws {
    let cell = try Cell.named("b32-b8")
    let input = try NPYFile.read(cell.inputFile(in: scratch.url))
    let tower = try Checkpoint(try cell.checkpoint().url(in: scratch.url))
      .imageTower(batchSize: 1, precision: precision)
    let pixels = Array(try input.floats().prefix(3 * tower.imageSize * tower.imageSize))
    var features = [Float](repeating: 0, count: tower.featureWidth(.projected))
    try tower.makeEncoder().encode(pixels: pixels, kind: .projected, into: &features)
  }
}
