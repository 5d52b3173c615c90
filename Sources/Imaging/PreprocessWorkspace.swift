package import CKernels

/// Memory and resampling weights that preprocessing reuses from image to image. One per thread.
package final class PreprocessWorkspace {
  let encoded = ScratchBuffer()
  let decoded = ScratchBuffer()
  let converted = ScratchBuffer()
  let intermediate = ScratchBuffer()
  let row = ScratchBuffer()
  let rgbRow = ScratchBuffer()
  /// Of the image before it was cropped or resized: the last one that was preprocessed, pixels.
  package internal(set) var inputSize = (width: 0, height: 0)
  /// The instruction set of the kernels. Every choice gives the same pixels.
  let isa: resize_isa

  private struct Key: Hashable {
    var source: Int
    var resized: Int
    var window: Range<Int>
  }
  private var weights: [Key: ResampleWeights] = [:]

  package init() { isa = resize_best_isa() }

  package init(isa: resize_isa) { self.isa = isa }

  /// Datasets have few distinct sizes, and computing weights costs as much as a tenth of the resizing.
  func weights(source: Int, resized: Int, window: Range<Int>) -> ResampleWeights {
    let key = Key(source: source, resized: resized, window: window)
    if let known = weights[key] { return known }
    if weights.count >= 64 { weights.removeAll(keepingCapacity: true) }
    let made = ResampleWeights(source: source, resized: resized, window: window)
    weights[key] = made
    return made
  }

  func bicubic(source: Int, resized: Int, window: Range<Int>) -> AxisSampling {
    guard source != resized else { return .copy(window) }
    return .bicubic(weights(source: source, resized: resized, window: window))
  }
}
