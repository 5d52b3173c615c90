/// An 8-bit image in its own mode, rows top to bottom, channels interleaved, no row padding.
package struct RasterImage: Sendable, Equatable {
  /// Pillow's mode names, so that results can be compared with it.
  package enum Mode: String, Sendable {
    case l = "L"
    case la = "LA"
    case rgb = "RGB"
    case rgba = "RGBA"
    case palette = "P"
    case cmyk = "CMYK"

    package var channels: Int {
      switch self {
      case .l, .palette: 1
      case .la: 2
      case .rgb: 3
      case .rgba, .cmyk: 4
      }
    }
  }

  package var mode: Mode
  package var width: Int
  package var height: Int
  /// `height × width × mode.channels` bytes.
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
}
