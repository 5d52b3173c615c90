import Core

/// The header of a binary PGM (`P5`) or PPM (`P6`) file with 8-bit samples; GTSRB is distributed so.
struct NetpbmHeader {
  let channels: Int
  let width: Int
  let height: Int
  /// Where the samples start.
  private let offset: Int

  init(_ bytes: UnsafeRawBufferPointer, name: String) throws {
    var position = 2
    func number(_ what: String) throws -> Int {
      var value: Int?
      while position < bytes.count {
        let byte = bytes[position]
        switch byte {
        case UInt8(ascii: "#") where value == nil:
          while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
          let next = (value ?? 0) * 10 + Int(byte - UInt8(ascii: "0"))
          guard next < 1 << 31 else {
            throw EvalError(
              .malformedData, "\(what) is over 2³¹", subject: "\(name), byte \(position)")
          }
          value = next
        case UInt8(ascii: " "), 9, 10, 11, 12, 13:
          if let value {
            // Exactly one blank follows the last number; the samples start after it.
            position += 1
            return value
          }
        default:
          throw EvalError(
            .malformedData, "expected the \(what) of a PPM/PGM image, found byte \(byte)",
            subject: "\(name), byte \(position)")
        }
        position += 1
      }
      throw EvalError(.malformedData, "the PPM/PGM header is truncated", subject: name)
    }
    channels = bytes[1] == UInt8(ascii: "6") ? 3 : 1
    width = try number("width")
    height = try number("height")
    let maximum = try number("maximum value")
    guard maximum == 255 else {
      throw EvalError(
        .malformedData,
        "PPM/PGM images are read with 8-bit samples (maximum value 255), found \(maximum)",
        subject: name)
    }
    offset = position
  }

  func read(
    _ bytes: UnsafeRawBufferPointer, into pixels: UnsafeMutablePointer<UInt8>, stride: Int,
    name: String
  ) throws {
    let row = width * channels
    guard bytes.count - offset >= row * height else {
      throw EvalError(
        .malformedData,
        "the PPM/PGM image is truncated: expected \(row * height) bytes of samples, found \(bytes.count - offset).",
        subject: name, remedy: "Fetch or extract the file again.")
    }
    for y in 0..<height {
      UnsafeMutableRawBufferPointer(start: pixels + y * stride, count: row)
        .copyMemory(
          from: UnsafeRawBufferPointer(rebasing: bytes[(offset + y * row)...].prefix(row)))
    }
  }
}
