import Foundation

/// An affine part of an image, in coordinates that run from −½ to ½ across it: (x, y) shows
/// (w0 x + w1 y + w2, w3 x + w4 y + w5) of the image.
package struct Warp: Sendable, Equatable {
  package var w: (Double, Double, Double, Double, Double, Double)

  package init(_ w: (Double, Double, Double, Double, Double, Double)) { self.w = w }

  package static let identity = Warp((1, 0, 0, 0, 1, 0))

  package static func == (a: Warp, b: Warp) -> Bool { a.values == b.values }

  var values: [Double] { [w.0, w.1, w.2, w.3, w.4, w.5] }

  var determinant: Double { w.0 * w.4 - w.1 * w.3 }

  /// A square window of the given side, its centre moved.
  static func window(side: Double, x: Double = 0, y: Double = 0) -> Warp {
    Warp((side, 0, x, 0, side, y))
  }

  /// Turned by an angle, in degrees, about the centre.
  static func turned(_ degrees: Double) -> Warp {
    let angle = degrees * .pi / 180
    return Warp((cos(angle), -sin(angle), 0, sin(angle), cos(angle), 0))
  }

  /// Of an image with this aspect (width over height), what this is of a square one: a turn stays a turn. Windows are the same of both.
  func squeezed(_ aspect: Double) -> Warp {
    Warp((w.0, w.1 / aspect, w.2, w.3 * aspect, w.4, w.5))
  }

  var mirrored: Warp { Warp((-w.0, w.1, w.2, -w.3, w.4, w.5)) }

  /// This after another: shows of the image what this shows of the other's view.
  func of(_ inner: Warp) -> Warp {
    let (a, b) = (inner.w, w)
    return Warp(
      (
        a.0 * b.0 + a.1 * b.3, a.0 * b.1 + a.1 * b.4, a.0 * b.2 + a.1 * b.5 + a.2,
        a.3 * b.0 + a.4 * b.3, a.3 * b.1 + a.4 * b.4, a.3 * b.2 + a.4 * b.5 + a.5
      ))
  }

  /// - Precondition: the determinant is not 0.
  var inverse: Warp {
    let d = determinant
    let (a, b, c, e) = (w.4 / d, -w.1 / d, -w.3 / d, w.0 / d)
    return Warp((a, b, -(a * w.2 + b * w.5), c, e, -(c * w.2 + e * w.5)))
  }

  /// Calls `body` with the six numbers in memory.
  func withPointer<Result>(_ body: (UnsafePointer<Double>) -> Result) -> Result {
    var copy = w
    return withUnsafeBytes(of: &copy) { bytes in
      // A homogeneous tuple is six doubles in a row.
      guard let base = bytes.bindMemory(to: Double.self).baseAddress else {
        preconditionFailure("six numbers have an address")
      }
      return body(base)
    }
  }
  /// The same, to be written.
  mutating func withMutablePointer<Result>(_ body: (UnsafeMutablePointer<Double>) -> Result)
    -> Result
  {
    withUnsafeMutableBytes(of: &w) { bytes in
      guard let base = bytes.bindMemory(to: Double.self).baseAddress else {
        preconditionFailure("six numbers have an address")
      }
      return body(base)
    }
  }
}
