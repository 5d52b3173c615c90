import Core
import Foundation
package import Imaging
import Statistics

/// What copies of images go through, at a strength; random choices follow from a seed.
package struct Alteration: Sendable, Hashable, Codable {
  package enum Kind: String, Sendable, Codable, CaseIterable {
    /// A part whose sides are this share of the whole's, anywhere.
    case crop
    /// Scaled to this share and back.
    case scale
    /// Width to this share, height kept.
    case aspect
    /// Turned by so many degrees to either side; the corners show the nearest pixel of the edge.
    case rotation
    /// JPEG of this quality (libjpeg's, colours not subsampled).
    case jpeg
    /// Each colour multiplied by 1 ± this much, and all lifted by up to half of it.
    case colour
    /// A part of this share, scaled to three quarters, colours by 0.1, JPEG quality 50.
    case combined
    /// The mirror image (1).
    case mirror
    /// Without its colours (1).
    case grey
  }

  package let kind: Kind
  package let strength: Double
  /// What leaves a picture easy to know again.
  package let isMild: Bool

  private init(_ kind: Kind, _ strength: Double, mild: Bool) {
    (self.kind, self.strength, isMild) = (kind, strength, mild)
  }

  /// Every kind at its strengths, the weakest first.
  package static let all: [Alteration] = {
    func graded(_ kind: Kind, mild: [Double], hard: [Double]) -> [Alteration] {
      mild.map { Alteration(kind, $0, mild: true) } + hard.map { Alteration(kind, $0, mild: false) }
    }
    return graded(.crop, mild: [0.95, 0.9, 0.8], hard: [0.65, 0.5])
      + graded(.scale, mild: [0.75, 0.5], hard: [0.25])
      + graded(.aspect, mild: [0.9, 0.75], hard: [0.5])
      + graded(.rotation, mild: [2, 5], hard: [10, 20])
      + graded(.jpeg, mild: [75, 40], hard: [20, 10])
      + graded(.colour, mild: [0.1, 0.2], hard: [0.4])
      + graded(.combined, mild: [0.9], hard: [0.7])
      + graded(.mirror, mild: [], hard: [1]) + graded(.grey, mild: [], hard: [1])
  }()

  package var name: String { "\(kind.rawValue) \(String(format: "%g", strength))" }

  /// An altered copy.
  /// - Parameters:
  ///   - image: mode `RGB`.
  ///   - seed: another gives other choices; the same the same copy.
  package func applied(to image: RasterImage, seed: UInt64) throws -> RasterImage {
    let bits = strength.bitPattern
    let salt = kind.rawValue.utf8.reduce(bits) { ($0 &* 0x100_0000_01b3) ^ UInt64($1) }
    var random = Xoshiro256StarStar(seed: seed ^ salt)
    func uniform() -> Double { Double(random.next() >> 11) * 0x1p-53 }
    func tinted(_ image: RasterImage, _ amount: Double) -> RasterImage {
      let gains = (0..<3).map { _ in 1 + amount * (2 * uniform() - 1) }
      let lift = 255 * amount / 2 * (2 * uniform() - 1)
      return image.mapped { gains[$1] * $0 + lift }
    }
    switch kind {
    case .crop: return try image.cropped(strength, uniform(), uniform())
    case .scale:
      return try image.scaled(image.width, strength, image.height, strength)
        .resampled(width: image.width, height: image.height)
    case .aspect: return try image.scaled(image.width, strength, image.height, 1)
    case .rotation: return image.turned(strength * (uniform() < 0.5 ? -1 : 1))
    case .jpeg: return try image.recompressed(quality: Int(strength))
    case .colour: return tinted(image, strength)
    case .combined:
      let part = try image.cropped(strength, uniform(), uniform())
      return try tinted(part.scaled(part.width, 0.75, part.height, 0.75), 0.1)
        .recompressed(quality: 50)
    case .mirror: return image.mirrored()
    case .grey: return image.greyed()
    }
  }
}

extension RasterImage {
  /// Larger pictures, by their shorter side, are made smaller before they are altered: no detector sees as much of them.
  private static let largestSide = 512

  /// The image in mode `RGB`.
  static func rgb(_ source: ImageSource) throws -> RasterImage {
    let image = try ImageDecoder.decode(source)
    let isLarge = min(image.width, image.height) > largestSide
    return try Preprocessor(
      PreprocessRecipe(
        order: .huggingface, resize: isLarge ? .shorterSide(largestSide) : .none, crop: .none,
        normalizes: false)
    ).pixels(of: image)
  }

  fileprivate func mapped(_ change: (Double, _ channel: Int) -> Double) -> RasterImage {
    var result = self
    for i in pixels.indices { result.pixels[i] = Self.byte(change(Double(pixels[i]), i % 3)) }
    return result
  }

  private static func byte(_ value: Double) -> UInt8 { UInt8(max(0, min(255, value.rounded()))) }

  fileprivate func greyed() -> RasterImage {
    var result = self
    for i in stride(from: 0, to: pixels.count, by: 3) {
      let luma = Self.byte(
        0.299 * Double(pixels[i]) + 0.587 * Double(pixels[i + 1]) + 0.114 * Double(pixels[i + 2]))
      for c in 0..<3 { result.pixels[i + c] = luma }
    }
    return result
  }

  fileprivate func mirrored() -> RasterImage {
    drawn(width, height) { x, y in (Double(width - 1) - x, y) }
  }

  /// About the centre.
  fileprivate func turned(_ degrees: Double) -> RasterImage {
    let (c, s) = (cos(degrees * .pi / 180), sin(degrees * .pi / 180))
    let (mx, my) = (Double(width - 1) / 2, Double(height - 1) / 2)
    return drawn(width, height) { x, y in
      (mx + c * (x - mx) - s * (y - my), my + s * (x - mx) + c * (y - my))
    }
  }

  /// - Parameters:
  ///   - share: of each side.
  ///   - right: of the room that is left, 0…1.
  fileprivate func cropped(_ share: Double, _ right: Double, _ down: Double) throws -> RasterImage {
    let (w, h) = (
      max(1, Int((Double(width) * share).rounded())),
      max(1, Int((Double(height) * share).rounded()))
    )
    let (left, top) = (
      Int((Double(width - w) * right).rounded()), Int((Double(height - h) * down).rounded())
    )
    var result = RasterImage(mode: .rgb, width: w, height: h, pixels: [])
    for y in top..<top + h {
      result.pixels += pixels[3 * (y * width + left)..<3 * (y * width + left + w)]
    }
    return result
  }

  fileprivate func scaled(
    _ width: Int, _ horizontal: Double, _ height: Int, _ vertical: Double
  ) throws -> RasterImage {
    try resampled(
      width: max(1, Int((Double(width) * horizontal).rounded())),
      height: max(1, Int((Double(height) * vertical).rounded())))
  }

  /// The mean over what a pixel covers; between pixels where that is less than one.
  fileprivate func resampled(width: Int, height: Int) throws -> RasterImage {
    let columns = Self.weights(self.width, width)
    let rows = Self.weights(self.height, height)
    var narrow = [Double](repeating: 0, count: 3 * width * self.height)
    for y in 0..<self.height {
      for x in 0..<width {
        for (from, weight) in columns[x] {
          for c in 0..<3 {
            narrow[3 * (y * width + x) + c] +=
              weight * Double(pixels[3 * (y * self.width + from) + c])
          }
        }
      }
    }
    var result = RasterImage(
      mode: .rgb, width: width, height: height,
      pixels: [UInt8](repeating: 0, count: 3 * width * height))
    for y in 0..<height {
      for i in 0..<3 * width {
        var sum = 0.0
        for (from, weight) in rows[y] { sum += weight * narrow[3 * from * width + i] }
        result.pixels[3 * y * width + i] = Self.byte(sum)
      }
    }
    return result
  }

  private static func weights(_ source: Int, _ target: Int) -> [[(Int, Double)]] {
    let step = Double(source) / Double(target)
    return (0..<target).map { i in
      // A box as wide as a pixel of the result, and at least as one of the source.
      let center = (Double(i) + 0.5) * step
      let half = max(1, step) / 2
      let first = Int((center - half).rounded(.down))
      let last = Int((center + half).rounded(.up))
      var found: [(Int, Double)] = []
      for place in first..<last {
        let share =
          min(center + half, Double(place + 1)) - max(center - half, Double(place))
        if share > 0 { found.append((max(0, min(source - 1, place)), share)) }
      }
      let sum = found.reduce(0) { $0 + $1.1 }
      return found.map { ($0.0, $0.1 / sum) }
    }
  }

  /// Each pixel from a place between pixels of this image, the nearest of the edge outside.
  private func drawn(
    _ width: Int, _ height: Int, from place: (Double, Double) -> (Double, Double)
  ) -> RasterImage {
    var result = RasterImage(
      mode: .rgb, width: width, height: height,
      pixels: [UInt8](repeating: 0, count: 3 * width * height))
    for y in 0..<height {
      for x in 0..<width {
        var (u, v) = place(Double(x), Double(y))
        u = max(0, min(Double(self.width - 1), u))
        v = max(0, min(Double(self.height - 1), v))
        let (i, j) = (Int(u), Int(v))
        let (right, below) = (min(self.width - 1, i + 1), min(self.height - 1, j + 1))
        let (s, t) = (u - Double(i), v - Double(j))
        for c in 0..<3 {
          func at(_ x: Int, _ y: Int) -> Double { Double(pixels[3 * (y * self.width + x) + c]) }
          let upper = at(i, j) + s * (at(right, j) - at(i, j))
          let lower = at(i, below) + s * (at(right, below) - at(i, below))
          result.pixels[3 * (y * width + x) + c] = Self.byte(upper + t * (lower - upper))
        }
      }
    }
    return result
  }

  fileprivate func recompressed(quality: Int) throws -> RasterImage {
    let data = try JPEGEncoder.encode(
      rgb: pixels, width: width, height: height, quality: quality)
    let image = try data.withUnsafeBytes { try ImageDecoder.decode(bytes: $0, name: "a copy") }
    return image
  }
}
