import CLIPModels
import Core
import Datasets
import EmbeddingPipeline
import EmbeddingStore
import Foundation
import Overlap

/// One of the two sets that are compared.
enum OverlapInput {
  case images(DatasetIndex, place: String)
  case features(MappedFeatures, place: String)

  /// A feature file or a folder of one, a folder of images or of tar shards, or a tar shard.
  init(at path: String) throws {
    let url = URL(filePath: (path as NSString).expandingTildeInPath)
    guard try FeatureSource(at: url) != nil else {
      self = .images(try DatasetIndex(imagesAndShardsAt: url), place: path)
      return
    }
    self = .features(try MappedFeatures(at: url), place: path)
  }

  var count: Int {
    switch self {
    case .images(let index, _): index.samples.count
    case .features(let features, _): features.count
    }
  }

  var place: String {
    switch self {
    case .images(_, let place), .features(_, let place): place
    }
  }

  var index: DatasetIndex? {
    if case .images(let index, _) = self { index } else { nil }
  }

  /// What pairs call the images.
  var collection: ImageCollection? {
    index.map { index in
      let samples = index.samples
      return ImageCollection(
        count: samples.count, id: { samples[$0].id }, source: { samples[$0].source })
    }
  }

  /// Rows as the search takes them, and what pairs call each.
  static func matrix(
    _ features: MappedFeatures
  ) -> (matrix: FeatureMatrix, id: @Sendable (Int) -> String) {
    let facts = features.facts
    let matrix = FeatureMatrix(
      features.pieces.map { .init(pointer: $0.pointer, rows: $0.rows, owner: $0.owner) },
      columns: features.columns, name: { facts.place(ofRow: $0) })
    let ids = facts.ids
    return (matrix, { row in ids.map { $0[row] } ?? "row \(row)" })
  }
}
