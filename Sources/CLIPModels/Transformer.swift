import LinearAlgebra
import Neural

// R rows (tokens of all sequences), W width, M MLP width, H heads, d = W/H.

/// The residual transformer of both towers (pre-layer-norm, as in Radford et al. 2021 §2.4): weights only.
struct Transformer: Sendable {
  struct Layer: Sendable {
    let attentionNorm: LayerNorm
    /// Query, key and value projections stacked, [3W, W]; of the last layer keys and values alone, [2W, W].
    let input: PackedLinear
    /// The last layer's query projection, [W, W]; nil elsewhere.
    let query: PackedLinear?
    let output: PackedLinear
    let mlpNorm: LayerNorm
    let mlp: [MLPSlice]
  }

  /// Some of the hidden units of an MLP: each slice's are computed and summed up while they are in the cache.
  struct MLPSlice: Sendable {
    /// [m, W]
    let expand: PackedLinear
    /// [W, m]; the first slice's has the layer's bias.
    let contract: PackedLinear
  }

  let configuration: TransformerConfiguration
  let precision: TowerPrecision
  let layers: [Layer]

  /// - Parameters:
  ///   - name: of the tensors, such as `image.layers`.
  ///   - rows: a typical number of rows.
  init(
    _ configuration: TransformerConfiguration, name: String, loader: WeightLoader,
    precision: TowerPrecision, rows: Int
  ) throws {
    self.configuration = configuration
    self.precision = precision
    let packer = LayerPacker(loader: loader, precision: precision, rows: rows)
    layers = try (0..<configuration.layers).map { index in
      try packer.layer(
        "\(name).\(index)", configuration, isLast: index == configuration.layers - 1)
    }
  }
}

/// Reads layers and packs them one by one, so that only one is ever in memory twice.
private struct LayerPacker {
  let loader: WeightLoader
  let precision: TowerPrecision
  let rows: Int

  func layer(_ name: String, _ c: TransformerConfiguration, isLast: Bool) throws
    -> Transformer.Layer
  {
    let w = c.width
    let weight = try loader.load("\(name).attention.input.weight", shape: [3 * w, w])
    let bias = try loader.load("\(name).attention.input.bias", shape: [3 * w])
    func input(_ projections: Range<Int>) throws -> PackedLinear {
      let first = projections.lowerBound * w
      return try pack(
        weight.pointer + first * w, bias: bias.pointer + first, projections.count * w, w)
    }
    return Transformer.Layer(
      attentionNorm: try norm("\(name).attentionNorm", c),
      input: try input(isLast ? 1..<3 : 0..<3), query: isLast ? try input(0..<1) : nil,
      output: try linear("\(name).attention.output", w, w),
      mlpNorm: try norm("\(name).mlpNorm", c), mlp: try mlp("\(name).mlp", c))
  }

  private func norm(_ name: String, _ c: TransformerConfiguration) throws -> LayerNorm {
    try LayerNorm(name, width: c.width, epsilon: c.layerNormEpsilon, loader: loader)
  }

  private func mlp(_ name: String, _ c: TransformerConfiguration) throws -> [Transformer.MLPSlice] {
    let (w, m) = (c.width, c.mlpWidth)
    // As wide as the model where that divides: slices of the hidden units stay in the cache, and are few.
    let width = m % w == 0 && m / w <= Self.mostSlices ? w : m
    let expand = try loader.load("\(name).expand.weight", shape: [m, w])
    let expandBias = try loader.load("\(name).expand.bias", shape: [m])
    let contract = try loader.load("\(name).contract.weight", shape: [w, m])
    let contractBias = try loader.load("\(name).contract.bias", shape: [w])
    let none = FloatBuffer(count: w)
    none.pointer.update(repeating: 0, count: w)
    return try stride(from: 0, to: m, by: width).map { first in
      Transformer.MLPSlice(
        expand: try pack(expand.pointer + first * w, bias: expandBias.pointer + first, width, w),
        contract: try pack(
          contract.pointer + first, stride: m,
          bias: first == 0 ? contractBias.pointer : none.pointer, w, width))
    }
  }

  /// All of the paper's models have four.
  private static let mostSlices = 8

  private func linear(_ name: String, _ outputs: Int, _ inputs: Int) throws -> PackedLinear {
    let weight = try loader.load("\(name).weight", shape: [outputs, inputs])
    let bias = try loader.load("\(name).bias", shape: [outputs])
    return try pack(weight.pointer, bias: bias.pointer, outputs, inputs)
  }

  private func pack(
    _ weight: UnsafePointer<Float>, stride: Int? = nil, bias: UnsafePointer<Float>,
    _ outputs: Int, _ inputs: Int
  ) throws -> PackedLinear {
    try PackedLinear(
      weight: weight, stride: stride, bias: bias, outputs: outputs, inputs: inputs,
      precision: precision, rows: rows)
  }
}
