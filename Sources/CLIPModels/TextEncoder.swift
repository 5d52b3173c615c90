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
  private let attention: FloatBuffer
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
    attention = FloatBuffer(count: rows * c.text.width)
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
    for node in tree.ends where rowOfNode[node] == nil {
      rowOfNode[node] = selected.count
      selected.append(node)
    }
    let size = Size(rows: Self.roundUp(tree.nodeCount), selected: Self.roundUp(selected.count))
    let sized = try kernels(size)
    for (node, token) in tree.tokens.enumerated() {
      let row = scratch.stream.floats + node * w
      let token = Int(token)
      try tower.tokenEmbedding.readFloats(token * w..<(token + 1) * w, into: row)
      ck_add_bias(row, tower.positions.pointer + tree.depth(node) * w, 1, w)
    }
    (scratch.stream.floats + tree.nodeCount * w).update(
      repeating: 0, count: (size.rows - tree.nodeCount) * w)
    try sized.runner.run(
      PathAttention(
        c.text, tree: tree, selectedRows: selected, output: tower.transformer.precision,
        attended: attention))
    tower.finalNorm.apply(scratch.selected.floats, rows: size.selected, into: normalized.pointer)
    if kind == .projected {
      try sized.projection.run(tower.projection, normalized.pointer, into: projected.pointer)
    }
    let source = kind == .projected ? projected.pointer : normalized.pointer
    for (i, node) in tree.ends.enumerated() {
      guard let row = rowOfNode[node] else { continue }
      receive(i, source + row * tower.featureWidth(kind))
    }
  }

  private func kernels(_ size: Size) throws -> Sized {
    if let known = sizes[size] { return known }
    let made = Sized(
      runner: try TransformerRunner(
        tower.transformer, rows: size.rows, selectedCount: size.selected, attention: .fp32,
        scratch: scratch),
      projection: try LinearPlan(like: tower.projection, rows: size.selected, output: .fp32))
    sizes[size] = made
    return made
  }
}

/// Every token attends to its prefix.
private struct PathAttention: AttentionPattern {
  /// Each query meets few keys, so this is a small part of the work and stays float32.
  let precision = TowerPrecision.fp32
  let selectedRows: [Int]
  private let tree: PrefixTree
  private let heads: Int
  /// d, the width of a head.
  private let depth: Int
  private let output: TowerPrecision
  /// [R, W]: the results, where the layers take another precision.
  private let attended: FloatBuffer

  init(
    _ configuration: TransformerConfiguration, tree: PrefixTree, selectedRows: [Int],
    output: TowerPrecision, attended: FloatBuffer
  ) {
    self.tree = tree
    self.selectedRows = selectedRows
    self.output = output
    self.attended = attended
    heads = configuration.heads
    depth = configuration.width / configuration.heads
  }

  func attend(_ qkv: ScratchBuffer, into out: ScratchBuffer) {
    let w = heads * depth
    attend(
      0..<tree.nodeCount, node: { $0 }, qkv.floats, queryStride: 3 * w, qkv.floats + w,
      stride: 3 * w, into: out)
  }

  func attendSelected(
    queries: ScratchBuffer, keysAndValues: ScratchBuffer, into out: ScratchBuffer
  ) {
    let w = heads * depth
    attend(
      selectedRows.indices, node: { selectedRows[$0] }, queries.floats, queryStride: w,
      keysAndValues.floats, stride: 2 * w, into: out)
  }

  /// Query i is that of node `node(i)`; values lie `width` after the keys.
  private func attend(
    _ queries: Range<Int>, node: (Int) -> Int, _ q: UnsafePointer<Float>, queryStride: Int,
    _ keys: UnsafePointer<Float>, stride: Int, into out: ScratchBuffer
  ) {
    let w = heads * depth
    let results = output == .fp32 ? out.floats : attended.pointer
    let longest = tree.pathStarts.indices.dropLast().reduce(1) { max($0, tree.depth($1) + 1) }
    withUnsafeTemporaryAllocation(of: Float.self, capacity: longest) { scores in
      tree.paths.withUnsafeBufferPointer { paths in
        guard let paths = paths.baseAddress, let scores = scores.baseAddress else { return }
        for i in queries {
          let path = tree.path(node(i))
          ck_path_attention(
            q + i * queryStride, keys, keys + w, stride, paths + path.lowerBound, path.count, heads,
            depth, 1 / Float(depth).squareRoot(), scores, results + i * w)
        }
      }
    }
    if output == .bf16 { ck_float_to_bfloat16(results, out.halves, queries.count * w) }
  }
}
