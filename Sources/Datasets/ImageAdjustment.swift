package import Core
package import Imaging

/// What a dataset's protocol changes in a model's preprocessing.
package struct ImageAdjustment: Sendable, Hashable, Codable {
  /// Pixels cut off each side before anything else (ObjectNet's red border).
  package var croppedBorder: Int
  /// The whole image is squeezed into the model's square, in place of a crop from its middle (KITTI, 1242×375).
  package var squashes: Bool

  package init(croppedBorder: Int = 0, squashes: Bool = false) {
    self.croppedBorder = croppedBorder
    self.squashes = squashes
  }

  package static let none = ImageAdjustment()
}

extension ImageAdjustment {
  /// The recipe for a dataset's images. One that squashes already stays as it is.
  ///
  /// - Parameter size: side of the model's input, pixels.
  package func applied(to recipe: PreprocessRecipe, size: Int) -> PreprocessRecipe {
    var result = recipe
    result.croppedBorder += croppedBorder
    if squashes {
      if case .squash = recipe.resize { return result }
      result.resize = .squash(size)
    }
    return result
  }

  /// Whether features made elsewhere were made with it, as far as the text of their preprocessing tells.
  ///
  /// - Parameters:
  ///   - preprocessing: nil where nobody says.
  ///   - place: of the features, for errors.
  /// - Returns: what a reader of the result should know; nil where the text says that it was.
  /// - Throws: `EvalError.malformedData` where the text says that it was not.
  package func check(
    madeWith preprocessing: String?, dataset: String, place: String?
  ) throws(EvalError) -> String? {
    guard let preprocessing, PreprocessRecipe.isDescription(preprocessing) else {
      return self == .none
        ? nil
        : "whether the images were preprocessed as \(dataset) asks for (\(summary)) is not known"
    }
    let isMet =
      PreprocessRecipe.description(preprocessing, cropsBorder: croppedBorder)
      && (!squashes || PreprocessRecipe.descriptionSquashes(preprocessing))
    guard isMet else {
      throw EvalError(
        .malformedData,
        "expected features of images preprocessed as \(dataset) asks for (\(summary)), found \(preprocessing)",
        subject: place,
        remedy: "Embed the dataset by its name, with the options that the suite has.")
    }
    return nil
  }

  private var summary: String {
    [
      croppedBorder > 0 ? "a border of \(croppedBorder) pixels cut off" : "no border cut off",
      squashes ? "the whole image squeezed into the square" : nil,
    ].compactMap(\.self).joined(separator: ", ")
  }
}
