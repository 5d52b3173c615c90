import CKernels
import Core

/// Pillow's `Image.resize`, restricted to the window that a crop keeps: two passes, rows first, each rounded to
/// 8 bits; source rows and columns that no kept pixel needs are never looked at.
enum Resampler {
  /// Calls `body` with each visible row, top to bottom: `horizontal.count` pixels in the image's mode, readable
  /// some bytes further.
  static func forEachRow(
    of image: PixelBuffer, _ horizontal: AxisSampling, _ vertical: AxisSampling,
    workspace: PreprocessWorkspace,
    _ body: (_ y: Int, _ row: UnsafePointer<UInt8>) throws -> Void
  ) throws {
    switch (horizontal, vertical) {
    case (.nearest, _), (_, .nearest):
      try pickRows(of: image, horizontal, vertical, workspace, body)
    default:
      try weighRows(of: image, horizontal, vertical, workspace, body)
    }
  }

  private static func weighRows(
    of image: PixelBuffer, _ horizontal: AxisSampling, _ vertical: AxisSampling,
    _ workspace: PreprocessWorkspace,
    _ body: (_ y: Int, _ row: UnsafePointer<UInt8>) throws -> Void
  ) throws {
    let channels = image.mode.channels
    let sourceRows = vertical.sourceRange
    let rowBytes = horizontal.count * channels
    var rows = UnsafePointer(image.base + sourceRows.lowerBound * image.stride)
    var stride = image.stride
    switch horizontal {
    case .bicubic(let weights):
      stride = roundedUp(rowBytes + 4)
      let narrowed = try workspace.intermediate.bytes(
        PixelBuffer.byteCount(rows: sourceRows.count, stride: stride))
      resize_horizontal(
        workspace.isa, rows, image.stride, Int32(channels), Int32(sourceRows.count), narrowed,
        stride, Int32(horizontal.count), weights.first, Int32(weights.groups), weights.weights,
        weights.packed)
      rows = UnsafePointer(narrowed)
    case .copy(let columns): rows += columns.lowerBound * channels
    case .nearest: return
    }

    guard case .bicubic(let weights) = vertical else {
      for y in 0..<sourceRows.count { try body(y, rows + y * stride) }
      return
    }
    let output = try workspace.row.bytes(roundedUp(rowBytes))
    let groups = weights.groups
    try weights.weights.withUnsafeBufferPointer { taps in
      try weights.packed.withUnsafeBufferPointer { packed in
        for y in 0..<weights.first.count {
          resize_vertical(
            workspace.isa, rows, stride, weights.first[y] - Int32(sourceRows.lowerBound),
            Int32(groups), taps.baseAddress?.advanced(by: y * groups * 4),
            packed.baseAddress?.advanced(by: y * groups * 8), output, rowBytes)
          try body(y, output)
        }
      }
    }
  }

  /// Images of one byte a pixel only: Pillow resizes modes `P` and `1` so.
  private static func pickRows(
    of image: PixelBuffer, _ horizontal: AxisSampling, _ vertical: AxisSampling,
    _ workspace: PreprocessWorkspace,
    _ body: (_ y: Int, _ row: UnsafePointer<UInt8>) throws -> Void
  ) throws {
    let columns = positions(horizontal)
    let output = try workspace.row.bytes(columns.count)
    for (y, sourceRow) in positions(vertical).enumerated() {
      if let sourceRow {
        let from = image.base + sourceRow * image.stride
        for (x, column) in columns.enumerated() { output[x] = column.map { from[$0] } ?? 0 }
      } else {
        output.update(repeating: 0, count: columns.count)
      }
      try body(y, output)
    }
  }

  private static func positions(_ axis: AxisSampling) -> [Int?] {
    switch axis {
    case .nearest(let positions): positions
    case .copy(let range): Array(range)
    case .bicubic(let weights): weights.first.map(Int.init)
    }
  }

  private static func roundedUp(_ count: Int) -> Int { (count + 63) & ~63 }
}
