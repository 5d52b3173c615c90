import Core
package import Imaging
import LinearAlgebra

/// An image as the detectors see it: RGB, 64 × 64 pixels whatever its shape, resized as Pillow does
/// (`convert("RGB").resize((64, 64), BICUBIC)`), so that a change of aspect is no change.
package enum Thumbnail {
  package static let side = 64
  /// Planes R, G, B.
  package static let byteCount = 3 * side * side

  /// Images whose luma has a standard deviation below this (of 255) look like every other such image.
  static let leastDetail = 2.0

  package static let recipe = PreprocessRecipe(
    order: .huggingface, resize: .squash(side), crop: .none, normalizes: false)

  /// 0.299 R + 0.587 G + 0.114 B.
  static func luma(_ pixels: UnsafePointer<UInt8>) -> [Double] {
    let plane = side * side
    return (0..<plane).map {
      0.299 * Double(pixels[$0]) + 0.587 * Double(pixels[plane + $0])
        + 0.114 * Double(pixels[2 * plane + $0])
    }
  }

  static func hasDetail(luma: [Double]) -> Bool {
    let mean = luma.reduce(0, +) / Double(luma.count)
    let squares = luma.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(luma.count)).squareRoot() >= leastDetail
  }
}

/// Reads thumbnails. One per thread.
package final class ThumbnailReader {
  private let preprocessor: Preprocessor
  private let workspace = PreprocessWorkspace()
  private var values = [Float](repeating: 0, count: Thumbnail.byteCount)

  /// Width over height of the image that was read last. A thumbnail is square, and a turn of the image is one of the thumbnail only if the image is square too.
  package private(set) var aspect = 1.0

  package init() throws { preprocessor = try Preprocessor(Thumbnail.recipe) }

  /// - Returns: what is wrong with an image that cannot be read or decoded; nil for one that is at `pixels`.
  package func read(
    _ source: ImageSource, into pixels: UnsafeMutablePointer<UInt8>
  ) throws -> String? {
    do {
      try values.withUnsafeMutableBufferPointer {
        _ = try preprocessor.preprocess(source, into: $0, workspace: workspace)
      }
    } catch let error as EvalError where error.kind == .malformedData || error.kind == .notFound {
      return error.message
    }
    let size = workspace.inputSize
    aspect = max(0.1, min(10, Double(size.width) / Double(max(1, size.height))))
    // Values are whole numbers from 0 to 255.
    for i in values.indices { pixels[i] = UInt8(values[i]) }
    return nil
  }
}

/// Thumbnails of many images, and the aspects of the images. Each is written by one worker.
final class ThumbnailStore: @unchecked Sendable {
  private let buffer: LinearAlgebra.ScratchBuffer
  private let aspects: LinearAlgebra.ScratchBuffer
  let count: Int

  init(count: Int) {
    self.count = count
    buffer = LinearAlgebra.ScratchBuffer(byteCount: count * Thumbnail.byteCount)
    aspects = LinearAlgebra.ScratchBuffer(byteCount: count * MemoryLayout<Double>.stride)
  }

  func write(_ index: Int, _ pixels: UnsafePointer<UInt8>, aspect: Double) {
    self[index].update(from: pixels, count: Thumbnail.byteCount)
    aspects.pointer.assumingMemoryBound(to: Double.self)[index] = aspect
  }

  func aspect(_ index: Int) -> Double {
    aspects.pointer.assumingMemoryBound(to: Double.self)[index]
  }

  subscript(index: Int) -> UnsafeMutablePointer<UInt8> {
    buffer.pointer.assumingMemoryBound(to: UInt8.self) + index * Thumbnail.byteCount
  }
}
