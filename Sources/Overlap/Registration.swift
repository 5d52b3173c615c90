import CKernels

/// Lays two pictures over each other and says how alike their edges are then.
///
/// A warp is sought that maximises the correlation of the colours, each with its mean over the common part taken away (enhanced correlation
/// coefficient; Evangelidis and Psarakis, IEEE PAMI 30(10), 2008): at 16 × 16 pixels from several beginnings, from the best of them on at 32 × 32 and 64 × 64. Edges
/// are compared at 32 × 32.
///
/// The more freely a picture may be moved, the more alike it can be made to another, so the distance from 1 counts more for freer moves:
///
///     score = max over moves of 1 − weight · (1 − correlation of edges) − tint · (largest change of a colour's mean, of 255)
///
/// with the weights and tints of `Fit`, which were chosen on the demo world so that false alarms are about as frequent by each (Documentation/Overlap.md).
enum Registration {
  enum Fit: String, Sendable, CaseIterable {
    /// Not moved, or mirrored.
    case inPlace
    /// A part that is all within the picture, its aspect kept.
    case part
    /// The same with another aspect.
    case stretched
    /// Turned, scaled and shifted.
    case turned

    var weight: Double {
      switch self {
      case .inPlace: 1
      case .part: 6
      case .stretched: 20
      case .turned: 30
      }
    }

    /// A copy that is both moved and recoloured is rarer than a look-alike of other colours.
    var tint: Double { self == .inPlace ? 0.8 : 3 }
  }

  /// By what a warp may change.
  enum Moves: Sendable {
    /// Shifted and scaled, each axis by itself.
    case window
    /// Shifted, scaled and turned.
    case similarity
  }

  struct Result: Sendable, Equatable {
    /// At most 1.
    var score: Double
    var fit: Fit
    /// From coordinates of the target to those of the source.
    var warp: Warp
  }

  private struct Position {
    var correlation: Double
    var warp: Warp
  }

  /// Below this correlation of colours at 16 × 16 pixels, pictures are not looked at any closer.
  private static let leastCoarse = 0.8
  private static let steps = [4, 8, 12]

  /// - Parameters:
  ///   - aspect: of the target's image, width over height.
  ///   - starts: warps to begin with.
  static func compare(
    _ source: Pyramid, with target: Pyramid, aspect: Double, starts: [Warp]
  ) -> Result {
    var best = Result(score: -.infinity, fit: .inPlace, warp: .identity)
    func take(_ fit: Fit, _ warp: Warp) {
      let edges = edges(source, target, warp)
      let score = 1 - fit.weight * (1 - edges.correlation) - fit.tint * edges.shift / 255
      guard edges.share >= 0.3, score > best.score else { return }
      best = Result(score: score, fit: fit, warp: warp)
    }
    take(.inPlace, .identity)
    take(.inPlace, Warp.identity.mirrored)
    guard best.score < 0.97 else { return best }
    for moves in [Moves.window, .similarity] {
      let usable = starts.filter { moves == .similarity || $0.isUpright }
      guard let position = align(source, target, aspect, usable, moves) else { continue }
      switch moves {
      case .similarity: take(.turned, position.warp)
      case .window:
        let overhang = position.warp.overhang
        let stretch = abs(position.warp.w.0) / abs(position.warp.w.4)
        if overhang <= 0.01, abs(stretch - 1) <= 0.015 {
          take(.part, position.warp)
        } else if overhang <= 0.02 {
          take(.stretched, position.warp)
        }
      }
    }
    return best
  }

  private static func edges(
    _ source: Pyramid, _ target: Pyramid, _ warp: Warp
  ) -> (correlation: Double, share: Double, shift: Double) {
    var (share, shift) = (0.0, 0.0)
    let correlation = warp.withPointer {
      ck_edge_correlation(source.levels[0], target.levels[1], Pyramid.sides[0], $0, &share, &shift)
    }
    return (correlation, share, shift)
  }

  /// Nil for pictures that are too unlike from each of the starts.
  private static func align(
    _ source: Pyramid, _ target: Pyramid, _ aspect: Double, _ starts: [Warp], _ moves: Moves
  ) -> Position? {
    var coarse: Position?
    for start in starts {
      let position = refine(source, target, aspect, level: 2, start, moves)
      if position.correlation > coarse?.correlation ?? leastCoarse { coarse = position }
      // Seldom does another start lead further.
      if position.correlation >= 0.97 { break }
    }
    guard let coarse else { return nil }
    let middle = refine(source, target, aspect, level: 1, coarse.warp, moves)
    return refine(source, target, aspect, level: 0, middle.warp, moves)
  }

  private static func refine(
    _ source: Pyramid, _ target: Pyramid, _ aspect: Double, level: Int, _ start: Warp,
    _ moves: Moves
  ) -> Position {
    var best = Position(correlation: 0, warp: start)
    var warp = start
    let side = Pyramid.sides[level]
    for _ in 0...steps[level] {
      guard warp.isPlausible else { break }
      var sums = ck_alignment()
      warp.withPointer {
        ck_align_sums(source.levels[level], target.levels[level], side, $0, &sums)
      }
      let correlation = correlation(sums, side, warp)
      guard correlation > best.correlation else { break }
      let gain = correlation - best.correlation
      best = Position(correlation: correlation, warp: warp)
      guard gain > 1e-5 else { break }
      var next = Warp.identity
      let found = next.withMutablePointer { next in
        warp.withPointer { ck_align_step(&sums, $0, moves == .similarity ? aspect : 0, next) }
      }
      guard found != 0 else { break }
      warp = next
    }
    return best
  }

  private static func correlation(_ sums: ck_alignment, _ side: Int, _ warp: Warp) -> Double {
    let share = sums.count / Double(side * side)
    let coverage = share * abs(warp.determinant)
    guard max(share, coverage) >= 0.6, min(share, coverage) >= 0.2 else { return 0 }
    // A standard deviation of 2 over the common part: less is not what a picture is known by.
    guard min(sums.ss, sums.tt) >= 4 * 3 * sums.count else { return 0 }
    return sums.st / (sums.ss * sums.tt).squareRoot()
  }
}

extension Warp {
  fileprivate var isUpright: Bool { w.1 == 0 && w.3 == 0 }

  /// Copies are not squeezed to less than a third, nor stretched to twice the aspect.
  fileprivate var isPlausible: Bool {
    let first = (w.0 * w.0 + w.3 * w.3).squareRoot()
    let second = (w.1 * w.1 + w.4 * w.4).squareRoot()
    guard first > 0.3, first < 3.4, second > 0.3, second < 3.4 else { return false }
    return first / second > 0.5 && first / second < 2
  }

  /// How far the frame of the one picture reaches out of the other's, or that of the other out of the one's, whichever is less.
  fileprivate var overhang: Double { min(reach, inverse.reach) }

  private var reach: Double {
    let x = (abs(w.0) + abs(w.1)) / 2 + abs(w.2)
    let y = (abs(w.3) + abs(w.4)) / 2 + abs(w.5)
    return max(0, max(x, y) - 0.5)
  }
}
