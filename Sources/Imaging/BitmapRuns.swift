/// The run-length coding of BMP files with 4 or 8 bits a pixel. A run is cut at the end of its row, as in Pillow. Steps and
/// 4-bit literals of odd length, which Pillow 9.4 misreads, are read as the format says (and as Pillow 13 does).
enum BitmapRuns {
  /// - Returns: the pixels in the order of the file, one byte each; fewer than `width × height` where the data end early.
  static func decode(
    _ bytes: UnsafeRawBufferPointer, from offset: Int, bits: Int, width: Int, height: Int
  ) -> [UInt8] {
    let total = width * height
    var pixels: [UInt8] = []
    pixels.reserveCapacity(total)
    var position = offset
    var x = 0
    while pixels.count < total, position + 1 < bytes.count {
      let (count, byte) = (Int(bytes[position]), bytes[position + 1])
      position += 2
      switch (count, byte) {
      case (1..., _):
        let run = min(count, max(0, width - x))
        for i in 0..<run {
          pixels.append(bits == 8 ? byte : i % 2 == 0 ? byte >> 4 : byte & 15)
        }
        x += run
      case (_, 0):
        let rest = pixels.count % width
        if rest > 0 { pixels.append(contentsOf: repeatElement(0, count: width - rest)) }
        x = 0
      case (_, 1): return pixels
      case (_, 2):
        guard position + 1 < bytes.count else { return pixels }
        let skipped = Int(bytes[position]) + Int(bytes[position + 1]) * width
        position += 2
        pixels.append(contentsOf: repeatElement(0, count: min(skipped, total - pixels.count)))
        x = pixels.count % width
      default:
        let literals = min(Int(byte), total - pixels.count)
        let wanted = bits == 8 ? literals : (literals + 1) / 2
        let found = min(wanted, bytes.count - position)
        for (i, literal) in bytes[position..<position + found].enumerated() {
          if bits == 8 {
            pixels.append(literal)
          } else {
            pixels.append(literal >> 4)
            if 2 * i + 1 < literals { pixels.append(literal & 15) }
          }
        }
        guard found == wanted else { return pixels }
        x += Int(byte)
        position += found
        // Literals end on an even byte of the file.
        position += position % 2
      }
    }
    return pixels
  }
}
