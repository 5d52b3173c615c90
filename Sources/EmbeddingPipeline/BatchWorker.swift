import CLIPModels
import Core
import Datasets
import Imaging
import LinearAlgebra

/// One worker's scratch: pixels of a batch, the tower's activations, the decoder's buffers.
final class BatchWorker {
  private let embedder: ImageEmbedder
  private let encoder: any ImageEncoder
  private let workspace = PreprocessWorkspace()
  /// [B, 3, S, S]
  private let pixels: FloatBuffer
  private let features: FloatBuffer
  private let imageLength: Int

  init(_ embedder: ImageEmbedder) throws {
    self.embedder = embedder
    let tower = embedder.tower
    imageLength = 3 * tower.imageSize * tower.imageSize
    pixels = FloatBuffer(count: tower.batchSize * imageLength)
    features = FloatBuffer(
      count: tower.batchSize * tower.featureWidth(embedder.featureKind))
    encoder = try tower.makeEncoder()
  }

  /// - Precondition: at most `batchSize` samples.
  func encode(_ samples: ArraySlice<DatasetSample>) throws -> BatchResult {
    let tower = embedder.tower
    precondition(samples.count <= tower.batchSize)
    let width = tower.featureWidth(embedder.featureKind)
    var contents: [SHA256Digest] = []
    var failures: [Int: String] = [:]
    contents.reserveCapacity(samples.count)
    for (row, sample) in samples.enumerated() {
      let slot = UnsafeMutableBufferPointer(
        start: pixels.pointer + row * imageLength, count: imageLength)
      do {
        let content = try embedder.preprocessor.preprocess(
          sample.source, into: slot, workspace: workspace, hashing: true)
        contents.append(content ?? SampleReader.unreadable)
      } catch let error as EvalError
        where error.kind == .malformedData || error.kind == .notFound
      {
        // Anything else (no memory, a fault of the program) says nothing about the image and stops the work.
        contents.append(SampleReader.contentHash(sample.source))
        failures[row] = error.message
        slot.update(repeating: 0)
      }
    }
    let padding = tower.batchSize - samples.count
    (pixels.pointer + samples.count * imageLength).update(
      repeating: 0, count: padding * imageLength)
    try encoder.encode(
      pixels: pixels.pointer, kind: embedder.featureKind, into: features.pointer)
    for row in failures.keys {
      (features.pointer + row * width).update(repeating: 0, count: width)
    }
    return BatchResult(
      features: Array(
        UnsafeBufferPointer(start: features.pointer, count: samples.count * width)),
      contents: contents, failures: failures)
  }
}
