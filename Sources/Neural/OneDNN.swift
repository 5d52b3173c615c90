import COneDNN
import Core
import LinearAlgebra

/// The library the towers compute with.
enum OneDNN {
  /// Workers run batches side by side, each on its own thread: oneDNN must not start more.
  static func useThisThreadOnly() { cn_use_this_thread_only() }

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
      "\(KernelClass.current.towers) could not compute \(what): \(String(cString: cn_status_text(status)))"
    )
  }
}
