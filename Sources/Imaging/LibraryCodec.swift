import CImageCodecs
import Core

/// An image that one of the C libraries decodes.
final class LibraryCodec: ImageCodec {
  let header: ImageHeader
  private let library: ImageLibrary
  private let handle: OpaquePointer
  private let name: String

  /// - Throws: `EvalError.malformedData` when the header is unusable.
  init(_ library: ImageLibrary, _ bytes: UnsafeRawBufferPointer, name: String) throws {
    var info = codec_info()
    let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    guard let handle = library.open(start, bytes.count, &info) else {
      throw Self.failure(&info, format: library.format, name: name)
    }
    self.library = library
    self.handle = handle
    self.name = name
    let mode = Self.mode(info.mode)
    let palette =
      mode == .palette
      ? withUnsafeBytes(of: &info.palette) { [used = Int(info.palette_bytes)] in
        Array($0.prefix(used))
      } : []
    header = ImageHeader(
      mode: mode, width: Int(info.width), height: Int(info.height), palette: palette)
  }

  deinit { library.close(handle) }

  func read(
    rows: Range<Int>, columns: Range<Int>, into pixels: UnsafeMutablePointer<UInt8>, stride: Int
  ) throws {
    var info = codec_info()
    let window = ImageLibrary.Window(rows: rows, columns: columns)
    guard library.read(handle, window, pixels, stride, &info) == CODEC_OK else {
      throw Self.failure(&info, format: library.format, name: name)
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
    case CODEC_MODE_I16: .integer16
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

/// The functions of CImageCodecs for one format.
struct ImageLibrary: Sendable {
  struct Window {
    var rows: Range<Int>
    var columns: Range<Int>
  }

  var format: String
  var open:
    @Sendable (UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<codec_info>) -> OpaquePointer?
  var read:
    @Sendable (
      OpaquePointer, Window, UnsafeMutablePointer<UInt8>, _ stride: Int,
      UnsafeMutablePointer<codec_info>
    ) -> codec_status
  var close: @Sendable (OpaquePointer) -> Void

  static let jpeg = Self(
    format: "JPEG", open: { codec_jpeg_open($0, $1, $2) },
    read: { handle, window, pixels, stride, info in
      codec_jpeg_read(
        handle, UInt32(window.rows.lowerBound), UInt32(window.rows.upperBound),
        UInt32(window.columns.lowerBound), UInt32(window.columns.upperBound), pixels, stride, info)
    },
    close: { codec_jpeg_close($0) })
  static let png = Self(
    format: "PNG", open: { codec_png_open($0, $1, $2) },
    read: { codec_png_read($0, $2, $3, $4) }, close: { codec_png_close($0) })
  static let webp = Self(
    format: "WebP", open: { codec_webp_open($0, $1, $2) },
    read: { codec_webp_read($0, $2, $3, $4) }, close: { codec_webp_close($0) })
  static let gif = Self(
    format: "GIF", open: { codec_gif_open($0, $1, $2) },
    read: { codec_gif_read($0, $2, $3, $4) }, close: { codec_gif_close($0) })
  static let tiff = Self(
    format: "TIFF", open: { codec_tiff_open($0, $1, $2) },
    read: { codec_tiff_read($0, $2, $3, $4) }, close: { codec_tiff_close($0) })
}
