import CLIPModels
import Core
import Datasets
import EmbeddingPipeline
import EmbeddingStore
import Foundation
import Overlap

/// `overlap --evaluate`: the detectors on altered copies.
struct OverlapEvaluation {
  let command: OverlapCommand
  let folder: String

  func run() throws {
    let url = URL(filePath: (folder as NSString).expandingTildeInPath)
    let index = try DatasetIndex(imagesAndShardsAt: url).limited(to: command.limit)
    let samples = index.samples
    var detectors = command.detector.isEmpty ? Detector.ofImages : command.detector
    if command.detector.isEmpty, command.model != nil { detectors.append(.embedding) }
    let embed = detectors.contains(.embedding) ? try embedding() : nil
    let evaluation = try DetectorEvaluation(
      of: ImageCollection(
        count: samples.count, id: { samples[$0].id }, source: { samples[$0].source }),
      detectors: detectors, seed: command.seed, threads: command.compute.workerCount,
      embed: embed, progress: command.compute.progress())
    for (id, reason) in evaluation.unusable.sorted(by: { $0.key < $1.key }).prefix(10) {
      Terminal.error("left out: \(id): \(reason)")
    }
    if let output = command.output {
      let folder = URL(filePath: output)
      try AtomicFile.write(evaluation.markdown(), to: folder.appending(path: "detectors.md"))
      try AtomicFile.write(evaluation.csv(), to: folder.appending(path: "detectors.csv"))
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
      try AtomicFile.write(
        encoder.encode(Described(kind: "overlap-evaluation", value: evaluation)),
        to: folder.appending(path: "detectors.json"))
    }
    if command.json {
      try Output.json(Described(kind: "overlap-evaluation", value: evaluation))
    } else {
      try Output.line(String(evaluation.markdown().dropLast()))
    }
  }

  private func embedding() throws -> DetectorEvaluation.Embedding {
    let session = try ModelSession(
      ModelLocator().locate(command.model ?? ""), activation: command.activation,
      precision: command.compute.precision)
    let weights = try session.weightsHash()
    let tower = try session.imageTower(forImages: Self.atOnce)
    return { images in
      // Features of copies are of no use later, and would fill the user's own store.
      let store = FileManager.default.temporaryDirectory.appending(
        path: "clip-eval-copies-\(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(at: store) }
      let embedder = try ImageEmbedder(
        tower: tower, recipe: session.recipe,
        key: session.imageKey(weights: weights, kind: .projected, batchSize: tower.batchSize),
        featureKind: .projected, store: EmbeddingStore(root: store),
        threads: command.compute.workerCount)
      var pieces: [FeatureMatrix.Piece] = []
      var (ids, rows): ([String], [Int]) = ([], [])
      // Copies exist in memory only, all of their pixels.
      for start in stride(from: 0, to: images.count, by: Self.atOnce) {
        let samples = try (start..<min(images.count, start + Self.atOnce)).map {
          DatasetSample(id: images.id($0), label: 0, source: try images.source($0))
        }
        let embedded = try embedder.embed(
          DatasetIndex(images: samples), progress: SilentProgress())
        pieces += FeatureMatrix.pieces(embedded.features)
        ids += embedded.ids
        rows += embedded.rows.map { start + $0 }
      }
      let names = ids
      return (
        FeatureMatrix(
          pieces, columns: tower.featureWidth(.projected), name: { names[$0] }), rows
      )
    }
  }

  /// Images whose copies are in memory together.
  private static let atOnce = 256
}
