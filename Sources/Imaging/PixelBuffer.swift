/// Pixels in memory that someone else owns, in the layout the kernels need: rows `stride` bytes apart, with
/// `PixelBuffer.byteCount` bytes reserved so that vector loads past the last pixel stay inside.
struct PixelBuffer {
  var mode: RasterImage.Mode
  var width: Int
  var height: Int
  var base: UnsafeMutablePointer<UInt8>
  var stride: Int
  var palette: [UInt8]

  /// Room for `rows` rows, for the three rows that a group of taps may reach past them (with weight 0), and slack.
  static func byteCount(rows: Int, stride: Int) -> Int { (rows + 3) * stride + 128 }
}
