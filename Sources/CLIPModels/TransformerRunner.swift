import LinearAlgebra
import Neural

/// Which tokens attend to which: the part of a layer in which the two towers differ.
protocol AttentionPattern {
  /// Rows whose result is wanted: all that the last layer computes in full.
  var selectedRows: [Int] { get }
  /// - Parameters:
  ///   - qkv: [R, q|k|v], in the layers' precision.
  ///   - out: [R, W].
  func attend(_ qkv: ScratchBuffer, into out: ScratchBuffer)
  /// The same for the selected rows alone.
  /// - Parameters:
  ///   - queries: [selected, W].
  ///   - keysAndValues: [R, k|v].
  func attendSelected(
    queries: ScratchBuffer, keysAndValues: ScratchBuffer, into out: ScratchBuffer)
}

/// Runs a `Transformer` on a fixed number of rows in scratch of its own; used by one worker at a time.
final class TransformerRunner {
  let rows: Int
  let selectedCount: Int
  private let transformer: Transformer
  private let scratch: TransformerScratch
  private let all: Plans
  private let selected: Plans
  private let query: LinearPlan

  /// - Parameters:
  ///   - selectedCount: rows whose result is wanted.
  ///   - scratch: with room for `rows`; runners that are never used at the same time can share it.
  /// - Throws: `EvalError.bug` when the processor's kernels cannot do it.
  init(
    _ transformer: Transformer, rows: Int, selectedCount: Int, scratch: TransformerScratch
  ) throws {
    precondition(rows <= scratch.rows && selectedCount <= rows && !transformer.layers.isEmpty)
    self.transformer = transformer
    self.rows = rows
    self.selectedCount = selectedCount
    self.scratch = scratch
    let last = transformer.layers[transformer.layers.count - 1]
    all = try Plans(transformer.layers[0], transformer, rows: rows)
    selected = try Plans(
      last, transformer, rows: selectedCount, inputRows: rows)
    query = try LinearPlan(
      like: last.query ?? last.output, rows: selectedCount, output: transformer.precision)
  }

  /// Transforms the scratch's `stream` and leaves the selected rows in its `selected`, before any final layer norm.
  ///
  /// No other row of the last layer can reach the result, so that layer computes keys and values for all
  /// rows and everything else for the selected ones only.
  func run(_ pattern: some AttentionPattern) throws {
    let s = scratch
    let w = transformer.configuration.width
    let precision = transformer.precision
    for layer in transformer.layers.dropLast() {
      layer.attentionNorm.apply(s.stream.floats, rows: rows, into: s.normalized, as: precision)
      try all.input.run(layer.input, s.normalized.pointer, into: s.wide.pointer)
      pattern.attend(s.wide, into: s.attended)
      try all.finish(layer, s.attended, adding: s.stream, scratch: s, precision: precision)
    }
    let last = transformer.layers[transformer.layers.count - 1]
    guard let queries = last.query else { return }
    last.attentionNorm.apply(s.stream.floats, rows: rows, into: s.normalized, as: precision)
    try selected.input.run(last.input, s.normalized.pointer, into: s.wide.pointer)
    let rowBytes = w * precision.bytes
    for (i, row) in pattern.selectedRows.enumerated() {
      (s.attended.pointer + i * rowBytes).copyMemory(
        from: s.normalized.pointer + row * rowBytes, byteCount: rowBytes)
      (s.selected.floats + i * w).update(from: s.stream.floats + row * w, count: w)
    }
    try query.run(queries, s.attended.pointer, into: s.queries.pointer)
    pattern.attendSelected(queries: s.queries, keysAndValues: s.wide, into: s.attended)
    try selected.finish(last, s.attended, adding: s.selected, scratch: s, precision: precision)
  }
}

/// The layers' matrix products on a number of rows.
private struct Plans {
  let input: LinearPlan
  private let output: LinearPlan
  private let expand: LinearPlan
  private let contract: LinearPlan
  private let rows: Int

  init(
    _ layer: Transformer.Layer, _ transformer: Transformer, rows: Int, inputRows: Int? = nil
  ) throws {
    let activation: FusedActivation =
      transformer.configuration.activation == .gelu ? .gelu : .quickGELU
    self.rows = rows
    input = try LinearPlan(
      like: layer.input, rows: inputRows ?? rows, output: transformer.precision)
    output = try LinearPlan(like: layer.output, rows: rows, output: .fp32, adding: true)
    expand = try LinearPlan(
      like: layer.mlp[0].expand, rows: rows, output: transformer.precision, activation: activation)
    contract = try LinearPlan(
      like: layer.mlp[0].contract, rows: rows, output: .fp32, adding: true)
  }

  /// What follows attention: its projection and the MLP, both added to `stream`.
  func finish(
    _ layer: Transformer.Layer, _ attended: ScratchBuffer, adding stream: ScratchBuffer,
    scratch s: TransformerScratch, precision: TowerPrecision
  ) throws {
    try output.run(layer.output, attended.pointer, into: stream.pointer)
    layer.mlpNorm.apply(stream.floats, rows: rows, into: s.normalized, as: precision)
    for slice in layer.mlp {
      try expand.run(slice.expand, s.normalized.pointer, into: s.wide.pointer)
      try contract.run(slice.contract, s.wide.pointer, into: stream.pointer)
    }
  }
}

/// Activations of one worker.
final class TransformerScratch {
  let rows: Int
  /// Residual stream, [R, W] float32: the caller writes the input here.
  let stream: ScratchBuffer
  /// [selected, W] float32 after a run.
  let selected: ScratchBuffer
  let normalized: ScratchBuffer
  let wide: ScratchBuffer
  let attended: ScratchBuffer
  let queries: ScratchBuffer

  init(_ transformer: Transformer, rows: Int, selectedCount: Int) {
    let c = transformer.configuration
    self.rows = rows
    stream = ScratchBuffer(byteCount: rows * c.width * 4)
    normalized = ScratchBuffer(byteCount: rows * c.width * 4)
    attended = ScratchBuffer(byteCount: rows * c.width * 4)
    wide = ScratchBuffer(
      byteCount: rows * max(3 * c.width, transformer.layers[0].mlp[0].expand.outputs) * 4)
    selected = ScratchBuffer(byteCount: selectedCount * c.width * 4)
    queries = ScratchBuffer(byteCount: selectedCount * c.width * 4)
    // Rows that pad a batch are computed too. What a reused piece of the heap holds may be denormal numbers, on which
    // products take a hundred times as long.
    for buffer in [attended, selected, queries] { buffer.zero() }
  }
}
