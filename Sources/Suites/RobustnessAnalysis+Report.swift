import Core
import Experiments
import Reporting
import Robustness

/// What reports show of an analysis.
extension RobustnessAnalysis {
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
