/// Random numbers that are the same on every machine: SplitMix64 (Steele, Lea and Flood 2014), seeded by a name.
///
/// Every image has a stream of its own, named after it, so that images can be drawn in any order and adding one
/// changes no other.
package struct Random: Sendable {
  private var state: UInt64

  /// - Parameter stream: what the numbers are for, such as `DemoNet/val/17`.
  package init(_ stream: String, seed: UInt64) {
    // FNV-1a, so that names that differ in one letter start far apart once mixed below.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ Self.mixed(seed)
    for byte in stream.utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }
    state = hash
    _ = next()
  }

  /// The generator's own state, for comparison with published numbers.
  package init(state: UInt64) { self.state = state }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    return Self.mixed(state)
  }

  static func mixed(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// Uniform in 0..<1, with 24 bits.
  package mutating func unit() -> Float { Float(next() >> 40) / Float(1 << 24) }

  package mutating func uniform(_ range: ClosedRange<Float>) -> Float {
    range.lowerBound + (range.upperBound - range.lowerBound) * unit()
  }

  /// Uniform in 0..<count.
  package mutating func below(_ count: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(count)).high)
  }

  package mutating func integer(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + below(range.count)
  }

  package mutating func chance(_ probability: Float) -> Bool { unit() < probability }

  package mutating func pick<T>(_ choices: [T]) -> T { choices[below(choices.count)] }

  /// A choice with the given weights.
  package mutating func pick<T>(weighted choices: [(T, Float)]) -> T {
    var rest = unit() * choices.reduce(0) { $0 + $1.1 }
    for (choice, weight) in choices.dropLast() {
      if rest < weight { return choice }
      rest -= weight
    }
    return choices[choices.count - 1].0
  }

  /// `count` of them in random order (Fisher–Yates).
  package mutating func sample<T>(_ count: Int, of values: [T]) -> [T] {
    var values = values
    let count = min(count, values.count)
    for i in 0..<count { values.swapAt(i, i + below(values.count - i)) }
    return Array(values[..<count])
  }

  /// About normal, standard deviation 1: the sum of twelve uniform numbers, which needs no logarithm.
  package mutating func normal() -> Float {
    var sum: Float = -6
    for _ in 0..<12 { sum += unit() }
    return sum
  }
}
