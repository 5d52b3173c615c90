import CKernels
import LinearAlgebra

// B sequences, T tokens each, R = B·T rows, W width, M MLP width, H heads, d = W/H.

/// The residual transformer of both towers (pre-layer-norm, as in Radford et al. 2021 §2.4): weights only.
struct Transformer: Sendable {
  struct Layer: Sendable {
    let attentionNormWeight: FloatBuffer
    let attentionNormBias: FloatBuffer
    /// Query, key and value projections stacked: [3W, W].
    let inputWeight: FloatBuffer
    let inputBias: FloatBuffer
    let outputWeight: FloatBuffer
    let outputBias: FloatBuffer
    let mlpNormWeight: FloatBuffer
    let mlpNormBias: FloatBuffer
    let expandWeight: FloatBuffer
    let expandBias: FloatBuffer
    let contractWeight: FloatBuffer
    let contractBias: FloatBuffer
  }

  let configuration: TransformerConfiguration
  let isCausal: Bool
  let layers: [Layer]

  /// - Parameter name: what the tensors' names begin with: `image.layers`, `text.layers`.
  init(
    _ configuration: TransformerConfiguration, name: String, isCausal: Bool, loader: WeightLoader
  ) throws {
    self.configuration = configuration
    self.isCausal = isCausal
    let (w, m) = (configuration.width, configuration.mlpWidth)
    layers = try (0..<configuration.layers).map { index in
      let p = "\(name).\(index)"
      return Layer(
        attentionNormWeight: try loader.load("\(p).attentionNorm.weight", shape: [w]),
        attentionNormBias: try loader.load("\(p).attentionNorm.bias", shape: [w]),
        inputWeight: try loader.load("\(p).attention.input.weight", shape: [3 * w, w]),
        inputBias: try loader.load("\(p).attention.input.bias", shape: [3 * w]),
        outputWeight: try loader.load("\(p).attention.output.weight", shape: [w, w]),
        outputBias: try loader.load("\(p).attention.output.bias", shape: [w]),
        mlpNormWeight: try loader.load("\(p).mlpNorm.weight", shape: [w]),
        mlpNormBias: try loader.load("\(p).mlpNorm.bias", shape: [w]),
        expandWeight: try loader.load("\(p).mlp.expand.weight", shape: [m, w]),
        expandBias: try loader.load("\(p).mlp.expand.bias", shape: [m]),
        contractWeight: try loader.load("\(p).mlp.contract.weight", shape: [w, m]),
        contractBias: try loader.load("\(p).mlp.contract.bias", shape: [w]))
    }
  }
}

/// Runs a `Transformer` in scratch of its own; one per worker thread.
final class TransformerRunner {
  private let transformer: Transformer
  private let sequences: Int
  private let longest: Int
  /// Residual stream, [R, W]: the caller writes the input here.
  let stream: FloatBuffer
  /// One row per sequence after `run`, [B, W].
  let selected: FloatBuffer
  private let normalized: FloatBuffer
  private let wide: FloatBuffer
  private let attended: FloatBuffer
  private let scores: FloatBuffer

  /// - Parameters:
  ///   - rows: most rows (sequences × tokens) of one call.
  ///   - longest: most tokens of one sequence.
  init(_ transformer: Transformer, sequences: Int, rows: Int, longest: Int) {
    let c = transformer.configuration
    self.transformer = transformer
    self.sequences = sequences
    self.longest = longest
    stream = FloatBuffer(count: rows * c.width)
    normalized = FloatBuffer(count: rows * c.width)
    attended = FloatBuffer(count: rows * c.width)
    wide = FloatBuffer(count: rows * max(3 * c.width, c.mlpWidth))
    scores = FloatBuffer(count: longest * longest)
    selected = FloatBuffer(count: sequences * c.width)
  }

  /// Transforms `stream` ([B·T, W]) and leaves row `row` of each sequence in `selected` ([B, W]), before any
  /// final layer norm.
  ///
  /// No other row of the last layer can reach the result, so that layer computes keys and values for all
  /// rows and everything else for the selected ones only.
  func run(batch b: Int, tokens t: Int, selecting row: Int) {
    precondition(b <= sequences && t <= longest && row < t)
    let c = transformer.configuration
    let (w, rows) = (c.width, b * t)
    var pendingBias: FloatBuffer?
    for layer in transformer.layers.dropLast() {
      norm(
        stream.pointer, adding: pendingBias, layer.attentionNormWeight, layer.attentionNormBias,
        rows: rows)
      linear(normalized.pointer, layer.inputWeight.pointer, wide.pointer, rows: rows, 3 * w, w)
      ck_add_bias(wide.pointer, layer.inputBias.pointer, rows, 3 * w)
      attend(batch: b, tokens: t)
      linear(
        attended.pointer, layer.outputWeight.pointer, stream.pointer, rows: rows, w, w, adding: true
      )
      norm(
        stream.pointer, adding: layer.outputBias, layer.mlpNormWeight, layer.mlpNormBias, rows: rows
      )
      mlp(layer, into: stream.pointer, rows: rows)
      pendingBias = layer.contractBias
    }
    guard let last = transformer.layers.last else { return }
    norm(
      stream.pointer, adding: pendingBias, last.attentionNormWeight, last.attentionNormBias,
      rows: rows)
    // `wide` holds keys and values, [R, 2W], then the selected queries, [B, W].
    let keysAndValues = wide.pointer
    let queries = keysAndValues + rows * 2 * w
    linear(
      normalized.pointer, last.inputWeight.pointer + w * w, keysAndValues, rows: rows, 2 * w, w)
    ck_add_bias(keysAndValues, last.inputBias.pointer + w, rows, 2 * w)
    for i in 0..<b {
      let from = (i * t + row) * w
      (attended.pointer + i * w).update(from: normalized.pointer + from, count: w)
      (selected.pointer + i * w).update(from: stream.pointer + from, count: w)
    }
    linear(attended.pointer, last.inputWeight.pointer, queries, rows: b, w, w)
    ck_add_bias(queries, last.inputBias.pointer, b, w)
    attendSelected(
      queries, keysAndValues, batch: b, tokens: t, visible: transformer.isCausal ? row + 1 : t)
    linear(
      attended.pointer, last.outputWeight.pointer, selected.pointer, rows: b, w, w, adding: true)
    norm(
      selected.pointer, adding: last.outputBias, last.mlpNormWeight, last.mlpNormBias, rows: b)
    mlp(last, into: selected.pointer, rows: b)
    ck_add_bias(selected.pointer, last.contractBias.pointer, b, w)
  }

  /// `normalized` = layer norm of (x += bias).
  private func norm(
    _ x: UnsafeMutablePointer<Float>, adding bias: FloatBuffer?, _ weight: FloatBuffer,
    _ shift: FloatBuffer, rows: Int
  ) {
    let c = transformer.configuration
    ck_bias_layer_norm(
      x, bias?.pointer, weight.pointer, shift.pointer, c.layerNormEpsilon, normalized.pointer, rows,
      c.width)
  }

  /// out [rows, n] = x [rows, k] · weightᵀ, or += with `adding`.
  private func linear(
    _ x: UnsafePointer<Float>, _ weight: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>,
    rows: Int, _ n: Int, _ k: Int, adding: Bool = false
  ) {
    gemmTransposed(
      m: rows, n: n, k: k, x, lda: k, weight, ldb: k, beta: adding ? 1 : 0, out, ldc: n)
  }

  /// out += MLP(normalized), its last bias left to the next layer norm.
  private func mlp(_ layer: Transformer.Layer, into out: UnsafeMutablePointer<Float>, rows: Int) {
    let c = transformer.configuration
    linear(
      normalized.pointer, layer.expandWeight.pointer, wide.pointer, rows: rows, c.mlpWidth, c.width)
    switch c.activation {
    case .quickGELU: ck_bias_quick_gelu(wide.pointer, layer.expandBias.pointer, rows, c.mlpWidth)
    case .gelu: ck_bias_gelu(wide.pointer, layer.expandBias.pointer, rows, c.mlpWidth)
    }
    linear(
      wide.pointer, layer.contractWeight.pointer, out, rows: rows, c.width, c.mlpWidth, adding: true
    )
  }

  /// `attended` [R, W] = softmax(q·kᵀ/√d)·v for each sequence and head, from `wide` = [R, q|k|v].
  private func attend(batch b: Int, tokens t: Int) {
    let c = transformer.configuration
    let (w, d) = (c.width, c.width / c.heads)
    let scale = 1 / Float(d).squareRoot()
    for i in 0..<b {
      for h in 0..<c.heads {
        let q = wide.pointer + i * t * 3 * w + h * d
        gemmTransposed(
          m: t, n: t, k: d, q, lda: 3 * w, q + w, ldb: 3 * w, scores.pointer, ldc: t)
        ck_softmax(scores.pointer, scale, transformer.isCausal ? 1 : 0, t, t)
        gemm(
          m: t, n: d, k: t, scores.pointer, lda: t, q + 2 * w, ldb: 3 * w,
          attended.pointer + i * t * w + h * d, ldc: w)
      }
    }
  }

  /// The same for one query row per sequence: queries [B, W], keys and values [R, 2W].
  private func attendSelected(
    _ queries: UnsafePointer<Float>, _ keysAndValues: UnsafePointer<Float>, batch b: Int,
    tokens t: Int, visible: Int
  ) {
    let c = transformer.configuration
    let (w, d) = (c.width, c.width / c.heads)
    let scale = 1 / Float(d).squareRoot()
    for i in 0..<b {
      for h in 0..<c.heads {
        let keys = keysAndValues + i * t * 2 * w + h * d
        gemmTransposed(
          m: 1, n: visible, k: d, queries + i * w + h * d, lda: w, keys, ldb: 2 * w,
          scores.pointer, ldc: visible)
        ck_softmax(scores.pointer, scale, 0, 1, visible)
        gemm(
          m: 1, n: d, k: visible, scores.pointer, lda: visible, keys + w, ldb: 2 * w,
          attended.pointer + i * w + h * d, ldc: w)
      }
    }
  }
}
