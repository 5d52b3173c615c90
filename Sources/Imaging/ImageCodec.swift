/// What the header of an encoded image says.
struct ImageHeader {
  var mode: RasterImage.Mode
  var width: Int
  var height: Int
  /// RGB triples of `.palette` images; empty otherwise.
  var palette: [UInt8] = []
}

/// An encoded image of one format whose header has been read. The encoded bytes must outlive it, and it is read once.
protocol ImageCodec {
  var header: ImageHeader { get }

  /// Decodes a window into memory laid out for the whole image: `height` rows of `stride` bytes.
  /// What lies outside the window is undefined; most formats decode all of it.
  func read(
    rows: Range<Int>, columns: Range<Int>, into pixels: UnsafeMutablePointer<UInt8>, stride: Int
  ) throws
}
