import Core

/// Windows and OS/2 bitmaps.
struct BitmapCodec: ImageCodec {
  private let bitmap: BitmapHeader
  private let bytes: UnsafeRawBufferPointer
  private let name: String

  var header: ImageHeader { bitmap.header }

  init(_ bytes: UnsafeRawBufferPointer, name: String) throws {
    bitmap = try BitmapHeader(bytes, name: name)
    self.bytes = bytes
    self.name = name
  }

  func read(
    rows: Range<Int>, columns: Range<Int>, into pixels: UnsafeMutablePointer<UInt8>, stride: Int
  ) throws {
    let (width, height) = (header.width, header.height)
    func target(_ row: Int) -> UnsafeMutablePointer<UInt8> {
      pixels + (bitmap.isTopDown ? row : height - 1 - row) * stride
    }
    if case .runs(let bits) = bitmap.layout {
      let indices = BitmapRuns.decode(
        bytes, from: bitmap.offset, bits: bits, width: width, height: height)
      guard indices.count >= width * height else {
        throw truncated(expected: "\(width * height) pixels", found: indices.count)
      }
      indices.withUnsafeBufferPointer { from in
        guard let base = from.baseAddress else { return }
        for row in 0..<height { target(row).update(from: base + row * width, count: width) }
      }
      return
    }
    // The padding after the last row may be missing.
    let used = usedBytes(width: width)
    let needed = (height - 1) * bitmap.rowBytes + used
    guard used <= bitmap.rowBytes, bitmap.offset <= bytes.count,
      bytes.count - bitmap.offset >= needed
    else {
      throw truncated(expected: "\(needed) bytes of pixels", found: bytes.count - bitmap.offset)
    }
    for row in 0..<height {
      let start = bitmap.offset + row * bitmap.rowBytes
      unpack(
        UnsafeRawBufferPointer(rebasing: bytes[start..<start + used]), width: width, to: target(row)
      )
    }
  }

  private func usedBytes(width: Int) -> Int {
    switch bitmap.layout {
    case .packed(let bits, _): (width * bits + 7) / 8
    case .bytes(let count, _): width * count
    case .words: width * 2
    case .runs: 0
    }
  }

  private func unpack(
    _ row: UnsafeRawBufferPointer, width: Int, to output: UnsafeMutablePointer<UInt8>
  ) {
    switch bitmap.layout {
    case .packed(bits: 8, _): for x in 0..<width { output[x] = row[x] }
    case .packed(let bits, let white):
      let (perByte, mask) = (8 / bits, UInt8((1 << bits) - 1))
      for x in 0..<width {
        let value = row[x / perByte] >> UInt8(bits * (perByte - 1 - x % perByte)) & mask
        output[x] = bits == 1 ? value * white : value
      }
    case .bytes(let count, let places):
      let (red, green, blue) = (places[0], places[1], places[2])
      let alpha = places.count == 4 ? places[3] : nil
      let channels = places.count
      for x in 0..<width {
        let (from, to) = (count * x, channels * x)
        output[to] = row[from + red]
        output[to + 1] = row[from + green]
        output[to + 2] = row[from + blue]
        if let alpha { output[to + 3] = row[from + alpha] }
      }
    case .words(let green):
      let greenMask = (1 << green) - 1
      for x in 0..<width {
        let word = Int(row[2 * x]) | Int(row[2 * x + 1]) << 8
        output[3 * x] = UInt8((word >> (5 + green) & 31) * 255 / 31)
        output[3 * x + 1] = UInt8((word >> 5 & greenMask) * 255 / greenMask)
        output[3 * x + 2] = UInt8((word & 31) * 255 / 31)
      }
    case .runs: break
    }
  }

  private func truncated(expected: String, found: Int) -> EvalError {
    EvalError(
      .malformedData, "the BMP image is truncated: expected \(expected), found \(max(0, found)).",
      subject: name, remedy: "Fetch or extract the file again.")
  }
}
