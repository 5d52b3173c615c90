import CImageCodecs
import Core

/// An encoded image whose header has been read: its size and mode are known, its pixels not yet decoded.
///
/// The bytes must outlive it, and it is read once.
final class EncodedImage {
  private enum Codec {
    case jpeg(OpaquePointer)
    case png(OpaquePointer)
    case netpbm(NetpbmHeader, UnsafeRawBufferPointer)
  }

  let mode: RasterImage.Mode
  let width: Int
  let height: Int
  let palette: [UInt8]
  private let codec: Codec
  private let name: String

  /// - Throws: `EvalError.malformedData` when the format is unknown or the header unusable.
  init(_ bytes: UnsafeRawBufferPointer, name: String) throws {
    let format = try ImageFormat(sniffing: bytes, name: name)
    var info = codec_info()
    let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    let opened: Codec
    switch format {
    case .jpeg:
      guard let handle = codec_jpeg_open(start, bytes.count, &info) else {
        throw Self.failure(&info, format: "JPEG", name: name)
      }
      opened = .jpeg(handle)
    case .png:
      guard let handle = codec_png_open(start, bytes.count, &info) else {
        throw Self.failure(&info, format: "PNG", name: name)
      }
      opened = .png(handle)
    case .netpbm:
      let header = try NetpbmHeader(bytes, name: name)
      opened = .netpbm(header, bytes)
      info.mode = header.channels == 1 ? CODEC_MODE_L : CODEC_MODE_RGB
      info.width = UInt32(clamping: header.width)
      info.height = UInt32(clamping: header.height)
    }
    codec = opened
    self.name = name
    width = Int(info.width)
    height = Int(info.height)
    mode = Self.mode(info.mode)
    palette =
      mode == .palette
      ? withUnsafeBytes(of: &info.palette) { [used = Int(info.palette_bytes)] in
        Array($0.prefix(used))
      } : []
    // Everything is set, so a throw from here on runs deinit and closes the handle.
    try ImageLimits.check(width: width, height: height, what: "an image", name: name)
  }

  deinit {
    switch codec {
    case .jpeg(let handle): codec_jpeg_close(handle)
    case .png(let handle): codec_png_close(handle)
    case .netpbm: break
    }
  }

  /// Decodes a window into memory laid out for the whole image: `height` rows of `stride` bytes.
  /// What lies outside the window is undefined.
  func read(
    rows: Range<Int>, columns: Range<Int>, into pixels: UnsafeMutablePointer<UInt8>, stride: Int
  ) throws {
    var info = codec_info()
    switch codec {
    case .jpeg(let handle):
      let status = codec_jpeg_read(
        handle, UInt32(rows.lowerBound), UInt32(rows.upperBound), UInt32(columns.lowerBound),
        UInt32(columns.upperBound), pixels, stride, &info)
      guard status == CODEC_OK else { throw Self.failure(&info, format: "JPEG", name: name) }
    case .png(let handle):
      let status = codec_png_read(handle, pixels, stride, &info)
      guard status == CODEC_OK else { throw Self.failure(&info, format: "PNG", name: name) }
    case .netpbm(let header, let bytes):
      try header.read(bytes, into: pixels, stride: stride, name: name)
    }
  }

  private static func mode(_ mode: codec_mode) -> RasterImage.Mode {
    switch mode {
    case CODEC_MODE_1: .bilevel
    case CODEC_MODE_L: .l
    case CODEC_MODE_LA: .la
    case CODEC_MODE_RGB: .rgb
    case CODEC_MODE_RGBA: .rgba
    case CODEC_MODE_P: .palette
    case CODEC_MODE_CMYK: .cmyk
    default: .integer
    }
  }

  private static func failure(_ info: inout codec_info, format: String, name: String) -> EvalError {
    let words = withUnsafeBytes(of: &info.message) { buffer in
      String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
    }
    let detail = words.isEmpty ? "" : ": \(words)"
    switch info.status {
    case CODEC_TRUNCATED:
      return EvalError(
        .malformedData, "the \(format) image is truncated\(detail).", subject: name,
        remedy: "Fetch or extract the file again.")
    case CODEC_UNSUPPORTED:
      return EvalError(
        .malformedData, "this kind of \(format) image cannot be read\(detail)", subject: name)
    case CODEC_NO_MEMORY:
      return EvalError(.taskFailed, "no memory left to decode this \(format) image", subject: name)
    default:
      return EvalError(.malformedData, "the \(format) image is damaged\(detail)", subject: name)
    }
  }
}
