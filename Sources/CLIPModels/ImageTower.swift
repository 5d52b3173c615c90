/// An image encoder's weights, shared by all workers.
package protocol ImageTower: Sendable {
  /// Side of the square input, pixels.
  var imageSize: Int { get }
  /// Images of one batch: the fixed shape every batch of this tower has, part of the key of its embeddings.
  var batchSize: Int { get }
  func featureWidth(_ kind: FeatureKind) -> Int
  /// Scratch for one worker thread.
  /// - Throws: `EvalError.bug` when the processor's kernels cannot compute the tower.
  func makeEncoder() throws -> any ImageEncoder
}

/// Encodes one batch at a time in scratch of its own; used by one thread.
package protocol ImageEncoder: AnyObject {
  /// - Parameters:
  ///   - pixels: [batchSize, 3, S, S] normalised, planar.
  ///   - out: [batchSize, featureWidth], not normalised to unit length.
  func encode(
    pixels: UnsafePointer<Float>, kind: FeatureKind, into out: UnsafeMutablePointer<Float>
  ) throws
}
