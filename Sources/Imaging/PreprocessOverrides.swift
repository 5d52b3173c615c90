/// What a user may change about the preprocessing that comes with a checkpoint. Recorded like any other recipe.
package struct PreprocessOverrides: Sendable, Hashable {
  package enum Resize: String, Sendable, CaseIterable {
    /// The shorter side to the model's input size, aspect ratio kept.
    case shorter
    /// Both sides to the model's input size.
    case squash
    case off = "none"
  }

  package enum Crop: String, Sendable, CaseIterable {
    case center
    case off = "none"
  }

  package var order: PreprocessRecipe.Order?
  package var resize: Resize?
  package var crop: Crop?

  package init(
    order: PreprocessRecipe.Order? = nil, resize: Resize? = nil, crop: Crop? = nil
  ) {
    self.order = order
    self.resize = resize
    self.crop = crop
  }

  /// - Parameter size: side of the model's input, pixels.
  package func applied(to recipe: PreprocessRecipe, size: Int) -> PreprocessRecipe {
    var result = recipe
    if let order { result.order = order }
    switch resize {
    case .shorter: result.resize = .shorterSide(size)
    case .squash: result.resize = .squash(size)
    case .off: result.resize = .none
    case nil: break
    }
    switch crop {
    case .center: result.crop = .center(size)
    case .off: result.crop = .none
    case nil: break
    }
    return result
  }
}
