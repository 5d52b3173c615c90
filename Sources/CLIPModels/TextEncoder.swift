import CKernels
import LinearAlgebra
import Neural
import TensorFiles

/// Runs the text tower on trees of prefixes in scratch of its own; used by one worker at a time.
final class TextEncoder {
  private let tower: TextTransformer
  private let scratch: TransformerScratch
  private let normalized: FloatBuffer
  private let projected: FloatBuffer
  private let attentionScratch: ScratchBuffer
  /// Trees differ in size: each size, rounded up, has kernels of its own, made when it first comes up.
  private var sizes: [Size: Sized] = [:]

  private struct Size: Hashable {
    let rows: Int
    let selected: Int
  }

  private struct Sized {
    let runner: TransformerRunner
    let projection: LinearPlan
  }

  /// What the number of rows is rounded up to.
  private static let step = 64

  init(_ tower: TextTransformer) {
    let c = tower.configuration
    let rows = Self.roundUp(max(TextTransformer.maximumRows, c.contextLength))
    self.tower = tower
    scratch = TransformerScratch(tower.transformer, rows: rows, selectedCount: rows)
    normalized = FloatBuffer(count: rows * c.text.width)
    projected = FloatBuffer(count: rows * c.embeddingWidth)
    attentionScratch = ScratchBuffer(
      byteCount: ck_attention_scratch(c.contextLength, c.text.width / c.text.heads))
  }

  private static func roundUp(_ count: Int) -> Int { (count + step - 1) / step * step }

  /// - Parameter receive: called for each sequence of the tree with its index there and its feature.
  func encode(
    _ tree: PrefixTree, kind: FeatureKind,
    _ receive: (_ index: Int, _ row: UnsafePointer<Float>) -> Void
  ) throws {
    let c = tower.configuration
    let w = c.text.width
    // Several sequences may be the same.
    var selected: [Int] = []
    var rowOfNode: [Int: Int] = [:]
    for branch in tree.branches where rowOfNode[branch.end] == nil {
      rowOfNode[branch.end] = selected.count
      selected.append(branch.end)
    }
    let size = Size(rows: Self.roundUp(tree.nodeCount), selected: Self.roundUp(selected.count))
    let sized = try kernels(size)
    for (node, (token, position)) in tree.tokens.enumerated() {
      let row = scratch.stream.floats + node * w
      let token = Int(token)
      try tower.tokenEmbedding.readFloats(token * w..<(token + 1) * w, into: row)
      ck_add_bias(row, tower.positions.pointer + position * w, 1, w)
    }
    (scratch.stream.floats + tree.nodeCount * w).update(
      repeating: 0, count: (size.rows - tree.nodeCount) * w)
    try sized.runner.run(
      PathAttention(
        c.text, tree: tree, selectedRows: selected, precision: tower.precision,
        scratch: attentionScratch))
    tower.finalNorm.apply(scratch.selected.floats, rows: size.selected, into: normalized.pointer)
    if kind == .projected {
      try sized.projection.run(tower.projection, normalized.pointer, into: projected.pointer)
    }
    let source = kind == .projected ? projected.pointer : normalized.pointer
    for (i, branch) in tree.branches.enumerated() {
      guard let row = rowOfNode[branch.end] else { continue }
      receive(i, source + row * tower.featureWidth(kind))
    }
  }

  private func kernels(_ size: Size) throws -> Sized {
    if let known = sizes[size] { return known }
    let made = Sized(
      runner: try TransformerRunner(
        tower.transformer, rows: size.rows, selectedCount: size.selected, scratch: scratch),
      projection: try LinearPlan(like: tower.projection, rows: size.selected, output: .fp32))
    sizes[size] = made
    return made
  }
}

/// Every token attends to its prefix.
private struct PathAttention: AttentionPattern {
  let precision: TowerPrecision
  let selectedRows: [Int]
  private let tree: PrefixTree
  private let heads: Int
  /// d, the width of a head.
  private let depth: Int
  private let scratch: ScratchBuffer

  /// - Parameter scratch: with room for the longest sequence.
  init(
    _ configuration: TransformerConfiguration, tree: PrefixTree, selectedRows: [Int],
    precision: TowerPrecision, scratch: ScratchBuffer
  ) {
    self.tree = tree
    self.selectedRows = selectedRows
    self.precision = precision
    self.scratch = scratch
    heads = configuration.heads
    depth = configuration.width / configuration.heads
  }

  func attend(_ qkv: ScratchBuffer, into out: ScratchBuffer) {
    let w = heads * depth
    for branch in tree.branches where !branch.new.isEmpty {
      let first = branch.new.lowerBound
      attend(
        qkv, at: first * 3 * w, queries: branch.new.count, stride: 3 * w, qkv, at: w,
        stride: 3 * w, path: branch.path, into: out, at: first * w)
    }
  }

  func attendSelected(
    queries: ScratchBuffer, keysAndValues: ScratchBuffer, into out: ScratchBuffer
  ) {
    let w = heads * depth
    let pathOfEnd = Dictionary(
      tree.branches.map { ($0.end, $0.path) }, uniquingKeysWith: { first, _ in first })
    for (i, row) in selectedRows.enumerated() {
      guard let path = pathOfEnd[row] else { continue }
      attend(
        queries, at: i * w, queries: 1, stride: w, keysAndValues, at: 0, stride: 2 * w, path: path,
        into: out, at: i * w)
    }
  }

  /// All heads of the last `queries` tokens of a path; values lie `width` after the keys.
  private func attend(
    _ q: ScratchBuffer, at query: Int, queries: Int, stride queryStride: Int,
    _ kv: ScratchBuffer, at key: Int, stride keyStride: Int, path: [Int32],
    into out: ScratchBuffer, at target: Int
  ) {
    let w = heads * depth
    path.withUnsafeBufferPointer { path in
      var shape = ck_attention(
        queries: queries, keys: path.count, depth: depth, query_stride: queryStride,
        key_stride: keyStride, out_stride: w, scale: 1 / Float(depth).squareRoot(), causal: 1,
        key_rows: path.baseAddress)
      for h in stride(from: 0, to: w, by: depth) {
        shape.attend(
          q, at: query + h, kv, keys: key + h, values: key + w + h, into: out, at: target + h,
          precision: precision, scratch: scratch)
      }
    }
  }
}

extension ck_attention {
  /// One head of attention; `at`, `keys` and `values` are offsets in elements.
  mutating func attend(
    _ q: ScratchBuffer, at query: Int, _ kv: ScratchBuffer, keys: Int, values: Int,
    into out: ScratchBuffer, at target: Int, precision: TowerPrecision, scratch: ScratchBuffer
  ) {
    switch precision {
    case .fp32:
      ck_attention_f32(
        &self, q.floats + query, kv.floats + keys, kv.floats + values, out.floats + target,
        scratch.pointer)
    case .bf16:
      ck_attention_bf16(
        &self, q.halves + query, kv.halves + keys, kv.halves + values, out.halves + target,
        scratch.pointer)
    }
  }
}
