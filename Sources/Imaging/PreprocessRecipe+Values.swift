import Core

extension PreprocessRecipe {
  /// What each byte becomes, per channel: 3 × 256, scaled, then shifted, then divided, since another order of
  /// operations gives other last bits.
  func valueTable() -> [Float] {
    (0..<3).flatMap { channel in
      (0..<256).map { value(of: UInt8($0), channel: channel) }
    }
  }

  private func value(of byte: UInt8, channel: Int) -> Float {
    guard normalizes else { return Float(byte) }
    // torchvision's ToTensor divides in float32; transformers' `rescale` multiplies by 1/255 in double precision and
    // rounds the product. The two agree on all 256 values.
    let scaled = Float(byte) / 255
    return (scaled - mean[channel]) / standardDeviation[channel]
  }

  func validate() throws {
    func refuse(_ message: String) -> EvalError {
      EvalError(.usage, message, subject: "preprocessing recipe")
    }
    switch resize {
    case .shorterSide(let n), .squash(let n):
      guard (1...ImageLimits.side).contains(n) else {
        throw refuse("expected a size to resize to of at least 1 pixel, found \(n)")
      }
    case .none: break
    }
    guard (0...ImageLimits.side).contains(croppedBorder) else {
      throw refuse("expected a border of at least 0 pixels to cut off, found \(croppedBorder)")
    }
    if case .center(let n) = crop, !(1...ImageLimits.side).contains(n) {
      throw refuse("expected a crop size of at least 1 pixel, found \(n)")
    }
    guard mean.count == 3, mean.allSatisfy(\.isFinite) else {
      throw refuse("expected 3 finite means, found \(mean)")
    }
    guard standardDeviation.count == 3, standardDeviation.allSatisfy({ $0.isFinite && $0 > 0 })
    else {
      throw refuse("expected 3 standard deviations above 0, found \(standardDeviation)")
    }
  }
}

extension PreprocessRecipe: CustomStringConvertible {
  /// The recipe in one line, the steps in the order they are made.
  package var description: String {
    let resizing =
      switch resize {
      case .shorterSide(let n): "resize(shorter=\(n),bicubic,antialias)"
      case .squash(let n): "resize(squash=\(n),bicubic,antialias)"
      case .none: "resize(none)"
      }
    let rounding =
      switch order {
      case .openai: "half-even"
      case .huggingface: "floor"
      }
    let cropping =
      switch crop {
      case .center(let n): "crop(center=\(n),\(rounding))"
      case .none: "crop(none)"
      }
    let steps =
      switch order {
      case .openai: [resizing, cropping, "rgb"]
      case .huggingface: ["rgb", resizing, cropping]
      }
    func list(_ values: [Float]) -> String { values.map { "\($0)" }.joined(separator: ",") }
    let values =
      normalizes
      ? ["scale(1/255)", "normalize(mean=\(list(mean)),std=\(list(standardDeviation)))"]
      : ["scale(1)"]
    let border = croppedBorder > 0 ? [Self.text(ofBorder: croppedBorder)] : []
    return ([order.rawValue] + border + steps + values).joined(separator: "|")
  }

  private static func text(ofBorder border: Int) -> String { "crop(border=\(border))" }

  /// Whether a text describes a recipe in this form, which other programs' texts do not.
  package static func isDescription(_ text: String) -> Bool {
    Order.allCases.contains { text.hasPrefix("\($0.rawValue)|") }
  }

  /// Whether the recipe that a text in this form describes begins by cutting off a border of this width.
  /// - Parameter border: 0 for none.
  package static func description(_ text: String, cropsBorder border: Int) -> Bool {
    let steps = text.split(separator: "|").map(String.init)
    let found = steps.first { $0.hasPrefix("crop(border=") }
    return found == (border > 0 ? Self.text(ofBorder: border) : nil)
  }

  /// Whether the recipe that a text in this form describes squeezes the whole image into a square.
  package static func descriptionSquashes(_ text: String) -> Bool {
    text.contains("|resize(squash=")
  }
}
