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
    guard samples.count > 1 else {
      throw EvalError(.malformedData, "expected at least 2 images, found 1", subject: folder)
    }
    var detectors = command.detector.isEmpty ? Detector.ofImages : command.detector
    if command.detector.isEmpty, command.model != nil { detectors.append(.embedding) }
    let embed = detectors.contains(.embedding) ? try embedding() : nil
    let evaluation = try DetectorEvaluation(
      of: ImageCollection(
        count: samples.count, id: { samples[$0].id }, source: { samples[$0].source }),
      detectors: detectors, seed: command.seed, threads: command.compute.workerCount,
      embed: embed, progress: command.compute.progress())
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
    return { images in
      let samples = try (0..<images.count).map {
        DatasetSample(id: images.id($0), label: 0, source: try images.source($0))
      }
      let index = DatasetIndex(images: samples)
      let tower = try session.imageTower(forImages: samples.count)
      let embedder = try ImageEmbedder(
        tower: tower, recipe: session.recipe,
        key: session.imageKey(
          weights: weights, kind: .projected, batchSize: tower.batchSize),
        featureKind: .projected, store: FeatureCache.store,
        threads: command.compute.workerCount)
      let embedded = try FeatureCache.explained {
        try embedder.embed(index, progress: SilentProgress())
      }
      let ids = embedded.ids
      return (FeatureMatrix(embedded.features, name: { ids[$0] }), embedded.rows)
    }
  }
}
