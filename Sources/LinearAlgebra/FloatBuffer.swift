import Foundation

/// Bytes at a cache-line boundary, allocated once and never resized; large ones on large pages where the system has them.
///
/// `@unchecked Sendable`: a buffer is either filled by one owner and then only read (weights), or used by one
/// worker alone (scratch).
package final class ScratchBuffer: @unchecked Sendable {
  package let pointer: UnsafeMutableRawPointer
  package let byteCount: Int

  /// Memory comes from the system untouched: pages cost nothing until they are written.
  package init(byteCount: Int) {
    let largePage = 2 << 20
    let alignment = byteCount >= largePage ? largePage : 64
    let size = (max(1, byteCount) + alignment - 1) / alignment * alignment
    self.byteCount = byteCount
    pointer = .allocate(byteCount: size, alignment: alignment)
    if alignment == largePage { madvise(pointer, size, MADV_HUGEPAGE) }
  }

  deinit { pointer.deallocate() }

  package var floats: UnsafeMutablePointer<Float> { pointer.assumingMemoryBound(to: Float.self) }
  package var halves: UnsafeMutablePointer<UInt16> { pointer.assumingMemoryBound(to: UInt16.self) }
}

/// Float32 scratch or weights.
package final class FloatBuffer: Sendable {
  private let bytes: ScratchBuffer
  package let count: Int

  package init(count: Int) {
    self.count = count
    bytes = ScratchBuffer(byteCount: count * MemoryLayout<Float>.stride)
  }

  package var pointer: UnsafeMutablePointer<Float> { bytes.floats }
}
