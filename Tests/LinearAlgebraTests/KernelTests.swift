import CKernels
import Foundation
import LinearAlgebra
import Synchronization
import TestSupport
import Testing

/// Values in −1…1 from SplitMix64.
func pseudoRandom(_ count: Int, seed: UInt64) -> [Float] {
  var state = seed
  return (0..<count).map { _ in
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Float((z ^ (z >> 31)) >> 40) / Float(1 << 23) - 1
  }
}

@Suite("Kernels against double precision") struct KernelTests {
  @Test func layerNorm() {
    let (rows, columns) = (3, 197)
    let input = pseudoRandom(rows * columns, seed: 1)
    let bias = pseudoRandom(columns, seed: 2)
    let gamma = pseudoRandom(columns, seed: 3)
    let beta = pseudoRandom(columns, seed: 4)
    var x = input
    var out = [Float](repeating: 0, count: x.count)
    ck_bias_layer_norm(&x, bias, gamma, beta, 1e-5, &out, rows, columns)
    for r in 0..<rows {
      let row = (0..<columns).map { Double(input[r * columns + $0] + bias[$0]) }
      let mean = row.reduce(0, +) / Double(columns)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
      for c in 0..<columns {
        let expected =
          (row[c] - mean) / (variance + 1e-5).squareRoot() * Double(gamma[c]) + Double(beta[c])
        #expect(abs(Double(out[r * columns + c]) - expected) < 2e-6)
        #expect(x[r * columns + c] == input[r * columns + c] + bias[c])
      }
    }
  }

  @Test func activations() {
    // Over the range where they bend, and far outside it.
    let values = stride(from: Float(-30), through: 30, by: 0.01).map { $0 } + [-1e4, 1e4, 0, -0]
    let zeros = [Float](repeating: 0, count: values.count)
    var quick = values
    ck_bias_quick_gelu(&quick, zeros, 1, values.count)
    var exact = values
    ck_bias_gelu(&exact, zeros, 1, values.count)
    for (i, value) in values.enumerated() {
      let v = Double(value)
      let quickExpected = v / (1 + exp(-1.702 * v))
      let exactExpected = 0.5 * v * erfc(-v / 2.0.squareRoot())
      #expect(abs(Double(quick[i]) - quickExpected) <= 3e-7 * max(1, abs(v)), "quick_gelu(\(v))")
      #expect(abs(Double(exact[i]) - exactExpected) <= 5e-7 * max(1, abs(v)), "gelu(\(v))")
    }
  }

  @Test(arguments: [false, true]) func softmax(causal: Bool) {
    let n = 50
    let input = pseudoRandom(n * n, seed: 5).map { $0 * 40 }
    var x = input
    ck_softmax(&x, 0.125, causal ? 1 : 0, n, n)
    for r in 0..<n {
      let seen = causal ? r + 1 : n
      let exponentials = (0..<seen).map { exp(Double(input[r * n + $0]) * 0.125) }
      let sum = exponentials.reduce(0, +)
      for c in 0..<n {
        let expected = c < seen ? exponentials[c] / sum : 0
        #expect(abs(Double(x[r * n + c]) - expected) < 3e-7)
      }
    }
  }

  @Test func normalizeLeavesZeroRows() {
    var x: [Float] = [3, 4, 0, 0]
    ck_normalize_rows(&x, 2, 2)
    #expect(x == [0.6, 0.8, 0, 0])
  }

  @Test func everyHalfWidensExactly() {
    let halves = (0...UInt16.max).map { $0 }
    var floats = [Float](repeating: 0, count: halves.count)
    ck_half_to_float(halves, &floats, halves.count)
    for half in halves {
      let expected = Float(Float16(bitPattern: half))
      #expect(floats[Int(half)] == expected || (expected.isNaN && floats[Int(half)].isNaN))
    }
  }

  @Test func product() {
    let a = Matrix(rows: 5, columns: 7, storage: pseudoRandom(35, seed: 6))
    let b = Matrix(rows: 3, columns: 7, storage: pseudoRandom(21, seed: 7))
    let c = multiplyTransposed(a, b)
    for i in 0..<5 {
      for j in 0..<3 {
        let expected = zip(a.row(i), b.row(j)).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        #expect(abs(Double(c.storage[i * 3 + j]) - expected) < 1e-6)
      }
    }
  }
}

@Suite("Workers") struct WorkerTests {
  private struct Stop: Error {}

  @Test func everyItemOnceOnAnyNumberOfThreads() throws {
    for threads in [1, 2, 7] {
      let queue = WorkQueue(count: 1000)
      let hits = FloatBuffer(count: 1000)
      hits.pointer.update(repeating: 0, count: 1000)
      try Workers.run(count: threads) { _, _ in
        while let i = queue.next() { hits.pointer[i] += 1 }
      }
      #expect((0..<1000).allSatisfy { hits.pointer[$0] == 1 })
    }
  }

  @Test func firstErrorIsRethrown() {
    #expect(throws: Stop.self) {
      try Workers.run(count: 3) { worker, _ in if worker == 1 { throw Stop() } }
    }
  }

  /// Workers that would go on for ever see that another one failed, and all return before the caller does.
  @Test func anErrorStopsEveryWorker() {
    let returned = Atomic<Int>(0)
    #expect(throws: Stop.self) {
      try Workers.run(count: 4) { worker, isCancelled in
        defer { returned.wrappingAdd(1, ordering: .relaxed) }
        if worker == 2 { throw Stop() }
        while !isCancelled() {}
      }
    }
    #expect(returned.load(ordering: .relaxed) == 4)
  }
}
