/// NumPy's `RandomState`: the Mersenne Twister MT19937 (Matsumoto and Nishimura 1998) with the draws that NumPy has frozen. For splits
/// that were published as a seed.
package struct LegacyRandom {
  private static let size = 624
  private var state: [UInt32]
  private var position = LegacyRandom.size

  package init(seed: UInt32) {
    state = [seed]
    for i in 1..<UInt32(Self.size) {
      let last = state[state.count - 1]
      state.append(1_812_433_253 &* (last ^ last >> 30) &+ i)
    }
  }

  private mutating func next() -> UInt32 {
    if position == Self.size { refill() }
    var y = state[position]
    position += 1
    y ^= y >> 11
    y ^= y << 7 & 0x9D2C_5680
    y ^= y << 15 & 0xEFC6_0000
    return y ^ y >> 18
  }

  private mutating func refill() {
    for i in 0..<Self.size {
      let y = state[i] & 0x8000_0000 | state[(i + 1) % Self.size] & 0x7FFF_FFFF
      state[i] = state[(i + 397) % Self.size] ^ y >> 1 ^ (y & 1 == 1 ? 0x9908_B0DF : 0)
    }
    position = 0
  }

  /// 0…`highest`, by drawing again whatever is above.
  private mutating func draw(upTo highest: UInt32) -> UInt32 {
    if highest == 0 { return 0 }
    let mask = UInt32.max >> UInt32(highest.leadingZeroBitCount)
    while true {
      let value = next() & mask
      if value <= highest { return value }
    }
  }

  /// `permutation(count)`; its first elements are `choice(count, size, replace=False)`.
  package mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for i in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(i, Int(draw(upTo: UInt32(i))))
    }
    return order
  }
}
