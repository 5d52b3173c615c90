import CKernels
import Core
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
    let gamma = pseudoRandom(columns, seed: 3)
    let beta = pseudoRandom(columns, seed: 4)
    var out = [Float](repeating: 0, count: input.count)
    var halves = [UInt16](repeating: 0, count: input.count)
    ck_layer_norm(input, gamma, beta, 1e-5, &out, rows, columns)
    ck_layer_norm_bf16(input, gamma, beta, 1e-5, &halves, rows, columns)
    for r in 0..<rows {
      let row = (0..<columns).map { Double(input[r * columns + $0]) }
      let mean = row.reduce(0, +) / Double(columns)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
      for c in 0..<columns {
        let expected =
          (row[c] - mean) / (variance + 1e-5).squareRoot() * Double(gamma[c]) + Double(beta[c])
        #expect(abs(Double(out[r * columns + c]) - expected) < 2e-6)
        let half = Double(Float(bitPattern: UInt32(halves[r * columns + c]) << 16))
        #expect(abs(half - expected) <= abs(expected) / 256 + 2e-6)
      }
    }
  }

  @Test func bfloat16RoundsToNearestEven() {
    // Halfway cases go to the even neighbour; the largest floats round to infinity; a NaN stays one.
    let cases: [(UInt32, UInt16)] = [
      (0x3F80_0000, 0x3F80), (0x3F80_8000, 0x3F80), (0x3F81_8000, 0x3F82), (0x3F80_8001, 0x3F81),
      (0xBF80_7FFF, 0xBF80), (0x7F7F_FFFF, 0x7F80), (0x7F80_0000, 0x7F80), (0x0000_0001, 0),
      (0x7F80_0001, 0x7FC0), (0xFFFF_FFFF, 0xFFFF),
    ]
    var halves = [UInt16](repeating: 0, count: cases.count)
    ck_float_to_bfloat16(cases.map { Float(bitPattern: $0.0) }, &halves, cases.count)
    #expect(halves == cases.map(\.1))
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
