package import Core

/// One of the seven natural shifts of ImageNet that the paper averages over (section 3.3, Table 16).
package struct NaturalShift: Sendable, Equatable {
  /// The dataset's id.
  package let dataset: String
  /// As the paper's figures call it.
  package let title: String
  /// Names of settings in tables of baselines and of published numbers. Where there are two, the accuracy is their mean.
  package let parts: [String]
  /// The setting of the samples of ImageNet's validation set that have the shift's classes.
  package let base: String
  /// A setting of the same images that stands for it in tables that lack it: ImageNetV2 in its `format-val` copy.
  package var copy: String? { dataset == "ImageNetV2" ? "imagenetv2-format-val" : nil }

  /// The setting of the shift itself: `parts`, or their mean.
  package var setting: String { parts.count == 1 ? parts[0] : meanSetting }
  /// Which models of imagenet-testbed a line for it goes through.
  package var filter: BaselineFilter {
    dataset == "ImageNet-A" ? .standardOnImageNetA : .standard
  }
  private let meanSetting: String

  private init(
    _ dataset: String, _ title: String, _ setting: String, parts: [String]? = nil,
    base: String = imageNet
  ) {
    self.dataset = dataset
    self.title = title
    self.parts = parts ?? [setting]
    self.base = base
    meanSetting = setting
  }

  /// ImageNet's whole validation set.
  package static let imageNet = "imagenet"
  /// The mean of the seven, and of their bases.
  package static let meanSetting = "natural-shifts-mean"
  package static let meanBase = "class-subsets-mean"

  /// In the order of Table 16.
  package static let all = [
    NaturalShift("ImageNetV2", "ImageNetV2", "imagenetv2"),
    NaturalShift("ImageNet-A", "ImageNet-A", "imagenet-a", base: "imagenet-on-a-classes"),
    NaturalShift("ImageNet-R", "ImageNet-R", "imagenet-r", base: "imagenet-on-r-classes"),
    NaturalShift("ObjectNet", "ObjectNet", "objectnet", base: "imagenet-on-objectnet-classes"),
    NaturalShift("ImageNet-Sketch", "ImageNet Sketch", "imagenet-sketch"),
    NaturalShift(
      "ImageNet-Vid-Robust", "ImageNet Vid", "imagenet-vid",
      parts: ["imagenet-vid-pm0", "imagenet-vid-pm10"], base: "imagenet-on-vid-classes"),
    NaturalShift(
      "YTBB-Robust", "Youtube-BB", "youtube-bb", parts: ["youtube-bb-pm0", "youtube-bb-pm10"],
      base: "imagenet-on-ytbb-classes"),
  ]
}

extension BaselineTable {
  /// With the means that the paper plots: of pm-0 and pm-10, and where all are there, of the seven shifts and of their bases. A mean that
  /// the table has stays as it is.
  package func addingNaturalShiftMeans() throws(EvalError) -> BaselineTable {
    let shifts = NaturalShift.all
    let means =
      shifts.filter { $0.parts.count > 1 }.map { ($0.setting, $0.parts) } + [
        (NaturalShift.meanSetting, shifts.map(\.setting)),
        (NaturalShift.meanBase, shifts.map(\.base)),
      ]
    var table = self
    for (name, parts) in means
    where !table.settings.contains(name) && parts.allSatisfy(table.settings.contains) {
      table = try table.addingMean(name, of: parts)
    }
    return table
  }
}
