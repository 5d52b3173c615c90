import Core

/// An image file format, told by its first bytes; names and extensions are not looked at, because datasets
/// hold JPEGs called `.png` (one of ImageNet's own files), GIFs and BMPs called `.jpg` (Oxford Pets, Caltech101).
enum ImageFormat {
  case library(ImageLibrary)
  /// PBM, PGM and PPM, binary and plain.
  case netpbm
  case bitmap
  /// A NumPy array of pixels.
  case array

  private static let known: [(format: Self, magic: [UInt8], offset: Int)] =
    [
      (.library(.jpeg), [0xFF, 0xD8, 0xFF], 0),
      (.library(.png), [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], 0),
      (.library(.gif), Array("GIF87a".utf8), 0), (.library(.gif), Array("GIF89a".utf8), 0),
      (.library(.webp), Array("WEBPVP8".utf8), 8),
      (.bitmap, Array("BM".utf8), 0), (.array, [0x93] + Array("NUMPY".utf8), 0),
      // Little- and big-endian, the usual form and the one with 64-bit offsets.
      (.library(.tiff), [0x49, 0x49, 0x2A, 0], 0), (.library(.tiff), [0x4D, 0x4D, 0, 0x2A], 0),
      (.library(.tiff), [0x49, 0x49, 0x2B, 0], 0), (.library(.tiff), [0x4D, 0x4D, 0, 0x2B], 0),
    ] + "123456".utf8.map { (.netpbm, [UInt8(ascii: "P"), $0], 0) }

  /// Formats that are recognised in order to say so; none of them is read.
  private static let foreign: [(name: String, magic: [UInt8], offset: Int)] = [
    ("AVIF or HEIF", Array("ftyp".utf8), 4), ("JPEG 2000", Array("jP  ".utf8), 4),
    ("PDF", Array("%PDF".utf8), 0), ("HTML or XML", Array("<".utf8), 0),
    ("gzip", [0x1F, 0x8B], 0), ("zip", [0x50, 0x4B, 3, 4], 0),
  ]

  init(sniffing bytes: UnsafeRawBufferPointer, name: String) throws {
    if let match = Self.known.first(where: { bytes.dropFirst($0.offset).starts(with: $0.magic) }) {
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
      .malformedData,
      "expected a JPEG, PNG, WebP, GIF, TIFF, BMP, PBM/PGM/PPM or NPY image, found \(found)",
      subject: name)
  }
}
