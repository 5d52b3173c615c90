/// Which files are images by name, and by their first bytes.
enum ImageFiles {
  /// Those of the formats that are decoded.
  static let extensions: Set<String> = [
    "jpg", "jpeg", "png", "webp", "gif", "tif", "tiff", "bmp", "pbm", "pgm", "ppm", "pnm", "npy",
  ]

  static func isImage(_ name: String) -> Bool {
    guard let ending = fileExtension(name) else { return false }
    // `._x.jpg` are resource forks that macOS leaves in archives.
    return !name.hasPrefix("._") && extensions.contains(ending)
  }

  /// The same for the bytes of an ASCII name, without making a text of it.
  static func isImage(_ name: ArraySlice<UInt8>) -> Bool {
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot != name.startIndex,
      name.count - (dot - name.startIndex) <= 6, !name.starts(with: "._".utf8)
    else { return false }
    var ending = 0
    for byte in name[(dot + 1)...] {
      let lower = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
      ending = ending << 8 | Int(lower)
    }
    return packedExtensions.contains(ending)
  }

  private static let packedExtensions = Set(
    extensions.map { $0.utf8.reduce(0) { $0 << 8 | Int($1) } })

  /// A file with this extension, in lower case, that is no resource fork.
  static func isNamed(_ name: String, _ ending: String) -> Bool {
    !name.hasPrefix("._") && fileExtension(name) == ending
  }

  /// In lower case, without the dot.
  static func fileExtension(_ name: String) -> String? {
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot != name.startIndex else {
      return nil
    }
    return name[name.utf8.index(after: dot)...].lowercased()
  }

  /// Folders that hold no samples whatever is in them.
  static func isJunkFolder(_ name: String) -> Bool {
    name == "__MACOSX" || name.hasPrefix(".")
  }

  /// Whether files of a format (see `format(ofPrefix:)`) go by this extension.
  static func isUsual(_ ending: String, for format: String) -> Bool {
    switch format {
    case "jpg": ["jpg", "jpeg"].contains(ending)
    case "tif": ["tif", "tiff"].contains(ending)
    case "ppm": ["ppm", "pgm", "pbm", "pnm"].contains(ending)
    default: ending == format
    }
  }

  /// Extension of the format that the first bytes of a file announce; nil for none known.
  static func format(ofPrefix bytes: [UInt8]) -> String? {
    func starts(_ signature: [UInt8], at offset: Int = 0) -> Bool {
      bytes.count >= offset + signature.count
        && bytes[offset..<offset + signature.count].elementsEqual(signature)
    }
    if starts([0xff, 0xd8, 0xff]) { return "jpg" }
    if starts([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) { return "png" }
    if starts(Array("GIF8".utf8)) { return "gif" }
    if starts(Array("RIFF".utf8)), starts(Array("WEBP".utf8), at: 8) { return "webp" }
    for order in [[0x49, 0x49], [0x4d, 0x4d]] as [[UInt8]] where starts(order) {
      // 42, or 43 where offsets have 64 bits, in the byte order just named.
      for version in [0x2a, 0x2b] as [UInt8] {
        if starts(order[0] == 0x49 ? [version, 0] : [0, version], at: 2) { return "tif" }
      }
    }
    if starts(Array("BM".utf8)) { return "bmp" }
    if starts([0x93] + Array("NUMPY".utf8)) { return "npy" }
    if bytes.count > 2, bytes[0] == UInt8(ascii: "P"),
      (UInt8(ascii: "1")...UInt8(ascii: "6")).contains(bytes[1]),
      [0x0a, 0x20, 0x0d, 0x09].contains(bytes[2])
    {
      return "ppm"
    }
    return nil
  }
}
