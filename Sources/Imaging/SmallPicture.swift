import Core
package import Foundation

/// Small pictures for people to look at. Images are never enlarged.
package enum SmallPicture {
  package enum Size: Sendable {
    /// The longer side has this many pixels at most.
    case longerSide(Int)
    /// The shorter side has; an image more than four times as long as wide becomes a square.
    case shorterSide(Int)

    fileprivate func resize(_ width: Int, _ height: Int) -> PreprocessRecipe.Resize {
      let (short, long) = (min(width, height), max(width, height))
      switch self {
      case .longerSide(let side):
        // Rounded down: the other side must not come out longer than asked for.
        return long <= side ? .none : .shorterSide(max(1, side * short / long))
      case .shorterSide(let side):
        return 4 * short < long ? .squash(side) : short <= side ? .none : .shorterSide(side)
      }
    }
  }

  /// A JPEG; nil for an image that cannot be read.
  /// - Parameter quality: libjpeg's, 1…100.
  /// - Throws: what is no fault of the image.
  package static func jpeg(
    of source: ImageSource, size: Size, quality: Int = 85
  ) throws -> Data? {
    do {
      let image = try ImageDecoder.decode(source)
      let recipe = PreprocessRecipe(
        order: .huggingface, resize: size.resize(image.width, image.height), crop: .none,
        normalizes: false)
      let pixels = try Preprocessor(recipe).pixels(of: image)
      return try JPEGEncoder.encode(
        rgb: pixels.pixels, width: pixels.width, height: pixels.height, quality: quality)
    } catch let error as EvalError where error.kind == .malformedData || error.kind == .notFound {
      return nil
    }
  }
}
