import CLIPModels
package import Core
import Datasets
import EmbeddingPipeline
import Experiments
package import Foundation
package import Prompts

/// What a plan finds on this disk and what it will cost, before any image is read.
package struct PlanSurvey {
  /// Of one task. What an earlier task of the plan computes costs it nothing.
  package struct Finding: Sendable {
    package var task: PlannedTask
    /// Of all splits that it reads; nil where one cannot be read.
    package var images: Int?
    /// Images whose features are to be computed, and what these will take in the store; nil where that is not known.
    package var pending: Int?
    package var featureBytes: Int?
    /// Of computing them; without texts, probes and scores.
    package var seconds: Double?
    /// Why it cannot run.
    package var problem: EvalError?
  }

  /// How fast a model computes the features that are missing, over all datasets.
  package struct ModelRate: Sendable {
    package var model: String
    package var pending: Int
    package var seconds: Double
    /// Measured where it is for any dataset.
    package var source: CostMeter.Rate.Source
    package var imagesPerSecond: Double { Double(pending) / seconds }
  }

  package private(set) var findings: [Finding] = []
  /// What the seconds are made of.
  package private(set) var rates: [ModelRate] = []
  /// The datasets that were looked for, and why one cannot be read; nil for those that can.
  package private(set) var datasets: [String: EvalError?] = [:]

  private let dataRoot: URL?
  private let prompts: PromptLibrary?
  private let meter: (String) throws -> CostMeter?
  private let memory: SurveyMemory
  private var costed: Set<SurveyMemory.Features> = []
  /// Splits that the tasks which can run read.
  private var read: [SampleSelection: Int] = [:]

  /// - Parameters:
  ///   - prompts: class names are held against the datasets' classes; nil leaves that out.
  ///   - memory: of other plans on the same data with the same meters.
  ///   - meter: of a model, by its path: asked for one after another, so that one model at a time is held. Without one, nothing is said
  ///     of what the model costs.
  /// - Throws: what is no fault of a dataset.
  package init(
    _ plan: Plan, dataRoot: URL?, prompts: PromptLibrary?, memory: SurveyMemory = SurveyMemory(),
    meter: @escaping (String) throws -> CostMeter? = { _ in nil }
  ) throws {
    (self.dataRoot, self.prompts, self.memory, self.meter) = (dataRoot, prompts, memory, meter)
    for task in plan.tasks { findings.append(try finding(task)) }
  }

  private mutating func finding(_ task: PlannedTask) throws -> Finding {
    var finding = Finding(task: task)
    let parts = task.parts
    let results = try parts.map { try look($0) }
    for (part, result) in zip(parts, results) {
      var problem: EvalError?
      if case .failure(let error) = result { problem = error }
      datasets.updateValue((datasets[part.dataset] ?? nil) ?? problem, forKey: part.dataset)
    }
    let counts = results.compactMap { try? $0.get().count }
    if counts.count == results.count { finding.images = counts.reduce(0, +) }
    if case .failure(let error) = try Self.caught({ try check(task, parts, results) }) {
      finding.problem = error
      return finding
    }
    for (part, count) in zip(parts, counts) { read[SampleSelection(part)] = count }
    guard let meter = try memory.meter.value(for: task.model, { try meter(task.model) }).value
    else { return finding }
    var (pending, bytes) = (0, 0)
    for part in parts {
      for kind in task.featureKinds(of: part) {
        let features = SurveyMemory.Features(samples: SampleSelection(part), kind: kind)
        guard costed.insert(features).inserted else { continue }
        let own = try memory.pending[features] ?? meter.pending(try index(part), kind)
        memory.pending[features] = own
        (pending, bytes) = (pending + own.count, bytes + own.bytes)
      }
    }
    (finding.pending, finding.featureBytes) = (pending, bytes)
    guard pending > 0 else {
      finding.seconds = 0
      return finding
    }
    let rate = try meter.rate(dataset: task.dataset)
    let seconds = Double(pending) / rate.value
    finding.seconds = seconds
    if let place = rates.firstIndex(where: { $0.model == task.modelName }) {
      rates[place].pending += pending
      rates[place].seconds += seconds
      if rate.source == .measured { rates[place].source = .measured }
    } else {
      rates.append(
        ModelRate(
          model: task.modelName, pending: pending, seconds: seconds, source: rate.source))
    }
    return finding
  }

  private func look(_ part: PlannedTask) throws -> Result<SurveyMemory.Look, EvalError> {
    let samples = SampleSelection(part)
    if let known = memory.looks[samples] { return known }
    let look = try Self.caught { () -> SurveyMemory.Look in
      guard part.readsImages else { return (try part.rowCount(), nil, nil) }
      let index = try index(part)
      return (index.samples.count, index.classes, index.obstacle(takingFrameSets: false))
    }
    memory.looks[samples] = look
    return look
  }

  private func index(_ part: PlannedTask) throws -> DatasetIndex {
    guard let dataRoot else { throw EvalError(.usage, "no data folder") }
    return try memory.index.value(for: SampleSelection(part)) {
      try part.index(dataRoot: dataRoot)
    }.value
  }

  private func check(
    _ task: PlannedTask, _ parts: [PlannedTask], _ looks: [Result<SurveyMemory.Look, EvalError>]
  ) throws {
    let looks = try looks.map { try $0.get() }
    if task.prompts != nil { try PromptSamples.check(task.metric(), dataset: task.dataset) }
    if task.prompts != nil || task.probe != nil, let obstacle = looks.compactMap(\.obstacle).first {
      throw obstacle
    }
    guard let prompts else { return }
    for (part, look) in zip(parts, looks) {
      if let classes = look.classes { try part.checkNames(of: classes, in: prompts) }
    }
    try task.checkClassMap(looks.map(\.classes), in: prompts)
  }

  private static func caught<Value>(_ body: () throws -> Value) throws -> Result<Value, EvalError> {
    do {
      return .success(try body())
    } catch let error as EvalError {
      return .failure(error)
    }
  }
}

/// What surveys have found: plans that share splits look at them once.
package final class SurveyMemory {
  /// With why no probe can be made of the samples.
  typealias Look = (count: Int, classes: [DatasetClass]?, obstacle: EvalError?)

  /// Features of one kind of one split.
  struct Features: Hashable {
    var samples: SampleSelection
    var kind: FeatureKind
  }

  // Tasks that differ in prompts alone read the same samples.
  var looks: [SampleSelection: Result<Look, EvalError>] = [:]
  var pending: [Features: (count: Int, bytes: Int)] = [:]
  let index = Latest<SampleSelection, DatasetIndex>()
  let meter = Latest<String, CostMeter?>()

  package init() {}
}

extension PlanSurvey {
  /// Of the tasks that can run: each split once, whatever the kinds of features.
  package var imagesToRead: Int { read.values.reduce(0, +) }

  /// Nil where no task's is known.
  package var pending: Int? { Self.sum(findings.map(\.pending)) }
  package var featureBytes: Int? { Self.sum(findings.map(\.featureBytes)) }
  package var seconds: Double? {
    let known = findings.compactMap(\.seconds)
    return known.isEmpty ? nil : known.reduce(0, +)
  }

  private static func sum(_ values: [Int?]) -> Int? {
    let known = values.compactMap(\.self)
    return known.isEmpty ? nil : known.reduce(0, +)
  }
}

extension PlannedTask {
  /// Rather than features made elsewhere.
  fileprivate var readsImages: Bool { !EmbeddingsFolder.recognises(URL(filePath: model)) }

  /// The features that it needs of one of its parts.
  fileprivate func featureKinds(of part: PlannedTask) -> [FeatureKind] {
    if let probe { return [FeatureKind(probe.feature)] }
    guard let robustness, let baseTask else { return [.projected] }
    let learned = robustness.probe.map { FeatureKind($0.feature) }
    let isOfBase = part.dataset == baseTask.dataset && part.split == baseTask.split
    let isTrained = part.dataset == baseTask.dataset && !isOfBase && part.dataset != dataset
    if isTrained { return [learned].compactMap(\.self) }
    var kinds = robustness.classifier.takesPrompts ? [FeatureKind.projected] : []
    if let learned, robustness.classifier.learns, !kinds.contains(learned) { kinds.append(learned) }
    return kinds
  }
}
