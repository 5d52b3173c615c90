import Core

extension Preprocessor {
  /// Calls `body` with each row of the output, top to bottom, as interleaved 8-bit RGB.
  func render(
    _ input: PreprocessInput, _ geometry: CropGeometry, _ workspace: PreprocessWorkspace,
    _ body: (_ y: Int, _ rgb: UnsafePointer<UInt8>) throws -> Void
  ) throws {
    let (mode, width, height) = (input.mode, input.width, input.height)
    // Hugging Face's order converts first, so that even palette images are resized with the bicubic filter.
    let inOwnMode = recipe.order == .openai
    let picks = inOwnMode && (mode == .palette || mode == .bilevel)
    let horizontal =
      picks
      ? AxisSampling.nearest(
        source: width, resized: geometry.resizedWidth, window: geometry.columns)
      : workspace.bicubic(source: width, resized: geometry.resizedWidth, window: geometry.columns)
    let vertical =
      picks
      ? AxisSampling.nearest(
        source: height, resized: geometry.resizedHeight, window: geometry.rows)
      : workspace.bicubic(source: height, resized: geometry.resizedHeight, window: geometry.rows)

    let window = (rows: vertical.sourceRange, columns: horizontal.sourceRange)
    let decoded = try input.pixels(
      rows: window.rows, columns: window.columns, in: workspace.decoded)
    let palette = mode == .palette ? PixelConversion.completed(palette: decoded.palette) : []
    let frame = OutputFrame(
      geometry, palette: palette, rgb: try workspace.rgbRow.bytes(3 * geometry.outputWidth))

    let resizes = width != geometry.resizedWidth || height != geometry.resizedHeight
    if inOwnMode, mode.isWide {
      try frame.openBorder(.l, body)
      try WideResampler.forEachRow(of: decoded, geometry) { y, row in
        try body(frame.top + y, frame.placed(row, mode: .l, premultiplied: false))
      }
      try frame.closeBorder(.l, body)
      return
    }
    let premultiplies = inOwnMode && resizes && (mode == .la || mode == .rgba)
    let source =
      if premultiplies {
        try convert(decoded, to: mode, window, workspace) { row, count, output in
          PixelConversion.premultiply(channels: mode.channels, row, count: count, into: output)
        }
      } else if inOwnMode {
        decoded
      } else {
        try convertedToRGB(decoded, palette, window, workspace)
      }
    try frame.openBorder(source.mode, body)
    try Resampler.forEachRow(of: source, horizontal, vertical, workspace: workspace) { y, row in
      try body(
        frame.top + y, frame.placed(row, mode: source.mode, premultiplied: premultiplies))
    }
    try frame.closeBorder(source.mode, body)
  }

  /// `convert("RGB")`. Grey stays one channel, since all three would go through the same arithmetic.
  private func convertedToRGB(
    _ image: PixelBuffer, _ palette: [UInt8], _ window: (rows: Range<Int>, columns: Range<Int>),
    _ workspace: PreprocessWorkspace
  ) throws -> PixelBuffer {
    switch image.mode {
    case .rgb, .l: return image
    case .bilevel:
      var grey = image
      grey.mode = .l
      return grey
    case .la, .rgba, .palette, .cmyk, .integer, .integer16:
      return try convert(image, to: .rgb, window, workspace) { row, count, output in
        PixelConversion.toRGB(
          image.mode, row, count: count, premultiplied: false, palette: palette, into: output)
      }
    }
  }

  /// A copy in another mode of a window of an image.
  private func convert(
    _ image: PixelBuffer, to mode: RasterImage.Mode,
    _ window: (rows: Range<Int>, columns: Range<Int>), _ workspace: PreprocessWorkspace,
    _ convertRow: (UnsafePointer<UInt8>, _ count: Int, UnsafeMutablePointer<UInt8>) -> Void
  ) throws -> PixelBuffer {
    let stride = image.width * mode.bytesPerPixel
    var result = image
    result.mode = mode
    result.stride = stride
    result.base = try workspace.converted.bytes(
      PixelBuffer.byteCount(rows: image.height, stride: stride))
    for y in window.rows {
      convertRow(
        image.base + y * image.stride + window.columns.lowerBound * image.mode.bytesPerPixel,
        window.columns.count,
        result.base + y * stride + window.columns.lowerBound * mode.bytesPerPixel)
    }
    return result
  }
}
