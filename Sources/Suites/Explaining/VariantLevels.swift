import Core
import Datasets
import Experiments
import Foundation
import Imaging
import Metrics
import Neural
import Prompts

/// The other ways in which each axis of a result's protocol can be set with what is at hand: prompt sets, splits, options, metrics.
struct VariantLevels {
  private(set) var levels: [VariantLevel] = []
  private(set) var notTried: [Explanation.NotTried] = []
  /// How the result itself has them.
  private(set) var own: [String: String] = [:]

  private let base: VariantTask
  private let row: ResultRow
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

  private mutating func add(_ change: VariantLevel.Change, _ name: String, isPapers: Bool = false) {
    levels.append(VariantLevel(change: change, name: name, isPapers: isPapers))
  }

  // MARK: words

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
    let known = try owners.flatMap { owner in
      try prompts.entries.filter { $0.dataset == owner }.map { entry in
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
    let own = try? prompts.resolve("openai-2021", dataset: row.dataset)
    return own?.dataset == PromptLibrary.genericDataset ? nil : own
  }

  private mutating func addClassNames(_ named: [String]) throws {
    guard base.task.classNames != nil else { return }
    own[ProtocolAxis.classNames.rawValue] = row.protocol.classNameSet.map(name)
    var seen: Set<SHA256Digest?> = [row.protocol.classNamesHash]
    let papers = papersSet?.classNamesHash
    for (reference, set) in try sets(named) where !set.classes.isEmpty {
      guard set.dataset != PromptLibrary.genericDataset || named.contains(reference),
        seen.insert(set.classNamesHash).inserted
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
    var seen: Set<SHA256Digest?> = [row.protocol.templatesHash]
    let papers = papersSet?.templatesHash
    for (reference, set) in try sets(named) where !set.templates.isEmpty {
      guard seen.insert(set.templatesHash).inserted else { continue }
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
      if seen.insert(set.templatesHash).inserted {
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

  // MARK: images

  private mutating func addSplits() throws {
    guard let split = row.protocol.split else { return }
    own[ProtocolAxis.split.rawValue] = split
    guard base.task.own == nil else { return }
    let info = try base.task.adapter().info
    for other in info.splits where other.name != split {
      let part = other.name.split(separator: "/")
      // Parts that presets train and tune on are no test sets; nor are the dataset's own training images.
      let isTest = part.count > 1 ? part.last == "test" : !other.name.hasPrefix("train")
      if isTest { add(.split(other.name), other.name) }
    }
  }

  private mutating func addOptions() throws {
    guard base.task.own == nil, let chosen = base.task.options else { return }
    own[ProtocolAxis.options.rawValue] = base.task.optionsText
    let adapter = try DatasetRegistry.adapter(named: base.task.dataset)
    for option in adapter.options {
      for value in option.values where !value.hasSuffix(":N") && value != chosen[option.name] {
        add(
          .option(name: option.name, value: value), "\(option.name)=\(value)")
      }
    }
  }

  private mutating func addPreprocessing() {
    // What the variants change of it.
    own[ProtocolAxis.preprocessing.rawValue] = row.protocol.preprocessing.map { recipe in
      let parts = recipe.split(separator: "|")
      return
        (parts.prefix(1)
        + parts.dropFirst().filter { $0.hasPrefix("resize(") || $0.hasPrefix("crop(") })
        .joined(separator: " ")
    }
    var squashed = base.preprocessing
    (squashed.resize, squashed.crop) = (.squash, .off)
    add(.preprocessing(squashed), "resize=squash crop=none")
    var shorter = base.preprocessing
    (shorter.resize, shorter.crop) = (.shorter, .center)
    add(.preprocessing(shorter), "resize=shorter crop=center")
    for order in PreprocessRecipe.Order.allCases {
      var other = base.preprocessing
      other.order = order
      add(.preprocessing(other), "recipe=\(order.rawValue)")
    }
  }

  private mutating func addPrecision() {
    own[ProtocolAxis.precision.rawValue] = row.protocol.precision
    for precision in TowerPrecision.allCases where precision != base.precision {
      add(.precision(precision), precision.rawValue, isPapers: precision == .fp32)
    }
  }
}
