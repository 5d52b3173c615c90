import Core

/// The headers of a BMP file, read by Pillow's rules: what the file says is taken in the same order, and greyscale
/// palettes make greyscale images.
struct BitmapHeader {
  /// How the bytes of a row become pixels.
  enum Layout: Equatable {
    /// Palette indices or greys of 1, 4 or 8 bits, in bytes from the left; `white` is what a 1 becomes.
    case packed(bits: Int, white: UInt8)
    /// Three or four of a pixel's `bytes` bytes, by their places.
    case bytes(Int, places: [Int])
    /// Two bytes a pixel, 5 bits a colour, but `green` of green.
    case words(green: Int)
    /// Runs of equal 4- or 8-bit pixels.
    case runs(bits: Int)
  }

  private(set) var header: ImageHeader
  private(set) var layout: Layout
  private(set) var isTopDown = false
  /// From one row to the next, in the file.
  private(set) var rowBytes: Int
  /// Where the pixels start.
  private(set) var offset: Int

  init(_ bytes: UnsafeRawBufferPointer, name: String) throws {
    let fields = BitmapFields(bytes, name: name)
    var (offset, size) = (try fields.u32(10), try fields.u32(14))
    let bits: Int
    let compression: Int
    var colours = 0
    let width: Int
    var height: Int
    if size == 12 {
      (width, height) = (try fields.u16(18), try fields.u16(20))
      (bits, compression) = (try fields.u16(24), 0)
    } else if [40, 52, 56, 64, 108, 124].contains(size) {
      (width, height) = (try fields.u32(18), try fields.u32(22))
      isTopDown = height >> 24 == 0xFF
      if isTopDown { height = (1 << 32) - height }
      (bits, compression) = (try fields.u16(28), try fields.u32(30))
      colours = try fields.u32(46)
      // All of the header has to be there.
      if size > 40 { _ = try fields.u32(14 + size - 4) }
    } else {
      throw fields.refusal("a header of 40, 52, 56, 64, 108, 124 or 12 bytes", found: size, at: 14)
    }
    guard [1, 4, 8, 16, 24, 32].contains(bits) else {
      throw fields.refusal(
        "1, 4, 8, 16, 24 or 32 bits a pixel", found: bits, at: size == 12 ? 24 : 28)
    }
    if colours == 0 { colours = 1 << bits }
    if offset == 14 + size, bits <= 8 { offset += 4 * colours }
    var afterHeader = 14 + size

    var mode = RasterImage.Mode.rgb
    switch (compression, bits) {
    case (0, ...8): layout = .packed(bits: bits, white: 1)
    case (0, 16): layout = .words(green: 5)
    case (0, 24): layout = .bytes(3, places: [2, 1, 0])
    case (0, _): layout = .bytes(4, places: [2, 1, 0])
    case (1, ...8): layout = .runs(bits: 8)
    case (2, ...8): layout = .runs(bits: 4)
    case (3, 16...):
      // Headers of 40 bytes are followed by three masks; larger ones hold four.
      var masks = try (0..<3).map { try fields.u32(54 + 4 * $0) }
      if size == 40 { afterHeader += 12 }
      masks.append(size >= 56 ? try fields.u32(66) : 0)
      guard let known = Self.layout(bits: bits, masks: masks) else {
        throw fields.refusal(
          "colour masks of a usual layout", found: masks.map { String($0, radix: 16) }, at: 54)
      }
      layout = known
      if case .bytes(_, let places) = known, places.count == 4 { mode = .rgba }
    default:
      throw fields.refusal(
        "no compression, runs of palette images, or masks of 16 or more bits", found: compression,
        at: 30)
    }

    var palette: [UInt8] = []
    if bits <= 8 {
      let entryBytes = size == 12 ? 3 : 4
      let table = try fields.palette(colours: colours, entryBytes: entryBytes, at: afterHeader)
      afterHeader += colours * entryBytes
      mode = try Self.mode(ofPalette: table, colours: colours, fields)
      if mode == .palette {
        palette = table
      } else {
        layout = try Self.greyLayout(layout, mode, bits: bits, fields)
      }
    }
    header = ImageHeader(mode: mode, width: width, height: height, palette: palette)
    rowBytes = ((width * bits + 31) >> 3) & ~3
    self.offset = offset == 0 ? afterHeader : offset
  }

  /// A palette of the greys in order, or of black and white, is none: the indices are the pixels.
  private static func mode(
    ofPalette palette: [UInt8], colours: Int, _ fields: BitmapFields
  ) throws -> RasterImage.Mode {
    let greys = colours == 2 ? [0, 255] : Array(0..<min(colours, 256)).map(UInt8.init)
    let isGrey =
      colours <= 256 && palette.count == 3 * colours
      && greys.enumerated().allSatisfy { i, grey in
        palette[3 * i..<3 * i + 3].allSatisfy { $0 == grey }
      }
    if isGrey { return colours == 2 ? .bilevel : .l }
    guard palette.count <= 768 else {
      throw fields.refusal("at most 256 colours", found: colours, at: 46)
    }
    return .palette
  }

  /// Greyscale images are read as one bit a pixel or one byte a pixel, whatever the header says, as in Pillow.
  private static func greyLayout(
    _ layout: Layout, _ mode: RasterImage.Mode, bits: Int, _ fields: BitmapFields
  ) throws -> Layout {
    switch (layout, mode) {
    case (.runs, .l): layout
    case (.packed, .bilevel): .packed(bits: 1, white: 255)
    case (.packed, .l) where bits == 8: layout
    default:
      throw fields.refusal("8 bits a pixel with this palette of greys", found: bits, at: 28)
    }
  }

  /// Pillow's list of masks (red, green, blue, alpha).
  private static func layout(bits: Int, masks: [Int]) -> Layout? {
    switch (bits, masks[0], masks[1], masks[2], masks[3]) {
    case (16, 0xF800, 0x7E0, 0x1F, _): .words(green: 6)
    case (16, 0x7C00, 0x3E0, 0x1F, _): .words(green: 5)
    case (24, 0xFF_0000, 0xFF00, 0xFF, _): .bytes(3, places: [2, 1, 0])
    case (32, 0xFF_0000, 0xFF00, 0xFF, 0): .bytes(4, places: [2, 1, 0])
    case (32, 0xFF00_0000, 0xFF_0000, 0xFF00, 0): .bytes(4, places: [3, 2, 1])
    case (32, 0xFF00_0000, 0xFF_0000, 0xFF00, 0xFF): .bytes(4, places: [3, 2, 1, 0])
    case (32, 0xFF, 0xFF00, 0xFF_0000, 0xFF00_0000): .bytes(4, places: [0, 1, 2, 3])
    case (32, 0xFF_0000, 0xFF00, 0xFF, 0xFF00_0000), (32, 0, 0, 0, 0):
      .bytes(4, places: [2, 1, 0, 3])
    default: nil
    }
  }
}

/// Numbers at fixed places of a BMP file.
struct BitmapFields {
  private let bytes: UnsafeRawBufferPointer
  private let name: String

  init(_ bytes: UnsafeRawBufferPointer, name: String) {
    self.bytes = bytes
    self.name = name
  }

  func u16(_ offset: Int) throws -> Int { try number(offset, count: 2) }

  func u32(_ offset: Int) throws -> Int { try number(offset, count: 4) }

  private func number(_ offset: Int, count: Int) throws -> Int {
    guard offset >= 0, bytes.count - count >= offset else {
      throw EvalError(
        .malformedData, "the BMP image is truncated: its headers go on at byte \(offset)",
        subject: name)
    }
    return (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
  }

  /// RGB triples of as many of the colours as the file has.
  func palette(colours: Int, entryBytes: Int, at offset: Int) throws -> [UInt8] {
    guard (1...65_536).contains(colours) else {
      throw refusal("1 to 65536 colours", found: colours, at: 46)
    }
    let present = max(0, min(colours, (bytes.count - offset) / entryBytes))
    return (0..<present).flatMap { i in
      (0..<3).map { bytes[offset + i * entryBytes + 2 - $0] }
    }
  }

  func refusal(_ expected: String, found: Any, at offset: Int) -> EvalError {
    EvalError(
      .malformedData, "this kind of BMP image cannot be read: expected \(expected), found \(found)",
      subject: "\(name), byte \(offset)")
  }
}
