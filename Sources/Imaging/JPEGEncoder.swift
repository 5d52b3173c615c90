import CImageCodecs
import Core
package import Foundation

/// Writes JPEG files with libjpeg.
package enum JPEGEncoder {
  /// Baseline JPEG, colours not subsampled.
  /// - Parameters:
  ///   - rgb: `height × width × 3` bytes, rows from the top.
  ///   - quality: libjpeg's, 1…100.
  package static func encode(rgb: [UInt8], width: Int, height: Int, quality: Int) throws -> Data {
    guard width > 0, height > 0, rgb.count == width * height * 3,
      let columns = UInt32(exactly: width), let rows = UInt32(exactly: height)
    else {
      throw EvalError(
        .bug, "\(rgb.count) bytes are not an RGB image of \(width) × \(height) pixels")
    }
    var bytes: UnsafeMutablePointer<UInt8>?
    var count = 0
    var info = codec_info()
    let status = codec_jpeg_encode(rgb, columns, rows, Int32(quality), &bytes, &count, &info)
    guard status == CODEC_OK, let bytes else {
      let reason = withUnsafeBytes(of: info.message) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      throw EvalError(.taskFailed, "libjpeg could not encode the image: \(reason)")
    }
    defer { free(bytes) }
    return Data(bytes: bytes, count: count)
  }
}
