/// The run-length coding of BMP files with 4 or 8 bits a pixel, decoded in Pillow's way also where that is odd: a run is
/// cut at the end of its row, literal pixels are not, and a literal of odd length in 4 bits lacks its last pixel.
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
        // Pillow takes two bytes for the step and, having looked at them, the next two instead.
        guard position + 3 < bytes.count else { return pixels }
        let skipped = Int(bytes[position + 2]) + Int(bytes[position + 3]) * width
        position += 4
        pixels.append(contentsOf: repeatElement(0, count: min(skipped, total - pixels.count)))
        x = pixels.count % width
      default:
        let wanted = bits == 8 ? Int(byte) : Int(byte) / 2
        let found = min(wanted, bytes.count - position)
        for literal in bytes[position..<position + found] {
          if bits == 8 { pixels.append(literal) } else { pixels += [literal >> 4, literal & 15] }
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
