import Core

/// An encoded image whose header has been read: its size and mode are known, its pixels not yet decoded.
///
/// The bytes must outlive it, and it is read once.
struct EncodedImage {
  let header: ImageHeader
  private let codec: any ImageCodec

  /// - Throws: `EvalError.malformedData` when the format is unknown or the header unusable.
  init(_ bytes: UnsafeRawBufferPointer, name: String) throws {
    switch try ImageFormat(sniffing: bytes, name: name) {
    case .library(let library): codec = try LibraryCodec(library, bytes, name: name)
    case .netpbm: codec = try NetpbmCodec(bytes, name: name)
    case .bitmap: codec = try BitmapCodec(bytes, name: name)
    case .array: codec = try ArrayCodec(bytes, name: name)
    }
    header = codec.header
    try ImageLimits.check(
      width: header.width, height: header.height, what: "an image", name: name)
  }

  /// See `ImageCodec.read`.
  func read(
    rows: Range<Int>, columns: Range<Int>, into pixels: UnsafeMutablePointer<UInt8>, stride: Int
  ) throws {
    try codec.read(rows: rows, columns: columns, into: pixels, stride: stride)
  }
}
