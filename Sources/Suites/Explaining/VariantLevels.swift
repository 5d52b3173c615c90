import Core
import Datasets
import Experiments
import Foundation
import Metrics
import Prompts

/// The other ways in which each axis of a result's protocol can be set with what is at hand: prompt sets, splits, options, metrics.
struct VariantLevels {
  private(set) var levels: [VariantLevel] = []
  private(set) var notTried: [Explanation.NotTried] = []
  /// How the result itself has them.
  var own: [String: String] = [:]

  let base: VariantTask
  let row: ResultRow
  private let prompts: PromptLibrary
  /// Of the classes with samples and of all; nil where every image has several.
  private let classes: (present: Int, all: Int)?

  /// - Parameters:
  ///   - classNames, templates: sets that a user names beside those of the library.
  ///   - classes: of the result's samples.
  init(
    _ base: VariantTask, _ row: ResultRow, options: ExplainOptions,
    classes: (present: Int, all: Int)?
  ) throws {
    (self.base, self.row, self.classes) = (base, row, classes)
    prompts = options.prompts
    for axis in ProtocolAxis.allCases where options.axes.isEmpty || options.axes.contains(axis) {
      switch axis {
      case .classNames: try addClassNames(options.classNames)
      case .templates: try addTemplates(options.templates)
      case .ensemble: try addEnsembles()
      case .metric: addMetrics()
      case .split: try addSplits()
      case .options: try addOptions()
      case .classes: try addClasses()
      case .preprocessing: addPreprocessing()
      case .precision: addPrecision()
      }
    }
  }

  mutating func add(_ change: VariantLevel.Change, _ name: String, isPapers: Bool = false) {
    levels.append(VariantLevel(change: change, name: name, isPapers: isPapers))
  }

  // MARK: words

  private static let authorsSet = "openai-2021"

  /// The dataset, the one whose classes it has, and the one whose sets the result has.
  private var owners: [String] {
    let borrowed = [row.protocol.classNameSet, row.protocol.templateSet].compactMap { set in
      set.flatMap { $0.split(separator: "/").first.map(String.init) }
    }.filter { name in prompts.entries.contains { $0.dataset == name } }
    let all =
      [row.dataset] + [PromptLibrary.lenders[row.dataset]].compactMap(\.self) + borrowed
      + [PromptLibrary.genericDataset]
    return all.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// Sets by reference: those of the owners, then those that the user names.
  private func sets(_ named: [String]) throws -> [(reference: String, set: PromptSet)] {
    let known = try owners.flatMap { owner -> [(reference: String, set: PromptSet)] in
      // The authors' set stands for others of the same words.
      let own = prompts.entries.filter { $0.dataset == owner }
      let authors = own.filter { $0.name == Self.authorsSet }
      return try (authors + own.filter { $0.name != Self.authorsSet }).map { entry in
        let reference = "\(entry.dataset)/\(entry.name)"
        return (reference, try prompts.resolve(reference, dataset: row.dataset))
      }
    }
    return try known + named.map { ($0, try prompts.resolve($0, dataset: row.dataset)) }
  }

  private func name(_ reference: String) -> String {
    let own = "\(row.dataset)/"
    return reference.hasPrefix(own) ? String(reference.dropFirst(own.count)) : reference
  }

  /// The authors' set of the dataset, or of the one whose classes it has.
  private var papersSet: PromptSet? {
    let own = try? prompts.resolve(Self.authorsSet, dataset: row.dataset)
    return own?.dataset == PromptLibrary.genericDataset ? nil : own
  }

  /// Whether words are not another set's too; where they are, that is told.
  private mutating func isNew(
    _ reference: String, _ hash: SHA256Digest?, _ axis: ProtocolAxis, _ what: String,
    _ seen: inout [SHA256Digest?: String]
  ) -> Bool {
    guard let same = seen[hash] else {
      seen[hash] = reference
      return true
    }
    if same != reference {
      notTried.append(
        .init(axis: axis, level: name(reference), reason: "the same \(what) as \(same)"))
    }
    return false
  }

  private mutating func addClassNames(_ named: [String]) throws {
    guard base.task.classNames != nil else { return }
    own[ProtocolAxis.classNames.rawValue] = row.protocol.classNameSet.map(name)
    var seen = [row.protocol.classNamesHash: row.protocol.classNameSet ?? "the result's"]
    let papers = papersSet?.classNamesHash
    for (reference, set) in try sets(named) where !set.classes.isEmpty {
      guard set.dataset != PromptLibrary.genericDataset || named.contains(reference),
        isNew(reference, set.classNamesHash, .classNames, "names", &seen)
      else { continue }
      add(
        .classNames(reference), name(reference),
        isPapers: papers != nil && set.classNamesHash == papers)
    }
    if !base.task.takesNamesOfDataset {
      add(.classNames(PlannedTask.namesOfDataset), PlannedTask.namesOfDataset)
    }
  }

  private mutating func addTemplates(_ named: [String]) throws {
    own[ProtocolAxis.templates.rawValue] = row.protocol.templateSet.map(name)
    var seen = [row.protocol.templatesHash: row.protocol.templateSet ?? "the result's"]
    let papers = papersSet?.templatesHash
    for (reference, set) in try sets(named) where !set.templates.isEmpty {
      guard isNew(reference, set.templatesHash, .templates, "templates", &seen) else { continue }
      add(
        .templates(reference), name(reference),
        isPapers: papers != nil && set.templatesHash == papers)
    }
    // The whole of a single template's set is among these.
    let parsed = try TemplateReference(base.task.templates)
    if parsed.number == nil,
      try prompts.resolve(base.task.templates, dataset: row.dataset).templates.count > 1
    {
      let first = TemplateReference(set: base.task.templates, number: 1).description
      let set = try prompts.resolve(first, dataset: row.dataset)
      if isNew(first, set.templatesHash, .templates, "templates", &seen) {
        add(.templates(first), name(first))
      }
    }
  }

  private mutating func addEnsembles() throws {
    guard let mode = row.protocol.ensemble else { return }
    own[ProtocolAxis.ensemble.rawValue] = mode
    guard try prompts.resolve(base.task.templates, dataset: row.dataset).templates.count > 1 else {
      return notTried.append(
        .init(axis: .ensemble, level: nil, reason: "one template is no ensemble"))
    }
    for ensemble in TaskScoring.Ensemble.allCases where ensemble.rawValue != mode {
      add(.ensemble(ensemble), ensemble.rawValue, isPapers: ensemble == .embedding)
    }
  }

  // MARK: scores

  private mutating func addMetrics() {
    own[ProtocolAxis.metric.rawValue] = row.metric
    let others: [MetricName] =
      switch MetricName(rawValue: row.metric) {
      case .accuracy: [.meanPerClass] + (classes?.all == 2 ? [.rocAUC] : [])
      case .meanPerClass: [.accuracy]
      case .rocAUC: [.accuracy, .meanPerClass]
      case .meanTop1Top5: [.accuracy, .accuracyAt5, .meanPerClass]
      case .accuracyAt5: [.accuracy]
      case .elevenPointMAP: [.areaMAP]
      case .areaMAP: [.elevenPointMAP]
      case .pm0: [.pm10]
      case .pm10: [.pm0]
      default: []
      }
    for metric in others { add(.metric(metric), metric.rawValue) }
  }

  private mutating func addClasses() throws {
    guard let classes else { return }
    own[ProtocolAxis.classes.rawValue] = "all \(classes.all) of the dataset"
    if classes.present < classes.all {
      add(.classes(.withSamples), "the \(classes.present) that have samples")
    }
    guard let names = base.task.classNames, !base.task.takesNamesOfDataset else { return }
    let count = try prompts.resolve(names, dataset: row.dataset).classes.count
    if count > classes.all { add(.classes(.ofNameSet), "all \(count) that the set names") }
  }
}
