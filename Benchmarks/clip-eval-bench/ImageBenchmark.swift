import CLIPModels
import Core
import Datasets
import EmbeddingPipeline
import EmbeddingStore
import Foundation
import Imaging
import LinearAlgebra

enum ImageBenchmark {
  /// Seconds per image of decoding alone, and of everything from the encoded bytes to the tensor, on one thread.
  static func preprocessing(_ photo: Data) throws -> (decode: Double, all: Double) {
    let preprocessor = try Preprocessor(PreprocessRecipe(order: .openai, size: 224))
    let workspace = PreprocessWorkspace()
    var tensor = [Float](repeating: 0, count: 3 * 224 * 224)
    let rounds = 100
    let decode = try fastest(repeats: 5) {
      for _ in 0..<rounds {
        try photo.withUnsafeBytes { _ = try ImageDecoder.decode(bytes: $0, name: "photo") }
      }
    }
    let all = try fastest(repeats: 5) {
      for _ in 0..<rounds {
        try photo.withUnsafeBytes { bytes in
          try tensor.withUnsafeMutableBufferPointer {
            try preprocessor.preprocess(
              bytes: bytes, name: "photo", into: $0, workspace: workspace)
          }
        }
      }
    }
    return (decode / Double(rounds), all / Double(rounds))
  }

  /// Images per second from files on disk to features in a new store.
  static func endToEnd(
    _ checkpoint: URL, photo: Data, images: Int, threads: Int, scratch: URL
  ) throws -> Double {
    let folder = scratch.appending(path: "photos")
    try AtomicFile.createFolder(folder)
    for i in 0..<images {
      // Bytes after the end marker make each file another one without changing its pixels.
      try (photo + Data("\(i)".utf8)).write(to: folder.appending(path: "\(i).jpg"))
    }
    let session = try ModelSession(checkpoint, preprocessing: PreprocessOverrides(order: .openai))
    let tower = try session.imageTower()
    let embedder = try ImageEmbedder(
      tower: tower, recipe: session.recipe,
      key: session.imageKey(
        weights: SHA256.hash("random"), kind: .projected, batchSize: tower.batchSize),
      featureKind: .projected, store: EmbeddingStore(root: scratch.appending(path: "store")),
      threads: threads)
    let index = try DatasetIndex(imagesAt: [folder])
    let seconds = try fastest(repeats: 3) {
      let result = try embedder.embed(index, ignoringStored: true, progress: SilentProgress())
      precondition(result.failures.isEmpty)
    }
    try FileManager.default.removeItem(at: scratch)
    return Double(images) / seconds
  }
}
