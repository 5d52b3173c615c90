/// Places visible rows inside the output, converts them to RGB and supplies the border that a crop larger than the
/// image gets: zeros in the mode the image is padded in, which for CMYK is white.
struct OutputFrame {
  private let geometry: CropGeometry
  private let palette: [UInt8]
  /// One output row.
  private let rgb: UnsafeMutablePointer<UInt8>

  init(_ geometry: CropGeometry, palette: [UInt8], rgb: UnsafeMutablePointer<UInt8>) {
    self.geometry = geometry
    self.palette = palette
    self.rgb = rgb
  }

  /// Rows of border above the visible ones.
  var top: Int { max(0, -geometry.top) }

  /// The output row for a visible one; valid until the next call.
  func placed(
    _ row: UnsafePointer<UInt8>, mode: RasterImage.Mode, premultiplied: Bool
  ) -> UnsafePointer<UInt8> {
    let visible = geometry.columns.count
    if mode == .rgb, visible == geometry.outputWidth { return row }
    PixelConversion.toRGB(
      mode, row, count: visible, premultiplied: premultiplied, palette: palette,
      into: rgb + 3 * max(0, -geometry.left))
    return UnsafePointer(rgb)
  }

  /// Calls `body` with the rows above the visible ones, and leaves a border row for `placed` to fill.
  func openBorder(
    _ mode: RasterImage.Mode, _ body: (_ y: Int, _ rgb: UnsafePointer<UInt8>) throws -> Void
  ) rethrows {
    clear(mode)
    for y in 0..<top { try body(y, rgb) }
  }

  /// Calls `body` with the rows below the visible ones.
  func closeBorder(
    _ mode: RasterImage.Mode, _ body: (_ y: Int, _ rgb: UnsafePointer<UInt8>) throws -> Void
  ) rethrows {
    let bottom = top + geometry.rows.count
    guard bottom < geometry.outputHeight else { return }
    clear(mode)
    for y in bottom..<geometry.outputHeight { try body(y, rgb) }
  }

  private func clear(_ mode: RasterImage.Mode) {
    let zero: [UInt8] = [0, 0, 0, 0]
    for x in 0..<geometry.outputWidth {
      PixelConversion.toRGB(
        mode, zero, count: 1, premultiplied: false, palette: palette, into: rgb + 3 * x)
    }
  }
}
