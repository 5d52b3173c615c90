import CHDF5Reading
import Core
import Foundation
import Synchronization

/// What the library's file driver reads from, and the last error there, which the library has no words for.
final class HDF5Source: Sendable {
  let bytes: any RandomAccessBytes
  private let lastError = Mutex<EvalError?>(nil)

  init(_ bytes: any RandomAccessBytes) { self.bytes = bytes }

  /// An `h5r_source` whose context is one of these.
  static let read: h5r_source = { context, offset, count, into in
    guard let context, let into, let offset = Int(exactly: offset) else { return -1 }
    let source = Unmanaged<HDF5Source>.fromOpaque(context).takeUnretainedValue()
    do {
      try source.bytes.read(at: offset, count: count).withUnsafeBytes {
        if let base = $0.baseAddress { memcpy(into, base, count) }
      }
      return 0
    } catch {
      source.lastError.withLock { $0 = error as? EvalError }
      return -1
    }
  }

  static func failure(_ expected: String, _ url: URL, _ source: HDF5Source) -> EvalError {
    if let error = source.lastError.withLock({ error in
      defer { error = nil }
      return error
    }) {
      return error
    }
    var text = [CChar](repeating: 0, count: 256)
    h5r_last_error(&text, text.count)
    let reason = String(
      decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return EvalError(
      .malformedData, expected + (reason.isEmpty ? "." : " (HDF5 says: \(reason))."),
      subject: url.path, remedy: "The file may be damaged or cut short: fetch it again.")
  }
}
