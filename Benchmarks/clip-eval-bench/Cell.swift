import Core
import Foundation
import TensorFiles

/// One comparison: a tower, a batch, a number of cores.
struct Cell: Encodable {
  enum Tower: String, Encodable {
    case image
    case text
  }

  let name: String
  let title: String
  /// A `RandomCheckpoint`.
  let model: String
  let tower: Tower
  let batch: Int
  let threads: Int
  /// Multiplications and additions of one image or text, 10⁹ (open_clip's model profile).
  let operations: Double

  static let all = [
    Cell(
      name: "b32-b8", title: "ViT-B/32 b8, 1 core", model: "ViT-B-32", tower: .image, batch: 8,
      threads: 1, operations: 8.82),
    Cell(
      name: "b32-b32", title: "ViT-B/32 b32, 2 cores", model: "ViT-B-32", tower: .image, batch: 32,
      threads: 2, operations: 8.82),
    Cell(
      name: "b16-b4", title: "ViT-B/16 b4, 1 core", model: "ViT-B-16", tower: .image, batch: 4,
      threads: 1, operations: 35.13),
    Cell(
      name: "l14-b4", title: "ViT-L/14 b4, 1 core", model: "ViT-L-14", tower: .image, batch: 4,
      threads: 1, operations: 162.03),
    Cell(
      name: "rn50-b8", title: "RN50 b8, 1 core", model: "RN50", tower: .image, batch: 8, threads: 1,
      operations: 12.22),
    Cell(
      name: "text-b32", title: "text 77 tokens b32, 2 cores", model: "ViT-B-32", tower: .text,
      batch: 32, threads: 2, operations: 5.96),
  ]

  static func named(_ name: String) throws -> Cell {
    if let cell = all.first(where: { $0.name == name }) { return cell }
    throw EvalError(
      .usage, "no cell \(name)", remedy: "Cells: \(all.map(\.name).joined(separator: ", ")).")
  }

  func checkpoint() throws -> RandomCheckpoint {
    if let checkpoint = RandomCheckpoint.all.first(where: { $0.name == model }) {
      return checkpoint
    }
    throw EvalError(.bug, "no checkpoint called \(model)")
  }

  func inputFile(in scratch: URL) -> URL { scratch.appending(path: "input-\(name).npy") }

  /// Writes the batch that every program gets, as float32, unless it is there.
  func makeInput(in scratch: URL) throws {
    let file = inputFile(in: scratch)
    if FileManager.default.fileExists(atPath: file.path) { return }
    var generator = SplitMix64(state: 2)
    switch tower {
    case .image:
      try NPYFile.write(shape: [batch, 3, 224, 224], values: images(&generator), to: file)
    case .text: try NPYFile.write(shape: [batch, 77], values: tokens(&generator), to: file)
    }
  }

  /// Squares of 32 pixels in random colours, and noise: images that differ from one another, about as large as normalised
  /// photos.
  private func images(_ generator: inout SplitMix64) -> [Float] {
    var pixels: [Float] = []
    pixels.reserveCapacity(batch * 3 * 224 * 224)
    for _ in 0..<batch * 3 {
      let colours = (0..<49).map { _ in 1.6 * generator.uniform() }
      for y in 0..<224 {
        for x in 0..<224 { pixels.append(colours[y / 32 * 7 + x / 32] + 0.4 * generator.uniform()) }
      }
    }
    return pixels
  }

  /// Texts of full length that differ from their first token on, so that nothing is shared between them and nothing comes after
  /// their end: the same work for every program.
  private func tokens(_ generator: inout SplitMix64) -> [Float] {
    (0..<batch).flatMap { text in
      var tokens = [Float(1000 + text)]
      for _ in 1..<76 { tokens.append(Float(generator.next() % 49_000)) }
      return tokens + [49_407]
    }
  }
}
