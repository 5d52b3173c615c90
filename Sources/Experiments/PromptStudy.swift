package import Core
package import Statistics

/// One model's templates compared on one dataset: `prompts/<model>/<dataset>.json` of a run folder. Values are of the dataset's own metric, fractions.
package struct PromptStudy: Sendable, Equatable, Codable {
  package static let schemaVersion = 1
  package static let experiment = "prompts"

  /// In which space templates are averaged.
  package enum Ensemble: String, Sendable, Codable, CaseIterable {
    case embedding
    case probability
  }

  /// All templates of a set together.
  package struct SetScore: Sendable, Equatable, Codable {
    /// As results name it (`CIFAR10/openai-2021`).
    package var set: String
    package var templates: Int
    package var ensemble: Ensemble
    @ExplicitNull package var value: Double?
    @ExplicitNull package var interval95: Interval?
    /// To the base; nil of the base itself.
    @ExplicitNull package var difference: Difference?
    /// A set before it that has the same templates: what follows from them is known already.
    @ExplicitNull package var sameAs: String?

    package init(
      set: String, templates: Int, ensemble: Ensemble, value: Double?, interval95: Interval?
    ) {
      self.set = set
      self.templates = templates
      self.ensemble = ensemble
      self.value = value
      self.interval95 = interval95
      difference = nil
      sameAs = nil
    }
  }

  /// From the base to another set on the same images.
  package struct Difference: Sendable, Equatable, Codable {
    package var value: Double
    @ExplicitNull package var interval95: Interval?
    @ExplicitNull package var intervalMethod: String?
    @ExplicitNull package var test: String?
    @ExplicitNull package var pValue: Double?
    /// Over all differences of the dataset.
    @ExplicitNull package var holm: Double?
    /// Exact, of accuracy: also where that is not the dataset's metric.
    @ExplicitNull package var mcNemar: MetricComparison.McNemarCounts?
    @ExplicitNull package var minimumDetectableEffect: Double?
    /// What changed most first.
    package var classes: [ClassChange]

    /// - Parameter comparison: of the base with the other.
    /// - Returns: nil where it is not of this metric.
    package init?(_ comparison: TaskComparison, metric: String) {
      guard let main = comparison.metrics.first(where: { $0.metric == metric }) else { return nil }
      value = main.difference
      interval95 = main.interval95
      intervalMethod = main.intervalMethod
      test = main.test
      pValue = main.pValue
      holm = nil
      let accuracy = comparison.metrics.first { $0.mcNemar != nil }
      mcNemar = accuracy?.mcNemar
      minimumDetectableEffect = main.minimumDetectableEffect
      classes = comparison.classes
    }
  }

  /// The set whose templates are taken one by one.
  package struct Candidates: Sendable, Equatable, Codable {
    package struct Template: Sendable, Equatable, Codable {
      /// From 1.
      package var number: Int
      package var text: String
      /// Alone.
      @ExplicitNull package var value: Double?
      /// Alone, to the base; nil for metrics that are no mean over samples.
      @ExplicitNull package var difference: TemplateDifference?
      /// Of all others together, in embedding space.
      @ExplicitNull package var without: Double?

      package init(
        number: Int, text: String, value: Double?, without: Double?,
        difference: TemplateDifference? = nil
      ) {
        self.number = number
        self.text = text
        self.value = value
        self.difference = difference
        self.without = without
      }
    }

    package var set: String
    /// Together, in embedding space.
    @ExplicitNull package var value: Double?
    package var templates: [Template]
    /// Of the templates' differences.
    @ExplicitNull package var intervalMethod: String?
    @ExplicitNull package var sensitivity: PromptSensitivity?

    package init(
      set: String, value: Double?, templates: [Template], intervalMethod: String? = nil,
      sensitivity: PromptSensitivity?
    ) {
      self.set = set
      self.value = value
      self.templates = templates
      self.intervalMethod = intervalMethod
      self.sensitivity = sensitivity
    }
  }

  /// Templates selected on some images and scored on others.
  package struct Selected: Sendable, Equatable, Codable {
    /// What another set scores on both.
    package struct Contrast: Sendable, Equatable, Codable {
      package var set: String
      @ExplicitNull package var selected: Double?
      @ExplicitNull package var scored: Double?

      package init(set: String, selected: Double?, scored: Double?) {
        self.set = set
        self.selected = selected
        self.scored = scored
      }
    }

    /// As results name them (`CIFAR10/openai-2021[2+5]`).
    package var set: String
    /// `half`, or a split.
    package var on: String
    /// Of the halves.
    @ExplicitNull package var seed: Int?
    @ExplicitNull package var size: Int?
    package var selectedCount: Int
    package var scoredCount: Int
    package var path: PromptSelection
    /// On the images that nothing was selected on.
    @ExplicitNull package var value: Double?
    @ExplicitNull package var interval95: Interval?
    /// To the base, on the same images.
    @ExplicitNull package var difference: Difference?
    package var contrasts: [Contrast]

    package init(
      set: String, on: String, seed: Int?, size: Int?, selectedCount: Int, scoredCount: Int,
      path: PromptSelection, value: Double?, interval95: Interval?, difference: Difference?,
      contrasts: [Contrast]
    ) {
      self.set = set
      self.on = on
      self.seed = seed
      self.size = size
      self.selectedCount = selectedCount
      self.scoredCount = scoredCount
      self.path = path
      self.value = value
      self.interval95 = interval95
      self.difference = difference
      self.contrasts = contrasts
    }
  }

  package var schemaVersion = PromptStudy.schemaVersion
  package var model: String
  package var dataset: String
  @ExplicitNull package var options: String?
  package var split: String
  @ExplicitNull package var classNames: String?
  package var metric: String
  /// Samples.
  package var n: Int
  /// What differences are to.
  package var base: String
  package var sets: [SetScore] = []
  @ExplicitNull package var candidates: Candidates?
  @ExplicitNull package var selection: Selected?
  /// What a reader should know.
  package var notes: [String] = []

  package init(
    model: String, dataset: String, options: String?, split: String, classNames: String?,
    metric: String, n: Int, base: String
  ) {
    self.model = model
    self.dataset = dataset
    self.options = options
    self.split = split
    self.classNames = classNames
    self.metric = metric
    self.n = n
    self.base = base
    candidates = nil
    selection = nil
  }

  /// Adjusts the p-values of all differences together. Sets of the same templates are one question, and asked once.
  package mutating func adjust() {
    func isAsked(_ own: SetScore) -> Bool { own.sameAs == nil && own.difference?.pValue != nil }
    let known =
      sets.filter(isAsked).map { $0.difference?.pValue } + [selection?.difference?.pValue]
    guard let adjusted = AdjustedPValues.adjust(known.compactMap(\.self), by: .holm) else { return }
    var next = adjusted[...]
    for place in sets.indices where isAsked(sets[place]) {
      sets[place].difference?.holm = next.popFirst()
    }
    if selection?.difference?.pValue != nil { selection?.difference?.holm = next.popFirst() }
    for place in sets.indices where sets[place].difference?.pValue != nil {
      guard let twin = sets[place].sameAs else { continue }
      let ensemble = sets[place].ensemble
      // That of the base has no p-value: nothing was asked.
      let holm = sets.first { $0.set == twin && $0.ensemble == ensemble }?.difference?.holm
      sets[place].difference?.holm = holm
    }
  }
}
