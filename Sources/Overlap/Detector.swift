/// A way to tell copies. Scores of different detectors mean different things, and each has a threshold of its own.
package enum Detector: String, Sendable, CaseIterable, Codable {
  /// 1 − share of the 64 bits of a perceptual hash that differ.
  case hash64 = "phash-64"
  /// 1 − share of the 256 bits of a perceptual hash that differ.
  case hash256 = "phash-256"
  /// Correlation of 8 × 8 coloured cells, the best over views of one of the two.
  case cells
  /// Correlation of the edges after one picture was laid over the other, less for freer moves; candidates by `cells`.
  case registered
  /// Cosine of the features of a model.
  case embedding

  /// Those that need nothing but images.
  package static let ofImages: [Detector] = [.hash64, .hash256, .cells, .registered]

  /// What is reported unless a user says otherwise (Documentation/Overlap.md says on what evidence).
  package var defaultThreshold: Double {
    switch self {
    case .hash64: 0.92
    case .hash256: 0.85
    case .cells: 0.98
    case .registered: 0.8
    case .embedding: 0.95
    }
  }

  var hash: PerceptualHash? {
    switch self {
    case .hash64: .bits64
    case .hash256: .bits256
    case .cells, .registered, .embedding: nil
    }
  }
}
