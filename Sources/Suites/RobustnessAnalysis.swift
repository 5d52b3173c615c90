import Core
import Experiments
import Foundation
import Reporting
import Robustness

/// What is made of a run's robustness rows once they are there: points of each classifier on each shift and on their mean, a line through
/// the baselines of the suite, and what the classifiers are above it.
struct RobustnessAnalysis {
  /// One classifier of one model, on one shift or on the mean over all.
  struct Result {
    var model: String
    var classifier: RobustnessExperiment.Classifier
    /// As tables call it: `zero-shot`, `few-shot 4`, `ensemble α = 0.5`.
    var family: String
    var shots: Int?
    var alpha: Double?
    /// Nil for the mean.
    var shift: String?
    var point: RobustnessPoint
  }

  /// The shifts of one suite, or their mean: what a figure shows.
  struct Panel {
    /// Nil for the mean.
    var shift: String?
    var title: String
    var results: [Result]
    /// All models of the baselines that have both accuracies.
    var baselines: [RobustnessPoint] = []
    var fit: RobustnessFit?
    /// Which of them the line is of, in words.
    var selection: String?
  }

  let base: String
  let scale: AccuracyScale
  private(set) var panels: [Panel] = []
  /// Why there is no line, or whose.
  private(set) var notes: [String] = []

  /// - Parameters:
  ///   - rows: of a run.
  ///   - run: its folder, in which a copy of the user's baselines lies.
  /// - Returns: nil where the suite asks for no robustness, or none of it is there yet.
  init?(_ suite: SuiteFile, _ rows: [ResultRow], run: URL?) {
    guard let robustness = suite.robustness else { return nil }
    base = RobustnessSettings.id(robustness.base)
    scale = robustness.scale
    let shifts = robustness.shifts.map(RobustnessSettings.id)
    let own = rows.filter { row in
      row.robustness?.base == base && shifts.contains(row.dataset) && row.probe?.seed == nil
    }
    let results = shifts.map { shift in
      (shift: shift, results: Self.results(own.filter { $0.dataset == shift }, shift: shift))
    }.filter { !$0.results.isEmpty }
    guard !results.isEmpty else { return nil }
    panels = results.map { Panel(shift: $0.shift, title: $0.shift, results: $0.results) }
    // A mean is over all shifts of the suite, or there is none.
    if shifts.count > 1, results.count == shifts.count {
      let means = Self.means(results.map(\.results))
      if !means.isEmpty {
        let title =
          Self.isPaper(base, shifts)
          ? "mean of the seven natural shifts" : "mean of \(shifts.count) shifts"
        panels.insert(Panel(shift: nil, title: title, results: means), at: 0)
      }
    }
    do {
      guard let baselines = try suite.robustnessBaselines(in: run) else { return }
      try fit(baselines)
    } catch {
      notes.append("No line: \(error)")
    }
  }

  private static func isPaper(_ base: String, _ shifts: [String]) -> Bool {
    base == "ImageNet" && Set(shifts) == Set(NaturalShift.all.map(\.dataset))
  }

  /// A point for each classifier of one shift: of frames in sets the mean of pm-0 and pm-10.
  private static func results(_ rows: [ResultRow], shift: String) -> [Result] {
    var order: [[String]] = []
    var groups: [[String]: [ResultRow]] = [:]
    for row in rows {
      guard let record = row.robustness else { continue }
      let key = [row.model, family(record, row)]
      if groups.updateValue((groups[key] ?? []) + [row], forKey: key) == nil { order.append(key) }
    }
    return order.compactMap { key in
      // Rows of a task that ran under other settings too: the last of each metric counts.
      let all = groups[key] ?? []
      let metrics = all.map(\.metric).uniqued()
      let rows = metrics.compactMap { metric in all.last { $0.metric == metric } }
      let values = rows.compactMap(\.value)
      guard let row = rows.last, let record = row.robustness, let base = record.baseValue,
        !values.isEmpty, values.count == rows.count
      else { return nil }
      return Result(
        model: row.model, classifier: record.classifier, family: key[1], shots: row.probe?.shots,
        alpha: record.alpha, shift: shift,
        point: RobustnessPoint(
          model: row.model, family: key[1], base: base,
          shift: values.reduce(0, +) / Double(values.count), baseCount: record.baseN,
          shiftCount: row.n))
    }
  }

  private static func family(_ record: RobustnessRecord, _ row: ResultRow) -> String {
    switch record.classifier {
    case .fewShot: "\(record.classifier.rawValue) \(row.probe?.shots.map(String.init) ?? "")"
    case .ensemble:
      "\(record.classifier.rawValue) α = \(record.alpha.map { "\($0)" } ?? "")"
    default: record.classifier.rawValue
    }
  }

  private static func means(_ shifts: [[Result]]) -> [Result] {
    guard let first = shifts.first else { return [] }
    return first.compactMap { result in
      let parts = shifts.compactMap { others in
        others.first { $0.model == result.model && $0.family == result.family }?.point
      }
      guard parts.count == shifts.count,
        let point = RobustnessPoint(meanOf: parts, model: result.model, family: result.family)
      else { return nil }
      var mean = result
      (mean.shift, mean.point) = (nil, point)
      return mean
    }
  }

  private mutating func fit(_ baselines: RobustnessBaselines) throws {
    for index in panels.indices {
      guard let setting = baselines.setting(of: panels[index].shift) else { continue }
      let shown = try baselines.table.points(
        base: setting.base, shift: setting.shift, filter: baselines.shown)
      let chosen = try baselines.table.points(
        base: setting.base, shift: setting.shift, filter: baselines.filter)
      // Of ImageNet-A, ResNet-50 has none right, for that is how its images were chosen.
      let placed = chosen.filter { point in
        scale.transformed(point.base, count: point.baseCount) != nil
          && scale.transformed(point.shift, count: point.shiftCount) != nil
      }
      let fitted = Set(placed.map(\.model))
      panels[index].baselines = shown.map { point in
        var point = point
        // Only those of the line are drawn as its models.
        if point.family == "standard", !fitted.contains(point.model) { point.family = "left out" }
        return point
      }
      panels[index].selection =
        "\(placed.count) of \(baselines.table.rows.count) models of \(baselines.origin) (\(baselines.filter.name))"
      let left = chosen.filter { !fitted.contains($0.model) }.map(\.model)
      if !left.isEmpty {
        notes.append(
          "\(panels[index].title): without \(left.joined(separator: ", ")), whose accuracy of 0 or 1 has no place on the \(scale.rawValue) scale."
        )
      }
      do {
        panels[index].fit = try RobustnessFit(placed, scale: scale, subject: baselines.origin)
      } catch {
        notes.append("\(panels[index].title): no line: \(error)")
      }
    }
  }

  // MARK: report

  /// A figure for each panel, and of ImageNet those of what adapting to it and to class shift changes.
  var figures: [Figure] { scatters.map(\.figure) + adaptations.flatMap(\.figures) }

  /// Figure 14 of the paper, for each model that has zero-shot and one of the two.
  private var adaptations: [AdaptationFigure] {
    guard base == "ImageNet" else { return [] }
    let own = panels.filter { $0.shift != nil }
    return own.flatMap { $0.results.map(\.model) }.uniqued().compactMap { model in
      let changes = own.compactMap { panel -> AdaptationFigure.Change? in
        func value(_ classifier: RobustnessExperiment.Classifier) -> Double? {
          panel.results.first { $0.model == model && $0.classifier == classifier }?.point.shift
        }
        guard let zeroShot = value(.zeroShot), let shift = panel.shift else { return nil }
        return .init(
          dataset: shift, toImageNet: value(.probe).map { $0 - zeroShot },
          toClassShift: value(.classShift).map { $0 - zeroShot })
      }
      guard changes.contains(where: { $0.toImageNet != nil || $0.toClassShift != nil }) else {
        return nil
      }
      return AdaptationFigure(model: model, changes: changes)
    }
  }

  private var scatters: [RobustnessFigure] {
    panels.map { panel in
      let single = panel.results.filter { $0.classifier != .fewShot && $0.classifier != .ensemble }
      let curves = panel.results.map(\.model).uniqued().flatMap { model in
        [RobustnessExperiment.Classifier.fewShot, .ensemble].compactMap { classifier in
          curve(classifier, model, panel)
        }
      }
      return RobustnessFigure(
        title: "Robustness of \(base): \(panel.title)",
        name: "robustness-\(base)-\(panel.shift ?? "mean")", baselines: panel.baselines,
        fit: panel.fit, points: single.map(\.point), curves: curves, scale: scale,
        baseLabel: "\(base), classes of the shift", shiftLabel: panel.title,
        remarks: panel.selection.map { ["Line: \($0)."] } ?? [])
    }
  }

  /// Few-shot probes begin at zero-shot and end at the whole split; ensembles have their own ends.
  private func curve(
    _ classifier: RobustnessExperiment.Classifier, _ model: String, _ panel: Panel
  ) -> RobustnessFigure.Curve? {
    let own = panel.results.filter { $0.model == model && $0.classifier == classifier }
    guard !own.isEmpty else { return nil }
    let several = panel.results.contains { $0.model != model }
    let name = several ? "\(classifier.rawValue), \(model)" : classifier.rawValue
    if classifier == .ensemble {
      let sorted = own.sorted { ($0.alpha ?? 0) < ($1.alpha ?? 0) }
      return .init(
        name: name, points: sorted.map(\.point), labels: sorted.map { "α \($0.alpha ?? 0)" })
    }
    let sorted = own.sorted { ($0.shots ?? 0) < ($1.shots ?? 0) }
    let full = panel.results.first { $0.model == model && $0.classifier == .probe }
    return .init(
      name: name, points: (sorted + [full].compactMap(\.self)).map(\.point),
      labels: sorted.map { "\($0.shots ?? 0)-shot" } + (full == nil ? [] : ["full"]))
  }

  func section(_ figures: [FigureFile]) -> ReportSection {
    .robustness(
      base: base, accuracies: accuracies, effective: hasLine ? effective : nil, notes: notes,
      figures: figures)
  }

  /// Each classifier's accuracies, a column a shift.
  var accuracies: RobustnessTables { RobustnessTables(entries(panels.filter { $0.shift != nil })) }
  /// Each classifier on each shift and on their mean.
  var effective: RobustnessTables { RobustnessTables(entries(panels)) }
  var hasLine: Bool { panels.contains { $0.fit != nil } }

  /// Of every panel its points, with effective robustness where there is a line; relative to zero-shot where that is there.
  private func entries(_ panels: [Panel]) -> [RobustnessTables.Entry] {
    panels.flatMap { panel in
      panel.results.map { result in
        let zeroShot = panel.results.first {
          $0.model == result.model && $0.classifier == .zeroShot
        }
        return RobustnessTables.Entry(
          shift: panel.shift ?? "mean", point: result.point,
          robustness: panel.fit.flatMap { fit in
            EffectiveRobustness(
              result.point, fit: fit,
              reference: result.classifier == .zeroShot ? nil : zeroShot?.point)
          })
      }
    }
  }
}

extension Sequence where Element: Hashable {
  /// Each element once, in order of first appearance.
  fileprivate func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
