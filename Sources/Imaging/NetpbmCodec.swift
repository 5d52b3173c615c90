import Core

/// PBM, PGM and PPM images, plain (`P1`–`P3`) and binary (`P4`–`P6`); GTSRB is distributed as `P6`.
///
/// Samples are scaled to 8 bits where the maximum value is not 255; greyscale above 255 gives 16 bits, as in Pillow.
struct NetpbmCodec: ImageCodec {
  let header: ImageHeader
  private let bytes: UnsafeRawBufferPointer
  private let name: String
  private let isPlain: Bool
  private let channels: Int
  /// Of a sample; 1 for PBM.
  private let maximum: Int
  /// Where the samples start.
  private let offset: Int

  init(_ bytes: UnsafeRawBufferPointer, name: String) throws {
    let kind = bytes[1] - UInt8(ascii: "0")
    var scanner = NetpbmScanner(bytes, position: 2, name: name)
    let width = try scanner.number("width")
    let height = try scanner.number("height")
    let isBilevel = kind == 1 || kind == 4
    maximum = isBilevel ? 1 : try scanner.number("maximum value")
    guard (1..<65_536).contains(maximum) else {
      throw EvalError(
        .malformedData, "expected a maximum value from 1 to 65535, found \(maximum)",
        subject: "\(name), byte \(scanner.position)")
    }
    isPlain = kind <= 3
    channels = kind == 3 || kind == 6 ? 3 : 1
    offset = scanner.position
    let grey: RasterImage.Mode = maximum > 255 ? .integer : .l
    header = ImageHeader(
      mode: isBilevel ? .bilevel : channels == 3 ? .rgb : grey, width: width, height: height)
    self.bytes = bytes
    self.name = name
  }

  func read(
    rows: Range<Int>, columns: Range<Int>, into pixels: UnsafeMutablePointer<UInt8>, stride: Int
  ) throws {
    let samples = header.width * channels
    if isPlain { return try readPlain(samples: samples, pixels, stride: stride) }
    let sampleBytes = maximum > 255 ? 2 : 1
    let rowBytes = header.mode == .bilevel ? (samples + 7) / 8 : samples * sampleBytes
    guard bytes.count - offset >= rowBytes * header.height else {
      throw truncated(
        expected: "\(rowBytes * header.height) bytes of samples", found: "\(bytes.count - offset)")
    }
    let scaled = header.mode == .bilevel || maximum == 255 ? [] : scaledSamples()
    for y in 0..<header.height {
      let from = UnsafeRawBufferPointer(
        rebasing: bytes[(offset + y * rowBytes)...].prefix(rowBytes))
      let to = pixels + y * stride
      if header.mode == .bilevel {
        // A set bit is black.
        for x in 0..<samples { to[x] = from[x / 8] >> (7 - x % 8) & 1 == 1 ? 0 : 255 }
      } else if maximum == 255 {
        UnsafeMutableRawBufferPointer(start: to, count: rowBytes).copyMemory(from: from)
      } else {
        for x in 0..<samples {
          let value =
            sampleBytes == 1 ? Int(from[x]) : Int(from[2 * x]) << 8 | Int(from[2 * x + 1])
          store(scaled[min(value, maximum)], at: x, to)
        }
      }
    }
  }

  private func readPlain(
    samples: Int, _ pixels: UnsafeMutablePointer<UInt8>, stride: Int
  ) throws {
    var scanner = NetpbmScanner(bytes, position: offset, name: name)
    let scaled = scaledSamples()
    for y in 0..<header.height {
      let to = pixels + y * stride
      for x in 0..<samples {
        if header.mode == .bilevel {
          // Digits need no blanks between them.
          guard let bit = try scanner.bit() else {
            throw truncated(
              expected: "\(samples * header.height) pixels", found: "\(y * samples + x)")
          }
          to[x] = bit ? 0 : 255
        } else {
          guard let value = try scanner.sample() else {
            throw truncated(
              expected: "\(samples * header.height) samples", found: "\(y * samples + x)")
          }
          guard value <= maximum else {
            throw EvalError(
              .malformedData, "a sample of \(value), above the maximum value \(maximum)",
              subject: "\(name), byte \(scanner.position)")
          }
          store(scaled[value], at: x, to)
        }
      }
    }
  }

  private func store(_ value: UInt16, at x: Int, _ row: UnsafeMutablePointer<UInt8>) {
    if header.mode == .integer {
      UnsafeMutableRawPointer(row).storeBytes(of: value, toByteOffset: 2 * x, as: UInt16.self)
    } else {
      row[x] = UInt8(truncatingIfNeeded: value)
    }
  }

  /// What each sample value becomes, by Pillow's rule: Python's `round(value / maximum * whole)`, halves to even.
  private func scaledSamples() -> [UInt16] {
    let whole = header.mode == .integer ? 65_535.0 : 255.0
    return (0...maximum).map {
      UInt16((Double($0) / Double(maximum) * whole).rounded(.toNearestOrEven))
    }
  }

  private func truncated(expected: String, found: String) -> EvalError {
    EvalError(
      .malformedData,
      "the PBM/PGM/PPM image is truncated: expected \(expected), found \(found).",
      subject: name, remedy: "Fetch or extract the file again.")
  }
}
