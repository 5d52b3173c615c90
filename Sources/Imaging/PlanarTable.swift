import CKernels

/// Interleaved bytes to float planes through a table of all possible values.
enum PlanarTable {
  static func spread(
    _ rgb: UnsafePointer<UInt8>, count: Int, table: UnsafeBufferPointer<Float>,
    _ red: UnsafeMutablePointer<Float>, _ green: UnsafeMutablePointer<Float>,
    _ blue: UnsafeMutablePointer<Float>
  ) {
    precondition(table.count == 768)
    resize_planar(rgb, count, table.baseAddress, red, green, blue)
  }
}
