/// xoshiro256** 1.0 (Blackman and Vigna 2018), its state filled by SplitMix64 from one word as its authors
/// advise. The same seed gives the same numbers on every machine, which `SystemRandomNumberGenerator` and the
/// standard library's bounded draws do not promise.
package struct Xoshiro256StarStar: Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  package init(seed: UInt64) {
    var word = seed
    func splitMix() -> UInt64 {
      word &+= 0x9E37_79B9_7F4A_7C15
      var z = word
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
    state = (splitMix(), splitMix(), splitMix(), splitMix())
  }

  package mutating func next() -> UInt64 {
    let scaled = state.1 &* 5
    let result = (scaled << 7 | scaled >> 57) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = state.3 << 45 | state.3 >> 19
    return result
  }

  /// An integer in `0..<bound`: the high word of draw × bound. Its bias is below bound / 2⁶⁴.
  package mutating func next(below bound: UInt64) -> UInt64 {
    next().multipliedFullWidth(by: bound).high
  }
}
