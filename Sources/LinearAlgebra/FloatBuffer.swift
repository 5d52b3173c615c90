import Foundation

/// Bytes at a cache-line boundary, allocated once and never resized; large ones on large pages where the system has them.
///
/// `@unchecked Sendable`: a buffer is either filled by one owner and then only read (weights), or used by one
/// worker alone (scratch).
package final class ScratchBuffer: @unchecked Sendable {
  package let pointer: UnsafeMutableRawPointer
  package let byteCount: Int

  /// Not initialised; pages new from the system cost nothing until they are written.
  package init(byteCount: Int) {
    let largePage = 2 << 20
    self.byteCount = byteCount
    pointer = .allocate(
      byteCount: max(1, byteCount), alignment: byteCount >= largePage ? largePage : 64)
    // Whole pages only: what is left over would take a large page for itself.
    let inLargePages = byteCount / largePage * largePage
    if inLargePages > 0 { madvise(pointer, inLargePages, MADV_HUGEPAGE) }
  }

  deinit { pointer.deallocate() }

  package func zero() { memset(pointer, 0, byteCount) }

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
