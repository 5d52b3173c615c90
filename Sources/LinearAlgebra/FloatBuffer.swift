/// Float32 scratch or weights at a 64-byte boundary, allocated once and never resized.
///
/// `@unchecked Sendable`: a buffer is either filled by one owner and then only read (weights), or used by one
/// worker alone (scratch).
package final class FloatBuffer: @unchecked Sendable {
  package let pointer: UnsafeMutablePointer<Float>
  package let count: Int

  /// Memory comes from the system untouched: pages cost nothing until they are written.
  package init(count: Int) {
    self.count = count
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, count) * MemoryLayout<Float>.stride, alignment: 64)
    pointer = raw.bindMemory(to: Float.self, capacity: max(1, count))
  }

  deinit { UnsafeMutableRawPointer(pointer).deallocate() }
}
