import Core

/// An image file format, told by its first bytes; names and extensions are not looked at, because datasets
/// hold JPEGs called `.png` and the other way round (one of ImageNet's own files among them).
enum ImageFormat {
  case jpeg
  case png
  /// Binary PGM and PPM.
  case netpbm

  private static let known: [(format: Self, magic: [UInt8])] = [
    (.jpeg, [0xFF, 0xD8, 0xFF]),
    (.png, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
    (.netpbm, Array("P5".utf8)),
    (.netpbm, Array("P6".utf8)),
  ]

  /// Formats that are recognised in order to say so; none of them is read.
  private static let foreign: [(name: String, magic: [UInt8], offset: Int)] = [
    ("GIF", Array("GIF8".utf8), 0), ("BMP", Array("BM".utf8), 0),
    ("WebP", Array("WEBP".utf8), 8), ("TIFF", [0x49, 0x49, 0x2A, 0], 0),
    ("TIFF", [0x4D, 0x4D, 0, 0x2A], 0), ("AVIF or HEIF", Array("ftyp".utf8), 4),
    ("HTML", Array("<".utf8), 0), ("gzip", [0x1F, 0x8B], 0),
  ]

  init(sniffing bytes: UnsafeRawBufferPointer, name: String) throws {
    if let match = Self.known.first(where: { bytes.starts(with: $0.magic) }) {
      self = match.format
      return
    }
    let found: String
    if bytes.isEmpty {
      found = "an empty file"
    } else if let other = Self.foreign.first(where: {
      bytes.dropFirst($0.offset).starts(with: $0.magic)
    }) {
      found = "what looks like \(other.name)"
    } else {
      let digits = bytes.prefix(8).map { byte in
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }
      found = "bytes \(digits.joined(separator: " "))"
    }
    throw EvalError(
      .malformedData, "expected a JPEG, PNG or binary PPM/PGM image, found \(found)",
      subject: name)
  }
}
