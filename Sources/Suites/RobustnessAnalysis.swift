import Core
import Experiments
import Foundation
import Reporting
import Robustness
import Statistics

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
    /// How many of the base's classes could be chosen.
    var baseClasses: Int?
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
    /// What the line is of and what came out.
    var line: FitRecord?
  }

  let base: String
  let scale: AccuracyScale
  /// Of the suite, whether there are results of each or not.
  let shifts: [String]
  private(set) var panels: [Panel] = []
  let pairs: PairedClassifiers
  /// Why there is no line, or whose.
  private(set) var notes: [String] = []

  /// - Parameters:
  ///   - rows: of a run, or of several.
  ///   - pairs: looks at the rows' predictions.
  ///   - run: the folder of the suite's run, in which a copy of the user's baselines lies.
  /// - Returns: nil where the suite asks for no robustness, or none of it is there yet.
  init?(_ suite: SuiteFile, _ rows: [ResultRow], pairs: PairedClassifiers, run: URL?) {
    guard let robustness = suite.robustness else { return nil }
    base = RobustnessSettings.id(robustness.base)
    scale = robustness.scale
    self.pairs = pairs
    shifts = robustness.shifts.map(RobustnessSettings.id)
    let own = rows.filter { row in
      row.robustness?.base == base && shifts.contains(row.dataset) && row.probe?.seed == nil
    }
    let results = shifts.map { shift in
      (shift: shift, results: Self.results(own.filter { $0.dataset == shift }, shift: shift))
    }.filter { !$0.results.isEmpty }
    guard !results.isEmpty else { return nil }
    notes = Self.conflicts(own)
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
      // Elsewhere a share of so many samples is not what the value is, or they hang together.
      let isShare = rows.allSatisfy { isBinomial($0.intervalMethod) }
      return Result(
        model: row.model, classifier: record.classifier, family: key[1], shots: row.probe?.shots,
        alpha: record.alpha, baseClasses: row.protocol.robustness?.baseClassCount, shift: shift,
        point: RobustnessPoint(
          model: row.model, family: key[1], base: base,
          shift: values.reduce(0, +) / Double(values.count),
          baseCount: isBinomial(record.baseIntervalMethod) ? record.baseN : nil,
          shiftCount: isShare ? row.n : nil))
    }
  }

  /// Results that cannot stand side by side, of which one is shown.
  private static func conflicts(_ rows: [ResultRow]) -> [String] {
    let keys = rows.map { row in
      [row.dataset, row.model, row.robustness.map { family($0, row) } ?? "", row.metric]
    }
    let protocols = Dictionary(grouping: zip(keys, rows), by: \.0).mapValues { group in
      Set(group.map(\.1.protocolHash)).count
    }
    return keys.uniqued().compactMap { key in
      guard let count = protocols[key], count > 1 else { return nil }
      return
        "\(key[0]): of \(count) results of \(key[1]), \(key[2]) (\(key[3])), under different protocols the last is shown."
    }
  }

  private static func isBinomial(_ intervalMethod: String?) -> Bool {
    intervalMethod?.hasPrefix(ClopperPearson.methodName) ?? false
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
      var selection = try baselines.table.selection(
        base: setting.base, shift: setting.shift, filter: baselines.filter)
      let chosen = selection.points
      // Of ImageNet-A, ResNet-50 has none right, for that is how its images were chosen.
      let hasPlace = { [scale] (point: RobustnessPoint) in
        scale.transformed(point.base, count: point.baseCount) != nil
          && scale.transformed(point.shift, count: point.shiftCount) != nil
      }
      let placed = chosen.filter(hasPlace)
      let fitted = Set(placed.map(\.model))
      panels[index].baselines = shown.filter(hasPlace).map { point in
        var point = point
        // Only those of the line are drawn as its models.
        if point.family == "standard", !fitted.contains(point.model) { point.family = "left out" }
        return point
      }
      let left = chosen.filter { !fitted.contains($0.model) }.map(\.model)
      selection.points = placed
      selection.withoutPlace = left
      if !left.isEmpty {
        notes.append(
          "\(panels[index].title): without \(left.joined(separator: ", ")), whose accuracy of 0 or 1 has no place on the \(scale.rawValue) scale."
        )
      }
      guard placed.count > 2 else {
        notes.append(
          "\(panels[index].title): no line: it needs three models, and \(placed.count) of \(baselines.table.rows.count) of \(baselines.table.source) count (\(baselines.filter.name)) and have both accuracies."
        )
        continue
      }
      do {
        let fit = try RobustnessFit(placed, scale: scale, subject: baselines.table.source)
        panels[index].fit = fit
        panels[index].line = FitRecord(fit, of: selection, in: baselines.table)
      } catch {
        notes.append("\(panels[index].title): no line: \(error)")
      }
    }
  }
}
