package import Core

/// Turns images into the tensor a model sees, with the pixels Pillow gives, bit for bit.
///
///     let preprocessor = try Preprocessor(PreprocessRecipe(order: .openai, size: 224))
///     let workspace = PreprocessWorkspace()  // one per thread
///     try preprocessor.preprocess(source, into: tensor, workspace: workspace)
package struct Preprocessor: Sendable {
  package let recipe: PreprocessRecipe
  private let table: PlanarTable

  /// - Throws: `EvalError.usage` when the recipe's sizes, means or deviations make no sense.
  package init(_ recipe: PreprocessRecipe) throws {
    try recipe.validate()
    self.recipe = recipe
    table = PlanarTable(recipe)
  }

  /// Width and height of every output; nil when they depend on the image.
  package var outputSize: (width: Int, height: Int)? {
    switch (recipe.crop, recipe.resize) {
    case (.center(let n), _), (.none, .squash(let n)): (n, n)
    case (.none, .shorterSide), (.none, .none): nil
    }
  }

  /// Width and height of the output for an image of a given size.
  package func outputSize(
    width: Int, height: Int, name: String = "image"
  ) throws -> (width: Int, height: Int) {
    try ImageLimits.check(width: width, height: height, what: "an image", name: name)
    let (width, height) = try PreprocessInput.size(
      width, height, within: recipe.croppedBorder, name: name)
    let geometry = try CropGeometry(recipe, width: width, height: height, name: name)
    return (geometry.outputWidth, geometry.outputHeight)
  }

  /// The 8-bit RGB pixels that normalisation starts from.
  package func pixels(
    of image: RasterImage, workspace: PreprocessWorkspace = PreprocessWorkspace()
  ) throws -> RasterImage {
    let input = try PreprocessInput(image, croppingBorder: recipe.croppedBorder)
    let geometry = try CropGeometry(
      recipe, width: input.width, height: input.height, name: input.name)
    let rowBytes = 3 * geometry.outputWidth
    let pixels = try [UInt8](unsafeUninitializedCapacity: rowBytes * geometry.outputHeight) {
      buffer, count in
      guard let base = buffer.baseAddress else { return }
      try render(input, geometry, workspace) { y, row in
        (base + y * rowBytes).update(from: row, count: rowBytes)
      }
      count = rowBytes * geometry.outputHeight
    }
    return RasterImage(
      mode: .rgb, width: geometry.outputWidth, height: geometry.outputHeight, pixels: pixels)
  }

  /// Fills `output`, 3 × height × width in planes R, G, B.
  package func preprocess(
    _ image: RasterImage, into output: UnsafeMutableBufferPointer<Float>,
    workspace: PreprocessWorkspace = PreprocessWorkspace()
  ) throws {
    try preprocess(
      PreprocessInput(image, croppingBorder: recipe.croppedBorder), into: output, workspace)
  }

  /// From an encoded image straight to the tensor, with no copy of its pixels in between.
  package func preprocess(
    bytes: UnsafeRawBufferPointer, name: String, into output: UnsafeMutableBufferPointer<Float>,
    workspace: PreprocessWorkspace
  ) throws {
    try preprocess(
      PreprocessInput(bytes: bytes, name: name, croppingBorder: recipe.croppedBorder),
      into: output, workspace)
  }

  /// Reads, decodes and preprocesses.
  /// - Parameter hashing: whether to hash what was read (see `ImageSource.withBytes`).
  /// - Returns: the digest, if asked for.
  @discardableResult
  package func preprocess(
    _ source: ImageSource, into output: UnsafeMutableBufferPointer<Float>,
    workspace: PreprocessWorkspace, hashing: Bool = false
  ) throws -> SHA256Digest? {
    if let image = try source.raster() {
      try preprocess(
        PreprocessInput(image, name: source.name, croppingBorder: recipe.croppedBorder),
        into: output, workspace)
      return hashing ? try source.withBytes(SHA256.hash) : nil
    }
    return try source.withBytes(in: workspace.encoded) { bytes in
      try preprocess(bytes: bytes, name: source.name, into: output, workspace: workspace)
      return hashing ? SHA256.hash(bytes) : nil
    }
  }

  private func preprocess(
    _ input: PreprocessInput, into output: UnsafeMutableBufferPointer<Float>,
    _ workspace: PreprocessWorkspace
  ) throws {
    workspace.inputSize = (input.width, input.height)
    let geometry = try CropGeometry(
      recipe, width: input.width, height: input.height, name: input.name)
    let (width, height) = (geometry.outputWidth, geometry.outputHeight)
    guard output.count == 3 * width * height, let planes = output.baseAddress else {
      throw EvalError(
        .bug, "expected room for 3×\(height)×\(width) values, found \(output.count)",
        subject: input.name)
    }
    try render(input, geometry, workspace) { y, row in
      let red = planes + y * width
      table.spread(
        row, count: width, isa: workspace.isa, red, red + width * height, red + 2 * width * height)
    }
  }
}
