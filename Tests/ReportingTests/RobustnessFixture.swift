import Core
import Foundation
import ReferenceFiles
import Reporting
import Robustness
import TestSupport

/// The paper's Figures 13 to 15, from the tables in Reports/reference.
enum RobustnessFixture {
  static let folder = TestPaths.project.appending(path: "Reports/reference")
  static let source =
    "Other models: imagenet-testbed (Taori et al. 2020). CLIP: the paper's plots, read off."
  static let axes = (
    base: "ImageNet, mean over the shifts' classes", shift: "mean of 7 natural shifts"
  )

  static func cloud() throws -> (baselines: [RobustnessPoint], fit: RobustnessFit) {
    let table = try ShippedBaselines.naturalShifts.table(in: folder)
    let (base, shift) = (NaturalShift.meanBase, NaturalShift.meanSetting)
    let fit = try RobustnessFit(
      try table.points(base: base, shift: shift, filter: .standard))
    let shown = BaselineFilter(
      name: "shown", types: ["standard", "robust-intervention", "lp-adversarial", "more-data"],
      excludedNameParts: BaselineFilter.standard.excludedNameParts + ["clip"], minimumBase: 0.55)
    return (try table.points(base: base, shift: shift, filter: shown), fit)
  }

  private static func plotted(
    _ table: ShippedBaselines, _ types: [String]
  ) throws -> [RobustnessPoint] {
    try table.table(in: folder).points(
      base: NaturalShift.meanBase, shift: NaturalShift.meanSetting,
      filter: BaselineFilter(name: "plotted", types: types))
  }

  /// Left.
  static func figure13() throws -> RobustnessFigure {
    let (baselines, fit) = try cloud()
    let points = try plotted(.figure14, ["adaptive-zero-shot"]).map { point in
      var point = point
      point.family = "zero-shot CLIP"
      return point
    }
    return RobustnessFigure(
      title: "Zero-shot CLIP and ImageNet models under natural shift", name: "figure-13",
      baselines: baselines, fit: fit, points: points, baseLabel: axes.base,
      shiftLabel: axes.shift, isLabelled: false, remarks: [source])
  }

  /// Right.
  static func pairs() throws -> PairedShiftsFigure {
    let table = try ShippedBaselines.figure13.table(in: folder)
    let titles = [
      "imagenet": "ImageNet", "imagenetv2": "ImageNetV2", "imagenet-r": "ImageNet-R",
      "objectnet": "ObjectNet", "imagenet-sketch": "ImageNet Sketch", "imagenet-a": "ImageNet-A",
    ]
    let rows = table.settings.compactMap { setting -> PairedShiftsFigure.Row? in
      guard let first = table.accuracies(of: "ResNet-101")?[setting],
        let second = table.accuracies(of: "Zero-Shot CLIP")?[setting]
      else { return nil }
      return PairedShiftsFigure.Row(titles[setting] ?? setting, first: first, second: second)
    }
    return PairedShiftsFigure(
      title: "Two models of one ImageNet accuracy", first: "ResNet-101", second: "Zero-shot CLIP",
      rows: rows, remarks: ["Radford et al. 2021, Figure 13."])
  }

  /// Left.
  static func figure14() throws -> RobustnessFigure {
    let (baselines, fit) = try cloud()
    let kinds = [
      ("adaptive-zero-shot", "zero-shot, classes of each shift"),
      ("imagenet-zero-shot", "zero-shot, ImageNet's classes"), ("linear-probe", "linear probe"),
    ]
    let curves = try kinds.map { type, name in
      RobustnessFigure.Curve(name: name, points: try plotted(.figure14, [type]), labels: [])
    }
    return RobustnessFigure(
      title: "CLIP adapted to ImageNet and to class shift", name: "figure-14",
      baselines: baselines, fit: fit, points: [], curves: curves, baseLabel: axes.base,
      shiftLabel: axes.shift, isLabelled: false, remarks: [source])
  }

  static func deltas() throws -> AdaptationFigure {
    let (changes, source) = try PublishedFigures.adaptation(
      ReferenceTable("figure-14-deltas.csv", in: folder))
    return AdaptationFigure(model: "CLIP", changes: changes, remarks: ["\(source)."])
  }

  static func figure15() throws -> RobustnessFigure {
    let (baselines, fit) = try cloud()
    let probes = try plotted(.figure15, ["few-shot"])
    let zeroShot = try plotted(.figure15, ["zero-shot"]).map { point in
      var point = point
      (point.model, point.family) = ("zero-shot CLIP", "zero-shot CLIP")
      return point
    }
    return RobustnessFigure(
      title: "Few-shot probes under natural shift", name: "figure-15", baselines: baselines,
      fit: fit, points: zeroShot,
      curves: [
        RobustnessFigure.Curve(
          name: "few-shot CLIP, examples per class", points: probes,
          labels: probes.map { String($0.model.prefix { $0 != "-" && $0 != " " }) })
      ],
      baseLabel: axes.base, shiftLabel: axes.shift, remarks: [source])
  }

  /// One shift, with one's own model, its numbers of samples and bars.
  static func own(_ scale: AccuracyScale = .logit) throws -> (
    figure: RobustnessFigure, entries: [RobustnessTables.Entry]
  ) {
    let table = try ShippedBaselines.naturalShifts.table(in: folder)
    let filter = BaselineFilter.standard
    let fit = try RobustnessFit(
      try table.points(base: "imagenet", shift: "imagenetv2", filter: filter), scale: scale)
    let baselines = try table.points(
      base: "imagenet", shift: "imagenetv2",
      filter: BaselineFilter(
        name: "shown", types: ["standard", "more-data"], minimumBase: 0.55))
    let points = [
      RobustnessPoint(
        model: "ViT-B/32", family: "zero-shot", base: 0.632, shift: 0.562, baseCount: 5000,
        shiftCount: 1000),
      RobustnessPoint(
        model: "ViT-B/32 probe", family: "linear-probe", base: 0.735, shift: 0.615,
        baseCount: 5000, shiftCount: 1000),
    ]
    let entries = points.map { point in
      RobustnessTables.Entry(
        shift: "ImageNetV2", point: point,
        robustness: EffectiveRobustness(point, fit: fit, reference: points[1]))
    }
    let figure = RobustnessFigure(
      title: "ImageNetV2, \(scale.rawValue) scale", baselines: baselines, fit: fit,
      points: points, scale: scale, baseLabel: "ImageNet", shiftLabel: "ImageNetV2")
    return (figure, entries)
  }

  static func all() throws -> [FigureFile] {
    FigureFile.make(
      [
        try figure13().figure, try pairs().figure, try figure14().figure, try figure15().figure,
        try own().figure.figure, try own(.probit).figure.figure,
      ] + (try deltas().figures))
  }
}
