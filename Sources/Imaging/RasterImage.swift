/// An 8-bit image in its own mode, rows top to bottom, channels interleaved, no row padding.
package struct RasterImage: Sendable, Equatable {
  /// Pillow's mode names, so that results can be compared with it.
  package enum Mode: String, Sendable, CaseIterable {
    /// Black and white, one byte a pixel: 0 or 255.
    case bilevel = "1"
    case l = "L"
    case la = "LA"
    case rgb = "RGB"
    case rgba = "RGBA"
    case palette = "P"
    case cmyk = "CMYK"
    /// 16-bit greyscale (Pillow's 32-bit `I`, which is what it opens a 16-bit greyscale PNG as): two bytes a pixel
    /// in the machine's order. Pillow clips it at 255 on the way to RGB, so most such images come out white.
    case integer = "I"
    /// The same pixels under the name that Pillow gives them in TIFF files and arrays. Pillow 9.4 cannot resize them;
    /// here they are treated like `integer`.
    case integer16 = "I;16"

    package var channels: Int {
      switch self {
      case .bilevel, .l, .palette, .integer, .integer16: 1
      case .la: 2
      case .rgb: 3
      case .rgba, .cmyk: 4
      }
    }

    /// Two bytes a channel.
    var isWide: Bool { self == .integer || self == .integer16 }

    package var bytesPerPixel: Int { isWide ? 2 : channels }
  }

  package var mode: Mode
  package var width: Int
  package var height: Int
  /// `height × width × mode.bytesPerPixel` bytes.
  package var pixels: [UInt8]
  /// RGB triples for `.palette` images, 3 bytes an entry; empty otherwise.
  package var palette: [UInt8]

  package init(
    mode: Mode, width: Int, height: Int, pixels: [UInt8], palette: [UInt8] = []
  ) {
    self.mode = mode
    self.width = width
    self.height = height
    self.pixels = pixels
    self.palette = palette
  }
  /// A line `raster MODE WIDTH HEIGHT PALETTE-BYTES`, the palette and the pixels.
  func withIdentifyingBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    let header = "raster \(mode.rawValue) \(width) \(height) \(palette.count)\n"
    return try (Array(header.utf8) + palette + pixels).withUnsafeBytes(body)
  }
}
