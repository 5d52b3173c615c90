import Core
import Experiments
import Reporting
import Robustness
import Statistics

/// What reports show of an analysis.
extension RobustnessAnalysis {
  /// A figure for each panel, those of models beside a standard one, and those of what adapting to the base and to class shift changes.
  var figures: [Figure] {
    scatters.map(\.figure) + besideStandard.map(\.figure) + adaptations.flatMap(\.figures)
  }

  private var models: [String] { panels.flatMap { $0.results.map(\.model) }.uniqued() }

  /// Figure 13 of the paper, right: each zero-shot model beside the standard one whose accuracy on the base is nearest, where that is within
  /// `pairReach`.
  private var besideStandard: [PairedShiftsFigure] {
    guard let whole = panels.first else { return [] }
    return whole.results.compactMap { result -> PairedShiftsFigure? in
      guard result.classifier == .zeroShot || result.classifier == .classShift,
        let other = whole.baselines.filter({ $0.family == "standard" }).min(by: {
          abs($0.base - result.point.base) < abs($1.base - result.point.base)
        }), abs(other.base - result.point.base) <= Self.pairReach
      else { return nil }
      let onBase = PairedShiftsFigure.Row(
        "\(base), classes of the shift\(whole.shift == nil ? "s" : "")", first: other.base,
        second: result.point.base, firstInterval: AccuracyBars(other).base,
        secondInterval: AccuracyBars(result.point).base)
      let onShifts = panels.compactMap { panel -> PairedShiftsFigure.Row? in
        guard let shift = panel.shift,
          let first = panel.baselines.first(where: { $0.model == other.model }),
          let second = panel.results.first(where: {
            $0.model == result.model && $0.family == result.family
          })?.point
        else { return nil }
        return .init(
          shift, first: first.shift, second: second.shift,
          firstInterval: AccuracyBars(first).shift, secondInterval: AccuracyBars(second).shift)
      }
      return PairedShiftsFigure(
        title: "\(result.model), \(result.family), beside \(other.model)", first: other.model,
        second: "\(result.family) \(result.model)", rows: [onBase] + onShifts,
        remarks: [
          "\(other.model): the standard model whose accuracy on the base is nearest. Bars: 95 % Clopper–Pearson where numbers of samples are known."
        ])
    }
  }

  private static let pairReach = 0.02

  /// Figure 14 of the paper, for each model that has zero-shot and one of the two.
  private var adaptations: [AdaptationFigure] {
    let own = panels.filter { $0.shift != nil }
    return models.compactMap { model in
      func change(
        _ dataset: String, _ panel: Panel, _ accuracy: KeyPath<RobustnessPoint, Double>
      ) -> AdaptationFigure.Change? {
        func value(_ classifier: RobustnessExperiment.Classifier) -> Double? {
          panel.results.first { $0.model == model && $0.classifier == classifier }?
            .point[keyPath: accuracy]
        }
        guard let zeroShot = value(.zeroShot), let shift = panel.shift else { return nil }
        func interval(_ classifier: RobustnessExperiment.Classifier) -> Interval? {
          value(classifier).flatMap { _ in
            pairs.interval(
              of: classifier, model: model, shift: shift, onBase: accuracy == \.base)
          }
        }
        return .init(
          dataset: dataset, toBase: value(.probe).map { $0 - zeroShot },
          toClassShift: value(.classShift).map { $0 - zeroShot },
          toBaseInterval: interval(.probe), toClassShiftInterval: interval(.classShift))
      }
      var changes = own.compactMap { panel in
        panel.shift.flatMap { change($0, panel, \.shift) }
      }
      // On the base itself, of the shift that has the most of its classes.
      let counts = own.map { $0.results.first { $0.model == model }?.baseClasses ?? 0 }
      if let most = counts.max(), let place = counts.firstIndex(of: most),
        let onBase = change("\(base) (\(most) classes)", own[place], \.base)
      {
        changes.insert(onBase, at: 0)
      }
      guard changes.contains(where: { $0.toBase != nil || $0.toClassShift != nil }) else {
        return nil
      }
      return AdaptationFigure(
        model: model, base: base, changes: changes,
        remarks: [
          "Intervals: 95 %, paired bootstrap over images; none of frames in sets, nor where both are right on the same images."
        ])
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
        remarks: panel.line.map { ["Line: \($0.text)."] } ?? [])
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
  var accuracies: RobustnessTables {
    RobustnessTables(entries(panels.filter { $0.shift != nil }), shifts: shifts)
  }
  /// Each classifier on each shift and on their mean.
  var effective: RobustnessTables { RobustnessTables(entries(panels)) }
  var hasLine: Bool { panels.contains { $0.fit != nil } }

  /// A line through baselines, of a shift or of the mean.
  struct Line: Encodable {
    var base: String
    var shift: String
    var line: FitRecord
  }

  var lines: [Line] {
    panels.compactMap { panel in
      panel.line.map { Line(base: base, shift: panel.shift ?? "mean", line: $0) }
    }
  }

  /// Of every panel its points, with effective robustness where there is a line; relative to zero-shot where that is there.
  private func entries(_ panels: [Panel]) -> [RobustnessTables.Entry] {
    panels.flatMap { panel in
      panel.results.map { result in
        var zeroShot = panel.results.first {
          $0.model == result.model && $0.classifier == .zeroShot
        }
        zeroShot?.point.model = "zero-shot \(result.model)"
        return RobustnessTables.Entry(
          base: base, shift: panel.shift ?? "mean", point: result.point,
          robustness: panel.fit.flatMap { fit in
            EffectiveRobustness(
              result.point, fit: fit,
              reference: result.classifier == .zeroShot ? nil : zeroShot?.point)
          })
      }
    }
  }
}
