/// Pillow's resize of mode `I` (libImaging/Resample.c, `ImagingResample*_32bpc`): double-precision weights, each
/// pass rounded to 32-bit integers and not clipped. 16-bit images are rare, so this is written for clarity.
enum WideResampler {
  /// Calls `body` with each visible row as 8-bit greyscale, clipped at 0 and 255 as Pillow's `convert("RGB")` does.
  static func forEachRow(
    of image: PixelBuffer, _ geometry: CropGeometry,
    _ body: (_ y: Int, _ row: UnsafePointer<UInt8>) throws -> Void
  ) throws {
    let horizontal = taps(image.width, geometry.resizedWidth, geometry.columns)
    let vertical = taps(image.height, geometry.resizedHeight, geometry.rows)
    let firstRow = vertical.reduce(image.height) { min($0, $1.first) }
    let endRow = vertical.reduce(0) { max($0, $1.first + $1.weights.count) }

    var narrowed: [[Int32]] = []
    for y in firstRow..<endRow {
      let row = UnsafeRawPointer(image.base + y * image.stride)
      narrowed.append(
        horizontal.map { tap in
          weigh(tap) { Int32(row.loadUnaligned(fromByteOffset: 2 * $0, as: UInt16.self)) }
        })
    }
    for (y, tap) in vertical.enumerated() {
      let row = (0..<horizontal.count).map { x in
        UInt8(clamping: weigh(tap) { narrowed[$0 - firstRow][x] })
      }
      try row.withUnsafeBufferPointer { buffer in
        if let base = buffer.baseAddress { try body(y, base) }
      }
    }
  }

  private typealias Tap = (first: Int, weights: [Double])

  private static func taps(_ source: Int, _ resized: Int, _ window: Range<Int>) -> [Tap] {
    if source == resized { return window.map { ($0, [1]) } }
    return ResampleWeights.exact(source: source, resized: resized, window: window)
  }

  private static func weigh(_ tap: Tap, _ pixel: (Int) -> Int32) -> Int32 {
    var sum = 0.0
    for (k, weight) in tap.weights.enumerated() { sum += Double(pixel(tap.first + k)) * weight }
    // Pillow's ROUND_UP: half away from zero.
    return Int32(sum >= 0 ? (sum + 0.5).rounded(.down) : -(-sum + 0.5).rounded(.down))
  }
}
