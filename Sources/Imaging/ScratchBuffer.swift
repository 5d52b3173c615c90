import Core
import Foundation

/// Uninitialised memory that grows to the largest size asked for and is reused from image to image.
final class ScratchBuffer {
  private(set) var capacity = 0
  private var memory: UnsafeMutableRawPointer?

  deinit { free(memory) }

  /// At least `count` bytes, aligned for any vector. What they held before is lost when the buffer grows.
  func bytes(_ count: Int) throws -> UnsafeMutablePointer<UInt8> {
    if count > capacity || memory == nil {
      free(memory)
      memory = nil
      capacity = 0
      let wanted = max(count, 64)
      guard posix_memalign(&memory, 64, wanted) == 0 else {
        memory = nil
        throw EvalError(.taskFailed, "cannot reserve \(wanted) bytes of memory for an image")
      }
      capacity = wanted
    }
    guard let memory else {
      throw EvalError(.taskFailed, "cannot reserve \(count) bytes of memory for an image")
    }
    return memory.assumingMemoryBound(to: UInt8.self)
  }
}
