/// Which frames of a video stand for it.
package enum FrameChoice: Sendable, Hashable {
  /// Frame ⌊n/2⌋ of n, counted from 0 (paper, section 3.2: the middle frame of each clip).
  case middle
  /// The middle frames of N equal parts: ⌊(2i+1)·n / 2N⌋ for i = 0 … N−1. Frames repeat where a video has fewer than N.
  case uniform(Int)

  package var count: Int {
    switch self {
    case .middle: 1
    case .uniform(let count): count
    }
  }

  /// - Parameters:
  ///   - position: which of the chosen frames, `0..<count`.
  ///   - frameCount: frames of the video, at least 1.
  package func frame(at position: Int, of frameCount: Int) -> Int {
    min((2 * position + 1) * frameCount / (2 * count), frameCount - 1)
  }
}

extension FrameChoice: CustomStringConvertible {
  /// As options spell it.
  package var description: String {
    switch self {
    case .middle: "middle"
    case .uniform(let count): "uniform:\(count)"
    }
  }

  /// Nil for any other text, and for more frames than any video has.
  package init?(_ text: String) {
    if text == "middle" {
      self = .middle
      return
    }
    let lead = "uniform:"
    guard text.hasPrefix(lead), let count = Int(text.dropFirst(lead.count)),
      (1...Self.limit).contains(count)
    else { return nil }
    self = .uniform(count)
  }

  /// All chosen frames of a clip are decoded at once and held in memory.
  package static let limit = 1000
}
