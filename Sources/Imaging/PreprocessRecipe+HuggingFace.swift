import Core
package import Foundation

extension PreprocessRecipe {
  /// Reads a `preprocessor_config.json` as transformers' `CLIPImageProcessor` would, in all the forms it has had
  /// (`CLIPFeatureExtractor` wrote plain integers for sizes). Missing keys have that class's defaults.
  ///
  /// - Throws: `EvalError.malformedData` for what cannot be reproduced: other filters than bicubic, other scales than
  ///   1/255, crops that are not square.
  package init(huggingFaceConfig data: Data, name: String) throws {
    let config: HuggingFaceConfig
    do {
      config = try JSONDecoder().decode(HuggingFaceConfig.self, from: data)
    } catch let error as DecodingError {
      throw EvalError(
        .malformedData, "not a preprocessor configuration: \(error.place)",
        subject: name)
    }
    self = try config.recipe(name: name)
  }

  /// - Throws: `EvalError.notFound` when the file cannot be read.
  package init(huggingFaceConfigAt url: URL) throws {
    try self.init(huggingFaceConfig: readFile(url, limit: 1 << 20), name: url.path)
  }
}

/// The keys of `preprocessor_config.json` that decide pixels.
private struct HuggingFaceConfig: Decodable {
  enum CodingKeys: String, CodingKey {
    case doResize = "do_resize"
    case size, resample
    case doCenterCrop = "do_center_crop"
    case cropSize = "crop_size"
    case doRescale = "do_rescale"
    case rescaleFactor = "rescale_factor"
    case doNormalize = "do_normalize"
    case doConvertRGB = "do_convert_rgb"
    case mean = "image_mean"
    case standardDeviation = "image_std"
  }

  /// An integer, `{"shortest_edge": n}` or `{"height": h, "width": w}`.
  struct Size: Decodable {
    var edge: Int?
    var sides: (height: Int, width: Int)?

    private enum CodingKeys: String, CodingKey {
      case shortestEdge = "shortest_edge"
      case height, width
    }

    init(edge: Int) { self.edge = edge }

    init(from decoder: any Decoder) throws {
      if let n = try? decoder.singleValueContainer().decode(Int.self) {
        edge = n
        return
      }
      let fields = try decoder.container(keyedBy: CodingKeys.self)
      if fields.contains(.shortestEdge) {
        edge = try fields.decode(Int.self, forKey: .shortestEdge)
      } else {
        sides = (
          try fields.decode(Int.self, forKey: .height), try fields.decode(Int.self, forKey: .width)
        )
      }
    }
  }

  var doResize: Bool?
  var size: Size?
  var resample: Int?
  var doCenterCrop: Bool?
  var cropSize: Size?
  var doRescale: Bool?
  var rescaleFactor: Double?
  var doNormalize: Bool?
  var doConvertRGB: Bool?
  var mean: [Float]?
  var standardDeviation: [Float]?

  func recipe(name: String) throws -> PreprocessRecipe {
    func refuse(_ message: String) -> EvalError {
      EvalError(.malformedData, message, subject: name)
    }

    var resize = PreprocessRecipe.Resize.none
    if doResize ?? true {
      guard resample ?? 3 == 3 else {
        let names = [0: "nearest", 1: "Lanczos", 2: "bilinear", 4: "box", 5: "Hamming"]
        let found = resample.map { "\($0) (\(names[$0] ?? "unknown"))" } ?? ""
        throw refuse("expected resample 3 (bicubic), found \(found)")
      }
      let size = size ?? Size(edge: 224)
      if let edge = size.edge {
        resize = .shorterSide(edge)
      } else if let sides = size.sides {
        guard sides.height == sides.width else {
          throw refuse("expected a square size, found \(sides.height)×\(sides.width)")
        }
        resize = .squash(sides.height)
      }
    }

    var crop = PreprocessRecipe.Crop.none
    if doCenterCrop ?? true {
      let size = cropSize ?? Size(edge: 224)
      let sides = size.sides ?? (size.edge ?? 224, size.edge ?? 224)
      guard sides.height == sides.width else {
        throw refuse("expected a square crop_size, found \(sides.height)×\(sides.width)")
      }
      crop = .center(sides.height)
    }

    guard doConvertRGB ?? true else {
      throw refuse("expected do_convert_rgb true, found false: towers here take RGB images")
    }
    var (mean, deviation) = (
      mean ?? PreprocessRecipe.openAIMean,
      standardDeviation ?? PreprocessRecipe.openAIStandardDeviation
    )
    let rescales = doRescale ?? true
    let normalizes = doNormalize ?? true
    if rescales {
      let factor = rescaleFactor ?? 1.0 / 255
      guard abs(factor * 255 - 1) < 1e-6 else {
        throw refuse("expected rescale_factor 1/255, found \(factor)")
      }
      // Scaled but not normalised is the same as normalising with mean 0 and deviation 1.
      if !normalizes { (mean, deviation) = ([0, 0, 0], [1, 1, 1]) }
    } else if normalizes {
      throw refuse("expected do_rescale with do_normalize, found do_rescale false")
    }
    let recipe = PreprocessRecipe(
      order: .huggingface, resize: resize, crop: crop, mean: mean, standardDeviation: deviation,
      normalizes: rescales)
    do {
      try recipe.validate()
    } catch let error as EvalError {
      throw refuse(error.message)
    }
    return recipe
  }
}
