/// Which units a bootstrap draws.
package enum Resamples: Sendable {
  /// So many resamples by the program's own generator, of as many units as there are, with replacement.
  case drawn(Int = Bootstrap.resampleCount)
  /// These: of each resample the numbers of the units drawn, as many as there are units. For checks against other programs.
  case given([[Int]])

  var count: Int {
    switch self {
    case .drawn(let count): count
    case .given(let draws): draws.count
    }
  }

  /// Calls `body` with the units drawn of each resample, in turn.
  /// - Returns: false without resamples, and where a given one does not draw as many units as there are.
  func forEach(units: Int, _ body: ([Int]) -> Void) -> Bool {
    guard count > 0 else { return false }
    switch self {
    case .given(let draws):
      guard
        draws.allSatisfy({ $0.count == units && $0.allSatisfy { (0..<units).contains($0) } })
      else { return false }
      draws.forEach(body)
    case .drawn(let count):
      var generator = Xoshiro256StarStar(seed: Bootstrap.seed)
      var drawn = [Int](repeating: 0, count: units)
      for _ in 0..<count {
        for index in drawn.indices { drawn[index] = Int(generator.next(below: UInt64(units))) }
        body(drawn)
      }
    }
    return true
  }
}
