import CKernels
import Foundation
import LinearAlgebra
import Neural
import TestSupport
import Testing

/// Multiples of 1/4 in −1…1, which bfloat16 holds exactly: products and sums are then exact in both precisions.
func quarters(_ count: Int, seed: UInt64) -> [Float] {
  var state = seed
  return (0..<count).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(Int(state >> 33) % 9 - 4) / 4
  }
}

func halves(_ floats: [Float]) -> [UInt16] {
  var halves = [UInt16](repeating: 0, count: floats.count)
  ck_float_to_bfloat16(floats, &halves, floats.count)
  return halves
}

func widened(_ halves: UnsafePointer<UInt16>, _ count: Int) -> [Float] {
  var floats = [Float](repeating: 0, count: count)
  ck_bfloat16_to_float(halves, &floats, count)
  return floats
}

/// False, with a line, where the processor has no bfloat16 arithmetic.
func canCompute(_ precision: TowerPrecision) -> Bool {
  if (try? precision.requireSupport()) != nil { return true }
  print("SKIPPED: this processor has no bfloat16 arithmetic")
  return false
}

@Suite("Linear layers against double precision") struct LinearLayerTests {
  struct Shape: Sendable {
    let rows: Int, outputs: Int, inputs: Int
  }
  static let shapes = [
    Shape(rows: 1, outputs: 1, inputs: 1), Shape(rows: 7, outputs: 5, inputs: 12),
    Shape(rows: 13, outputs: 33, inputs: 3), Shape(rows: 50, outputs: 96, inputs: 64),
    Shape(rows: 3, outputs: 20, inputs: 31),
  ]

  @Test(arguments: shapes, TowerPrecision.allCases)
  func exactProducts(_ shape: Shape, _ precision: TowerPrecision) throws {
    guard canCompute(precision) else { return }
    let (m, n, k) = (shape.rows, shape.outputs, shape.inputs)
    let stride = k + 3
    let weight = quarters(n * stride, seed: 1)
    let bias = quarters(n, seed: 2)
    let x = quarters(m * k, seed: 3)
    let layer = try PackedLinear(
      weight: weight, stride: stride, bias: bias, outputs: n, inputs: k, precision: precision,
      rows: 50)
    let expected = (0..<m * n).map { index in
      (0..<k).reduce(bias[index % n]) {
        $0 + x[index / n * k + $1] * weight[index % n * stride + $1]
      }
    }
    let input = ScratchBuffer(byteCount: m * k * 4)
    switch precision {
    case .fp32: input.floats.update(from: x, count: x.count)
    case .bf16: input.halves.update(from: halves(x), count: x.count)
    }
    var y = [Float](repeating: .nan, count: m * n)
    try LinearPlan(like: layer, rows: m, output: .fp32).run(layer, input.pointer, into: &y)
    #expect(y == expected)
    // The residual sum.
    try LinearPlan(like: layer, rows: m, output: .fp32, adding: true)
      .run(layer, input.pointer, into: &y)
    #expect(y == expected.map { 2 * $0 })
    // The layer's own precision as output.
    let output = ScratchBuffer(byteCount: m * n * 4)
    try LinearPlan(like: layer, rows: m, output: precision, activation: .relu)
      .run(layer, input.pointer, into: output.pointer)
    let rectified = expected.map { max($0, 0) }
    switch precision {
    case .fp32:
      #expect(Array(UnsafeBufferPointer(start: output.floats, count: m * n)) == rectified)
    case .bf16:
      #expect(widened(output.halves, m * n) == widened(halves(rectified), m * n))
    }
  }

  @Test(arguments: [FusedActivation.quickGELU, .gelu])
  func activations(_ activation: FusedActivation) throws {
    // Over the range where they bend, and far outside it.
    let values =
      stride(from: Float(-30), through: 30, by: 0.01).map { $0 } + [-1e4, 1e4, 0, -0]
    let layer = try PackedLinear(
      weight: [1], bias: nil, outputs: 1, inputs: 1, precision: .fp32, rows: values.count)
    var out = [Float](repeating: .nan, count: values.count)
    try LinearPlan(like: layer, rows: values.count, output: .fp32, activation: activation)
      .run(layer, values, into: &out)
    for (i, value) in values.enumerated() {
      let v = Double(value)
      let expected =
        activation == .gelu ? 0.5 * v * erfc(-v / 2.0.squareRoot()) : v / (1 + exp(-1.702 * v))
      #expect(abs(Double(out[i]) - expected) <= 5e-7 * max(1, abs(v)), "\(activation)(\(v))")
    }
  }
}

@Suite("Attention against double precision") struct AttentionTests {
  struct Shape: Sendable {
    let queries: Int, keys: Int, depth: Int
    /// Each query is that of one of the last keys and sees none after it, and keys lie anywhere.
    var isPath = false
  }
  static let shapes = [
    Shape(queries: 50, keys: 50, depth: 64), Shape(queries: 1, keys: 50, depth: 64),
    Shape(queries: 5, keys: 7, depth: 3), Shape(queries: 9, keys: 33, depth: 20),
    Shape(queries: 70, keys: 65, depth: 80), Shape(queries: 2, keys: 1, depth: 16),
    Shape(queries: 33, keys: 197, depth: 64), Shape(queries: 77, keys: 77, depth: 64, isPath: true),
    Shape(queries: 4, keys: 11, depth: 64, isPath: true),
    Shape(queries: 40, keys: 45, depth: 20, isPath: true),
    Shape(queries: 1, keys: 3, depth: 5, isPath: true),
  ]
  private static let heads = 2

  /// softmax(q kᵀ / √d) v of one head in double precision.
  private static func expected(
    _ shape: Shape, _ q: [Float], _ k: [Float], _ v: [Float], head: Int, query: Int
  ) -> [Double] {
    let (d, w) = (shape.depth, heads * shape.depth)
    let rows = keyRows(shape)
    let visible = shape.isPath ? shape.keys - shape.queries + query + 1 : shape.keys
    let scores = (0..<visible).map { t in
      (0..<d).reduce(0.0) {
        $0 + Double(q[query * w + head * d + $1]) * Double(k[Int(rows[t]) * w + head * d + $1])
      } / Double(d).squareRoot()
    }
    let weights = scores.map { exp($0 - (scores.max() ?? 0)) }
    let sum = weights.reduce(0, +)
    return (0..<d).map { i in
      (0..<visible).reduce(0.0) {
        $0 + weights[$1] * Double(v[Int(rows[$1]) * w + head * d + i])
      } / sum
    }
  }

  private static func keyRows(_ shape: Shape) -> [Int32] {
    (0..<Int32(shape.keys)).map { shape.isPath ? Int32(shape.keys) - 1 - $0 : $0 }
  }

  @Test(arguments: shapes, TowerPrecision.allCases)
  func attention(_ shape: Shape, _ precision: TowerPrecision) throws {
    guard canCompute(precision) else { return }
    let (d, w) = (shape.depth, Self.heads * shape.depth)
    let q = quarters(shape.queries * w, seed: 4).map { $0 * 2 }
    let (k, v) = (quarters(shape.keys * w, seed: 5), quarters(shape.keys * w, seed: 6))
    let rows = ScratchBuffer(byteCount: shape.keys * 4)
    let rowPointer = rows.pointer.assumingMemoryBound(to: Int32.self)
    rowPointer.update(from: Self.keyRows(shape), count: shape.keys)
    var description = ck_attention(
      queries: shape.queries, keys: shape.keys, depth: d, query_stride: w, key_stride: w,
      out_stride: w, scale: 1 / Float(d).squareRoot(), causal: shape.isPath ? 1 : 0,
      key_rows: shape.isPath ? rowPointer : nil)
    let scratch = ScratchBuffer(byteCount: ck_attention_scratch(shape.keys, d))
    var out = [Float](repeating: .nan, count: shape.queries * w)
    for head in 0..<Self.heads {
      let at = head * d
      switch precision {
      case .fp32:
        out.withUnsafeMutableBufferPointer { out in
          q.withUnsafeBufferPointer { q in
            k.withUnsafeBufferPointer { k in
              v.withUnsafeBufferPointer { v in
                ck_attention_f32(
                  &description, q.baseAddress! + at, k.baseAddress! + at, v.baseAddress! + at,
                  out.baseAddress! + at, scratch.pointer)
              }
            }
          }
        }
      case .bf16:
        let half = ScratchBuffer(byteCount: shape.queries * w * 2)
        halves(q).withUnsafeBufferPointer { q in
          halves(k).withUnsafeBufferPointer { k in
            halves(v).withUnsafeBufferPointer { v in
              ck_attention_bf16(
                &description, q.baseAddress! + at, k.baseAddress! + at, v.baseAddress! + at,
                half.halves + at, scratch.pointer)
            }
          }
        }
        let all = widened(half.halves, shape.queries * w)
        for r in 0..<shape.queries {
          for i in 0..<d { out[r * w + at + i] = all[r * w + at + i] }
        }
      }
    }
    // bfloat16 rounds the softmax and the result: 2⁻⁸ each, on values of at most 1.
    let tolerance = precision == .fp32 ? 2e-6 : 1.0 / 128
    for head in 0..<Self.heads {
      for r in 0..<shape.queries {
        let expected = Self.expected(shape, q, k, v, head: head, query: r)
        for i in 0..<d {
          #expect(abs(Double(out[r * w + head * d + i]) - expected[i]) < tolerance)
        }
      }
    }
  }
}
