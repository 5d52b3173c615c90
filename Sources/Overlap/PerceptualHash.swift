import Foundation

/// Hashes of the lowest frequencies of an image, near for copies (Zauner 2010; `imagehash.phash`).
///
/// The luma of the 64 × 64 thumbnail goes through the two-dimensional discrete cosine transform (type II, as `scipy.fft.dctn` without norm); the n × n lowest
/// frequencies, rounded to 1/1024, give a bit each: 1 where above their median. Bit v · n + u, of vertical frequency v and horizontal u, is the bit of
/// that number, counted from the lowest of the first word. That of the constant, v = u = 0, is 0 or 1 by the same rule.
package enum PerceptualHash: Int, Sendable, CaseIterable {
  case bits64 = 8
  case bits256 = 16

  /// Frequencies along an axis.
  var frequencies: Int { rawValue }
  package var bitCount: Int { rawValue * rawValue }
  package var words: Int { bitCount / 64 }

  /// - Parameter luma: 64 × 64, rows from the top.
  func hash(luma: [Double]) -> [UInt64] {
    var spectrum = Self.spectrum(luma, frequencies: frequencies)
    for i in spectrum.indices { spectrum[i] = (spectrum[i] * 1024).rounded() / 1024 }
    return bits(spectrum)
  }

  /// - Parameter pixels: a thumbnail (`ThumbnailReader`).
  package func hash(thumbnail pixels: UnsafePointer<UInt8>) -> [UInt64] {
    hash(luma: Thumbnail.luma(pixels))
  }

  private func bits(_ spectrum: [Double]) -> [UInt64] {
    let sorted = spectrum.sorted()
    let median = (sorted[sorted.count / 2 - 1] + sorted[sorted.count / 2]) / 2
    var words = [UInt64](repeating: 0, count: words)
    for (bit, value) in spectrum.enumerated() where value > median {
      words[bit / 64] |= 1 << UInt64(bit % 64)
    }
    return words
  }

  /// 2 cos(π f (2 i + 1) / 128), f × i.
  private static let cosines: [Double] = (0..<16).flatMap { f in
    (0..<Thumbnail.side).map {
      2 * cos(.pi * Double(f * (2 * $0 + 1)) / Double(2 * Thumbnail.side))
    }
  }

  /// The lowest frequencies, vertical × horizontal.
  private static func spectrum(_ luma: [Double], frequencies n: Int) -> [Double] {
    let side = Thumbnail.side
    var rows = [Double](repeating: 0, count: n * side)
    var result = [Double](repeating: 0, count: n * n)
    luma.withUnsafeBufferPointer { luma in
      cosines.withUnsafeBufferPointer { cosines in
        for v in 0..<n {
          for y in 0..<side {
            let weight = cosines[v * side + y]
            for x in 0..<side { rows[v * side + x] += weight * luma[y * side + x] }
          }
          for u in 0..<n {
            var sum = 0.0
            for x in 0..<side { sum += cosines[u * side + x] * rows[v * side + x] }
            result[v * n + u] = sum
          }
        }
      }
    }
    return result
  }

  package static func distance(_ a: [UInt64], _ b: [UInt64]) -> Int {
    zip(a, b).reduce(0) { $0 + ($1.0 ^ $1.1).nonzeroBitCount }
  }
}
