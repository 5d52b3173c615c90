import Core

/// Where an image's pixels end up: its size after resizing, and the window of that which is kept.
package struct CropGeometry: Equatable {
  var resizedWidth: Int
  var resizedHeight: Int
  var outputWidth: Int
  var outputHeight: Int
  /// The window's corner in the resized image; negative where the window is larger and gets a border.
  package var left: Int
  package var top: Int

  package init(_ recipe: PreprocessRecipe, width: Int, height: Int, name: String) throws {
    switch recipe.resize {
    case .none: (resizedWidth, resizedHeight) = (width, height)
    case .squash(let n): (resizedWidth, resizedHeight) = (n, n)
    case .shorterSide(let n):
      // torchvision's `_compute_resized_output_size` and transformers' `get_resize_output_image_size` agree:
      // int(n * long / short), a true division truncated.
      let long = Int(Double(n * max(width, height)) / Double(min(width, height)))
      (resizedWidth, resizedHeight) = width <= height ? (n, long) : (long, n)
    }
    switch recipe.crop {
    case .none:
      (outputWidth, outputHeight, left, top) = (resizedWidth, resizedHeight, 0, 0)
    case .center(let n):
      (outputWidth, outputHeight) = (n, n)
      left = Self.offset(size: resizedWidth, crop: n, order: recipe.order)
      top = Self.offset(size: resizedHeight, crop: n, order: recipe.order)
    }
    try ImageLimits.check(
      width: outputWidth, height: outputHeight, what: "preprocessing to an image", name: name)
  }

  /// Columns of the resized image that the window shows.
  var columns: Range<Int> {
    Self.visible(offset: left, count: outputWidth, size: resizedWidth)
  }

  var rows: Range<Int> { Self.visible(offset: top, count: outputHeight, size: resizedHeight) }

  private static func visible(offset: Int, count: Int, size: Int) -> Range<Int> {
    max(0, offset)..<min(size, offset + count)
  }

  private static func offset(size: Int, crop: Int, order: PreprocessRecipe.Order) -> Int {
    let margin = size - crop
    switch order {
    case .openai:
      // torchvision's `center_crop`: int(round(margin / 2.0)), Python's round going half to even; a smaller image is
      // first padded by (crop - size) // 2 on this side.
      if margin < 0 { return -(-margin / 2) }
      return margin / 2 + (margin % 4 == 3 ? 1 : 0)
    case .huggingface:
      // transformers' `center_crop`: margin // 2, which Python floors; padding by the ceiling comes to the same.
      return margin >> 1
    }
  }
}
