import CKernels
import Core

/// Inner products and sums of long float64 vectors, a slice at a time on several threads. Sums over slices are in the slices' order: the
/// same bits whatever the number of threads.
struct VectorWork: Sendable {
  private let count: Int
  private let threads: Int
  private static let slice = 1 << 14

  init(count: Int, threads: Int) {
    self.count = count
    // Below this, starting threads costs more than it saves.
    self.threads = count < 1 << 17 ? 1 : min(threads, (count + Self.slice - 1) / Self.slice)
  }

  private var slices: Int { (count + Self.slice - 1) / Self.slice }

  private func range(_ slice: Int) -> Range<Int> {
    slice * Self.slice..<min(count, (slice + 1) * Self.slice)
  }

  private func each(_ body: @escaping @Sendable (_ slice: Int) -> Void) throws {
    guard threads > 1 else {
      for slice in 0..<slices { body(slice) }
      return
    }
    let queue = WorkQueue(count: slices)
    try Workers.run(count: threads) { _, isCancelled in
      while !isCancelled(), let slice = queue.next() { body(slice) }
    }
  }

  func dot(_ a: [Double], _ b: [Double]) throws -> Double { try dots(of: [a], with: [b])[0][0] }

  /// The inner products of each of `left` with each of `right`; each vector is read once.
  func dots(of left: [[Double]], with right: [[Double]]) throws -> [[Double]] {
    let width = left.count * right.count
    var partial = [Double](repeating: 0, count: slices * width)
    let a = left.map(Shared.init)
    let b = right.map(Shared.init)
    try partial.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      let target = Target(pointer: base)
      try each { slice in
        let range = range(slice)
        for i in a.indices {
          for j in b.indices {
            target.pointer[slice * width + i * b.count + j] = a[i].dot(b[j], range)
          }
        }
      }
    }
    return left.indices.map { i in
      right.indices.map { j in
        var sum = 0.0
        for slice in 0..<slices { sum += partial[slice * width + i * right.count + j] }
        return sum
      }
    }
  }

  /// Σ factors[i]·vectors[i].
  func sum(_ factors: [Double], _ vectors: [[Double]]) throws -> [Double] {
    let sources = vectors.map(Shared.init)
    return try filled { range, target in
      for i in range { target[i] = 0 }
      for (factor, source) in zip(factors, sources) { source.add(to: target, factor, range) }
    }
  }

  func difference(_ a: [Double], _ b: [Double]) throws -> [Double] {
    let (a, b) = (Shared(a), Shared(b))
    return try filled { range, target in a.subtract(b, into: target, range) }
  }

  /// base + step · direction.
  func combine(
    _ base: [Double], _ step: Double, _ direction: [Double], into result: inout [Double]
  ) throws {
    result = try sum([1, step], [base, direction])
  }

  /// A vector of which each slice is written by one thread.
  func filled<Element: Sendable>(
    _ body: @escaping @Sendable (Range<Int>, UnsafeMutablePointer<Element>) -> Void
  ) throws -> [Element] {
    try [Element](unsafeUninitializedCapacity: count) { buffer, filled in
      if let base = buffer.baseAddress {
        let target = Target(pointer: base)
        try each { slice in body(range(slice), target.pointer) }
      }
      filled = count
    }
  }

  /// Another precision.
  func converted<From: BinaryFloatingPoint & Sendable, To: BinaryFloatingPoint & Sendable>(
    _ values: [From], to: To.Type
  ) throws -> [To] {
    try filled { range, target in
      values.withUnsafeBufferPointer { values in
        for i in range { target[i] = To(values[i]) }
      }
    }
  }

  private struct Target<Element>: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Element>
  }

  /// A vector that several threads read.
  private struct Shared: Sendable {
    let values: [Double]
    init(_ values: [Double]) { self.values = values }

    func dot(_ other: Shared, _ range: Range<Int>) -> Double {
      with(other, range) { ck_dot_f64($0, $1, range.count) }
    }

    func add(to target: UnsafeMutablePointer<Double>, _ factor: Double, _ range: Range<Int>) {
      with(self, range) { values, _ in
        ck_add_scaled_f64(factor, values, target + range.lowerBound, range.count)
      }
    }

    func subtract(_ other: Shared, into target: UnsafeMutablePointer<Double>, _ range: Range<Int>) {
      with(other, range) { ck_subtract_f64($0, $1, target + range.lowerBound, range.count) }
    }

    private func with<R>(
      _ other: Shared, _ range: Range<Int>,
      _ body: (UnsafePointer<Double>, UnsafePointer<Double>) -> R
    ) -> R {
      values.withUnsafeBufferPointer { a in
        other.values.withUnsafeBufferPointer { b in
          guard let a = a.baseAddress, let b = b.baseAddress else {
            preconditionFailure("a slice of an empty vector")
          }
          return body(a + range.lowerBound, b + range.lowerBound)
        }
      }
    }
  }
}
