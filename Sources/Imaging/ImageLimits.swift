import Core

/// Sizes beyond which a file is refused before any memory is reserved for its pixels.
package enum ImageLimits {
  /// Pillow's: twice `Image.MAX_IMAGE_PIXELS`, where its decompression-bomb warning becomes an error.
  static let pixels = 2 * 89_478_485
  /// libpng's own default. JPEG ends at 65,500.
  static let side = 1_000_000
  /// Bytes of one encoded image.
  package static let encodedBytes = 1 << 30

  static func check(width: Int, height: Int, what: String, name: String) throws {
    guard width > 0, height > 0 else {
      throw EvalError(
        .malformedData, "\(what) of \(width)×\(height) pixels: both sides must be at least 1",
        subject: name)
    }
    let (area, overflow) = width.multipliedReportingOverflow(by: height)
    guard width <= side, height <= side, !overflow, area <= pixels else {
      throw EvalError(
        .malformedData,
        "\(what) of \(width)×\(height) pixels: the limit is \(pixels) pixels and \(side) a side.",
        subject: name,
        remedy: "If the image is genuine, scale it down first.")
    }
  }
}
