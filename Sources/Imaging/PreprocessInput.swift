import Core

/// An image on its way into the preprocessor: its size is known, its pixels come when their window is.
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

  init(bytes: UnsafeRawBufferPointer, name: String) throws {
    let image = try EncodedImage(bytes, name: name)
    self.name = name
    mode = image.header.mode
    width = image.header.width
    height = image.header.height
    palette = image.header.palette
    origin = .encoded(image)
  }

  init(_ image: RasterImage) throws {
    name = ImageSource.raster(image).name
    mode = image.mode
    width = image.width
    height = image.height
    palette = image.palette
    try ImageLimits.check(width: width, height: height, what: "an image", name: name)
    let expected = width * height * mode.bytesPerPixel
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
    let stride = width * mode.bytesPerPixel
    let buffer = PixelBuffer(
      mode: mode, width: width, height: height,
      base: try scratch.bytes(PixelBuffer.byteCount(rows: height, stride: stride)),
      stride: stride, palette: palette)
    switch origin {
    case .encoded(let image):
      try image.read(rows: rows, columns: columns, into: buffer.base, stride: stride)
    case .raster(let pixels):
      pixels.withUnsafeBufferPointer { from in
        if let start = from.baseAddress { buffer.base.update(from: start, count: from.count) }
      }
    }
    return buffer
  }
}
