import CKernels

/// Lays two pictures over each other and says how alike they are then.
///
/// The affine warp is sought that maximises the correlation of their colours, each with its mean over the common part taken away (enhanced correlation
/// coefficient; Evangelidis and Psarakis, IEEE PAMI 30(10), 2008), from several beginnings at 16 × 16 pixels, the best of them on to 32 × 32 and 64 × 64.
enum Registration {
  struct Result: Sendable, Equatable {
    /// −1…1 at 64 × 64 pixels; 0 where the common part is too small or has no detail.
    var correlation: Double
    /// From coordinates of the target to those of the source.
    var warp: Warp
  }

  /// Below this at 16 × 16 pixels, pictures are not looked at any closer.
  static let leastCoarse = 0.8
  private static let steps = [4, 8, 12]

  /// - Parameter starts: warps to begin with.
  /// - Returns: nil for pictures that are too unlike from each of the starts.
  static func align(_ source: Pyramid, to target: Pyramid, starts: [Warp]) -> Result? {
    var coarse: [Result] = []
    for start in starts {
      let result = refine(source, target, level: 2, start)
      if result.correlation >= leastCoarse { coarse.append(result) }
      // Seldom is another start better than one that leads as far as this.
      if result.correlation >= 0.97 { break }
    }
    coarse.sort { $0.correlation > $1.correlation }
    var best: Result?
    for result in coarse.prefix(2) {
      let finer = refine(source, target, level: 1, result.warp)
      if finer.correlation > best?.correlation ?? 0 { best = finer }
    }
    return best.map { refine(source, target, level: 0, $0.warp) }
  }

  private static func refine(
    _ source: Pyramid, _ target: Pyramid, level: Int, _ start: Warp
  ) -> Result {
    var best = Result(correlation: 0, warp: start)
    var warp = start
    let side = Pyramid.sides[level]
    for _ in 0...steps[level] {
      guard isPlausible(warp) else { break }
      let sums = sums(source.levels[level], target.levels[level], side, warp)
      let correlation = correlation(sums, side, warp)
      guard correlation > best.correlation else { break }
      let gain = correlation - best.correlation
      best = Result(correlation: correlation, warp: warp)
      guard gain > 1e-5, let next = step(sums, warp) else { break }
      warp = next
    }
    return best
  }

  /// Copies are not turned by more than a quarter, squeezed to less than a third, or sheared beyond recognition.
  private static func isPlausible(_ warp: Warp) -> Bool {
    let w = warp.w
    let first = (w.0 * w.0 + w.3 * w.3).squareRoot()
    let second = (w.1 * w.1 + w.4 * w.4).squareRoot()
    guard first > 0.3, first < 3.4, second > 0.3, second < 3.4 else { return false }
    let ratio = first / second
    let area = abs(warp.determinant) / (first * second)
    return ratio > 0.5 && ratio < 2 && area > 0.85
  }

  private static func sums(
    _ source: [Float], _ target: [Float], _ side: Int, _ warp: Warp
  ) -> ck_alignment {
    var sums = ck_alignment()
    warp.withPointer { ck_align_sums(source, target, side, $0, &sums) }
    return sums
  }

  private static func correlation(_ sums: ck_alignment, _ side: Int, _ warp: Warp) -> Double {
    let share = sums.count / Double(side * side)
    let coverage = share * abs(warp.determinant)
    guard max(share, coverage) >= 0.6, min(share, coverage) >= 0.2 else { return 0 }
    // A standard deviation of 2 over the common part: less is not what a picture is known by.
    guard min(sums.ss, sums.tt) >= 4 * 3 * sums.count else { return 0 }
    return sums.st / (sums.ss * sums.tt).squareRoot()
  }

  /// The next warp of the iteration (equations 19 and 20 of the paper), or nil where it has none.
  private static func step(_ sums: ck_alignment, _ warp: Warp) -> Warp? {
    let gs = values(sums.gs)
    let gt = values(sums.gt)
    var matrix = withUnsafeBytes(of: sums.gg) { Array($0.bindMemory(to: Double.self)) }
    for i in 0..<6 { matrix[7 * i] *= 1.0001 }
    guard let factor = Cholesky6(matrix) else { return nil }
    let projected = factor.solve(gs)
    let above = sums.ss - dot(gs, projected)
    let below = sums.st - dot(gt, projected)
    guard below > 0, above > 0 else { return nil }
    let scale = above / below
    let change = factor.solve((0..<6).map { scale * gt[$0] - gs[$0] })
    guard change.allSatisfy(\.isFinite) else { return nil }
    let w = warp.w
    return Warp(
      (
        w.0 + change[0], w.1 + change[1], w.2 + change[2], w.3 + change[3], w.4 + change[4],
        w.5 + change[5]
      ))
  }

  private static func values(_ t: (Double, Double, Double, Double, Double, Double)) -> [Double] {
    [t.0, t.1, t.2, t.3, t.4, t.5]
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }
}

/// A symmetric positive definite 6 × 6 matrix, factored.
private struct Cholesky6 {
  private var l: [Double]

  /// Nil for a matrix that is not positive definite.
  init?(_ a: [Double]) {
    l = a
    for j in 0..<6 {
      for i in j..<6 {
        var sum = a[6 * i + j]
        for k in 0..<j { sum -= l[6 * i + k] * l[6 * j + k] }
        if i == j {
          guard sum > 1e-9 * max(1, a[7 * j]) else { return nil }
          l[7 * j] = sum.squareRoot()
        } else {
          l[6 * i + j] = sum / l[7 * j]
        }
      }
    }
  }

  func solve(_ b: [Double]) -> [Double] {
    var x = b
    for i in 0..<6 {
      for k in 0..<i { x[i] -= l[6 * i + k] * x[k] }
      x[i] /= l[7 * i]
    }
    for i in (0..<6).reversed() {
      for k in Swift.stride(from: i + 1, to: 6, by: 1) { x[i] -= l[6 * k + i] * x[k] }
      x[i] /= l[7 * i]
    }
    return x
  }
}
