import COneDNN
import Core

/// The library the towers compute with.
package enum OneDNN {
  /// Version and instruction set, for example `oneDNN 2.6.3 avx512_core_amx`.
  package static let description: String = {
    var text = [CChar](repeating: 0, count: 96)
    cn_describe(&text, text.count)
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }()

  /// Workers run batches side by side, each on its own thread: oneDNN must not start more.
  package static func useThisThreadOnly() { cn_use_this_thread_only() }

  static func check(_ made: OpaquePointer?, _ status: Int32, _ what: String) throws -> OpaquePointer
  {
    if let made { return made }
    throw failure(status, what)
  }

  static func check(_ status: Int32, _ what: String) throws {
    if status != 0 { throw failure(status, what) }
  }

  private static func failure(_ status: Int32, _ what: String) -> EvalError {
    EvalError(
      .bug,
      "\(description) could not compute \(what): \(String(cString: cn_status_text(status)))")
  }
}
