import Core

/// An image on its way into the preprocessor: its size is known, its pixels come when their window is. What lies in a border that
/// is cut off is no part of it.
struct PreprocessInput {
  private enum Origin {
    case encoded(EncodedImage)
    case raster([UInt8])
  }

  let name: String
  let mode: RasterImage.Mode
  let width: Int
  let height: Int
  let palette: [UInt8]
  private let origin: Origin
  /// Pixels on each side that are not there any more.
  private let border: Int
  private let fullWidth: Int
  private let fullHeight: Int

  init(bytes: UnsafeRawBufferPointer, name: String, croppingBorder border: Int) throws {
    let image = try EncodedImage(bytes, name: name)
    self.name = name
    mode = image.mode
    palette = image.palette
    origin = .encoded(image)
    self.border = border
    (fullWidth, fullHeight) = (image.width, image.height)
    (width, height) = try Self.size(fullWidth, fullHeight, within: border, name: name)
  }

  /// What is left of an image within a border that is cut off.
  static func size(
    _ width: Int, _ height: Int, within border: Int, name: String
  ) throws(EvalError) -> (width: Int, height: Int) {
    guard width > 2 * border, height > 2 * border else {
      throw EvalError(
        .malformedData,
        "an image of \(width)×\(height) pixels has nothing left when a border of \(border) is cut off",
        subject: name)
    }
    return (width - 2 * border, height - 2 * border)
  }

  init(_ image: RasterImage, croppingBorder border: Int) throws {
    name = ImageSource.raster(image).name
    mode = image.mode
    palette = image.palette
    self.border = border
    (fullWidth, fullHeight) = (image.width, image.height)
    try ImageLimits.check(
      width: fullWidth, height: fullHeight, what: "an image", name: name)
    (width, height) = try Self.size(fullWidth, fullHeight, within: border, name: name)
    let expected = fullWidth * fullHeight * mode.bytesPerPixel
    guard image.pixels.count == expected else {
      throw EvalError(
        .malformedData, "expected \(expected) bytes of pixels, found \(image.pixels.count)",
        subject: name)
    }
    guard palette.count <= 768, palette.count % 3 == 0 else {
      throw EvalError(
        .malformedData,
        "expected at most 256 palette entries of 3 bytes, found \(palette.count) bytes",
        subject: name)
    }
    origin = .raster(image.pixels)
  }

  /// The pixels of a window, at their places in a buffer for the whole image.
  func pixels(rows: Range<Int>, columns: Range<Int>, in scratch: ScratchBuffer) throws
    -> PixelBuffer
  {
    let stride = fullWidth * mode.bytesPerPixel
    let base = try scratch.bytes(PixelBuffer.byteCount(rows: fullHeight, stride: stride))
    switch origin {
    case .encoded(let image):
      try image.read(
        rows: rows.lowerBound + border..<rows.upperBound + border,
        columns: columns.lowerBound + border..<columns.upperBound + border, into: base,
        stride: stride)
    case .raster(let pixels):
      pixels.withUnsafeBufferPointer { from in
        if let start = from.baseAddress { base.update(from: start, count: from.count) }
      }
    }
    return PixelBuffer(
      mode: mode, width: width, height: height,
      base: base + border * (stride + mode.bytesPerPixel), stride: stride, palette: palette)
  }
}
