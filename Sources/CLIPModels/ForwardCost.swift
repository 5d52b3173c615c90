/// What an image costs: the paper's "GFLOPs", which count a multiplication and the addition after it as one.
extension VisionConfiguration {
  /// Multiply-adds of the convolutions, linear layers and attention products of one image, in 10⁹. Of an attention pool every position's
  /// query, key and value are counted, as the published code computes them: this program does with fewer.
  package var forwardGFLOPs: Double {
    let count =
      switch self {
      case .transformer(let vision): vision.multiplyAdds
      case .resNet(let vision): vision.multiplyAdds
      }
    return count / 1e9
  }

  /// `ViT` or `ResNet`.
  package var family: String {
    switch self {
    case .transformer: "ViT"
    case .resNet: "ResNet"
    }
  }
}

extension VisionTransformerConfiguration {
  fileprivate var multiplyAdds: Double {
    let (width, mlp) = (Double(transformer.width), Double(transformer.mlpWidth))
    let (tokens, patch) = (Double(tokens), Double(patchSize))
    let embedding = 3 * patch * patch * width * (tokens - 1)
    // Queries, keys, values and output; the MLP; scores and mixtures.
    let layer = tokens * (4 * width * width + 2 * width * mlp) + 2 * tokens * tokens * width
    return embedding + Double(transformer.layers) * layer + width * Double(embeddingWidth)
  }
}

extension ResNetConfiguration {
  fileprivate var multiplyAdds: Double {
    var side = Double(imageSize) / 2
    let stem = Double(width)
    func convolution(_ inputs: Double, _ outputs: Double, kernel: Double, side: Double) -> Double {
      kernel * kernel * inputs * outputs * side * side
    }
    var sum =
      convolution(3, stem / 2, kernel: 3, side: side)
      + convolution(stem / 2, stem / 2, kernel: 3, side: side)
      + convolution(stem / 2, stem, kernel: 3, side: side)
    side /= 2
    var channels = stem
    for (stage, blocks) in stages.enumerated() {
      let inner = stem * Double(1 << min(stage, 30))
      for block in 0..<blocks {
        sum += convolution(channels, inner, kernel: 1, side: side)
        sum += convolution(inner, inner, kernel: 3, side: side)
        let isFirst = block == 0
        // The stride is an average pool before the last convolution.
        if isFirst, stage > 0 { side /= 2 }
        if isFirst { sum += convolution(channels, 4 * inner, kernel: 1, side: side) }
        sum += convolution(inner, 4 * inner, kernel: 1, side: side)
        channels = 4 * inner
      }
    }
    let tokens = side * side + 1
    return sum + 3 * tokens * channels * channels + 2 * tokens * tokens * channels
      + tokens * channels * Double(embeddingWidth)
  }
}
