import Core
import Foundation
import TensorFiles

/// The pixels of a NumPy array: height × width (greyscale), or height × width × 2, 3 or 4 (with alpha, colour, both) of
/// uint8. The modes are those of Pillow's `Image.fromarray`.
struct ArrayCodec: ImageCodec {
  let header: ImageHeader
  private let array: TensorView

  init(_ bytes: UnsafeRawBufferPointer, name: String) throws {
    array = try NPYFile.read(Data(bytes), name: name)
    let shape = array.shape
    guard array.type == .uint8, shape.count == 2 || shape.count == 3,
      let mode = Self.modes[shape.count == 2 ? 1 : shape[2]], shape.count == 2 || shape[2] > 1
    else {
      throw EvalError(
        .malformedData,
        "expected an array of uint8 of shape height × width or height × width × 2, 3 or 4, found \(array.type) \(shape)",
        subject: name)
    }
    header = ImageHeader(mode: mode, width: shape[1], height: shape[0])
  }

  private static let modes: [Int: RasterImage.Mode] = [1: .l, 2: .la, 3: .rgb, 4: .rgba]

  func read(
    rows: Range<Int>, columns: Range<Int>, into pixels: UnsafeMutablePointer<UInt8>, stride: Int
  ) throws {
    let rowBytes = header.width * header.mode.bytesPerPixel
    for y in rows {
      UnsafeMutableRawBufferPointer(start: pixels + y * stride, count: rowBytes)
        .copyMemory(
          from: UnsafeRawBufferPointer(rebasing: array.bytes[(y * rowBytes)...].prefix(rowBytes)))
    }
  }
}
