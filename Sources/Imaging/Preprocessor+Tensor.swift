extension Preprocessor {
  /// One image's tensor in memory of its own, for when there is no batch to fill.
  /// - Returns: the shape, [3, height, width], and the values in that order.
  package func tensor(
    of source: ImageSource, workspace: PreprocessWorkspace
  ) throws -> (shape: [Int], values: [Float]) {
    let image = try ImageDecoder.decode(source)
    let size = try outputSize(width: image.width, height: image.height, name: source.name)
    var values = [Float](repeating: 0, count: 3 * size.width * size.height)
    try values.withUnsafeMutableBufferPointer {
      try preprocess(image, into: $0, workspace: workspace)
    }
    return ([3, size.height, size.width], values)
  }
}
