/// Pillow's mode conversions (libImaging/Convert.c), on rows of pixels.
enum PixelConversion {
  /// `a·b/255`, rounded: Pillow's MULDIV255.
  @inline(__always)
  private static func scaled(_ a: UInt8, by b: UInt8) -> UInt8 {
    let product = UInt32(a) * UInt32(b) + 128
    return UInt8(truncatingIfNeeded: ((product >> 8) + product) >> 8)
  }

  /// All 256 entries as RGB. Entries that the file does not define are grey, as in Pillow.
  static func completed(palette: [UInt8]) -> [UInt8] {
    var table = (0..<256).flatMap { [UInt8](repeating: UInt8($0), count: 3) }
    let used = min(palette.count, table.count)
    table.replaceSubrange(0..<used, with: palette.prefix(used))
    return table
  }

  /// `convert("RGB")` of one row. Alpha is dropped, transparency of palettes too.
  /// - Parameters:
  ///   - premultiplied: the row comes from resizing an image with alpha, see `premultiply`.
  ///   - palette: from `completed(palette:)`, for mode `P`.
  static func toRGB(
    _ mode: RasterImage.Mode, _ row: UnsafePointer<UInt8>, count: Int, premultiplied: Bool,
    palette: [UInt8], into rgb: UnsafeMutablePointer<UInt8>
  ) {
    switch mode {
    case .rgb: rgb.update(from: row, count: 3 * count)
    case .l, .bilevel:
      for x in 0..<count { fill(rgb + 3 * x, row[x]) }
    case .integer, .integer16:
      let wide = UnsafeRawPointer(row)
      for x in 0..<count {
        fill(
          rgb + 3 * x,
          UInt8(clamping: wide.loadUnaligned(fromByteOffset: 2 * x, as: UInt16.self)))
      }
    case .la:
      for x in 0..<count {
        let alpha = row[2 * x + 1]
        fill(rgb + 3 * x, premultiplied ? divided(row[2 * x], by: alpha) : row[2 * x])
      }
    case .rgba:
      for x in 0..<count {
        let alpha = row[4 * x + 3]
        for c in 0..<3 {
          rgb[3 * x + c] = premultiplied ? divided(row[4 * x + c], by: alpha) : row[4 * x + c]
        }
      }
    case .palette:
      for x in 0..<count {
        for c in 0..<3 { rgb[3 * x + c] = palette[3 * Int(row[x]) + c] }
      }
    case .cmyk:
      for x in 0..<count {
        let white = 255 - row[4 * x + 3]
        for c in 0..<3 { rgb[3 * x + c] = white - scaled(row[4 * x + c], by: white) }
      }
    }
  }

  /// `RGBA` to `RGBa`, `LA` to `La`: Pillow resizes images with alpha in these modes.
  static func premultiply(
    channels: Int, _ row: UnsafePointer<UInt8>, count: Int,
    into output: UnsafeMutablePointer<UInt8>
  ) {
    for x in 0..<count {
      let pixel = x * channels
      let alpha = row[pixel + channels - 1]
      for c in 0..<channels - 1 { output[pixel + c] = scaled(row[pixel + c], by: alpha) }
      output[pixel + channels - 1] = alpha
    }
  }

  /// Undoes the multiplication as Pillow does: truncated, and left alone where alpha is 0 or 255.
  @inline(__always)
  private static func divided(_ value: UInt8, by alpha: UInt8) -> UInt8 {
    if alpha == 0 || alpha == 255 { return value }
    return UInt8(clamping: 255 * Int(value) / Int(alpha))
  }

  @inline(__always)
  private static func fill(_ rgb: UnsafeMutablePointer<UInt8>, _ grey: UInt8) {
    rgb[0] = grey
    rgb[1] = grey
    rgb[2] = grey
  }
}
