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
