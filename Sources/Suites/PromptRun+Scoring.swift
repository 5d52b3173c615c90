import Core
import Experiments
import LinearAlgebra
import Metrics

/// What ensembles of templates say of images: predictions, and the rows that are made of them.
extension PromptRun {
  /// What one set's ensemble said.
  struct Answers {
    var texts: PromptTexts
    var ensemble: PromptStudy.Ensemble
    var rows: [ResultRow]
    var samples: RecordedSamples
  }

  /// What the prediction files of a set are called besides their task.
  static func filePart(of set: String, ensemble: String, isSelected: Bool) -> String {
    isSelected ? selectedPart : "\(set.replacing("/", with: "_")).\(ensemble)"
  }

  static let selectedPart = "selected"

  func answers(
    _ ensemble: PromptStudy.Ensemble, of texts: PromptTexts, _ split: ProbeSplit,
    _ samples: PromptSamples
  ) throws -> Answers {
    var record = split.record
    texts.record(ensemble, in: &record)
    let place = Self.filePart(
      of: texts.templates.reference, ensemble: ensemble.rawValue, isSelected: false)
    let (rows, recorded) = try score(
      samples, at: Array(samples.ids.indices), of: split, texts, templates: texts.all, ensemble,
      record,
      place: place)
    return Answers(texts: texts, ensemble: ensemble, rows: rows, samples: recorded)
  }

  /// Rows, with the predictions they are made of, which are written.
  /// - Parameters:
  ///   - rows: of the split's samples, those scored.
  ///   - place: in the name of the files.
  func score(
    _ samples: PromptSamples, at rows: [Int], of split: ProbeSplit, _ texts: PromptTexts,
    templates: [Int], _ ensemble: PromptStudy.Ensemble, _ record: EvaluationProtocol, place: String
  ) throws -> ([ResultRow], RecordedSamples) {
    var context = EvaluationContext(
      classCount: split.classes.count, mainMetric: metric, expectedCount: split.expectedCount,
      failedCount: split.failures.count,
      isPartial: split.isPartial || rows.count < split.count, protocol: record)
    context.experiment = PromptStudy.experiment
    context.structure = samples.structure
    context.nearTieThreshold = texts.nearTieThreshold
    context.precisionAgreement = try agreement(of: split, texts, templates: templates, ensemble)
    let places = rows.map { split.rows[$0] }
    let file = "\(fileName).\(place)"
    let said = try self.said(of: samples, texts, templates: templates, ensemble)
    let recorded = self.recorded(said, of: samples, texts)
    try folder.write(texts.classes, task: task, fileName: file)
    switch said {
    case .single(let predictions):
      try folder.write(
        predictions, rows: places, ids: samples.ids, task: task, fileName: file,
        more: samples.structure.tensors)
      return (try ZeroShotExperiment.rows(for: predictions, in: context), recorded)
    case .multiple(let predictions, _):
      if metric.isMultiLabel { context.scoring = texts.scaleText }
      try folder.write(
        predictions.ranked, rows: places, ids: samples.ids, task: task, fileName: file,
        more: predictions.tensors + samples.structure.tensors)
      return (try ZeroShotExperiment.rows(for: predictions, in: context), recorded)
    }
  }

  /// What an ensemble says of samples that show one class, or of samples that may show several, with those.
  enum Said {
    case single(Predictions)
    case multiple(MultiLabelPredictions, LabelMatrix)
  }

  func said(
    of samples: PromptSamples, _ texts: PromptTexts, templates: [Int],
    _ ensemble: PromptStudy.Ensemble
  ) throws -> Said {
    let embedded = try ZeroShotClassifier(
      weights: texts.features.classWeights(of: templates), scale: texts.scale)
    switch samples.labels {
    case .single(let labels):
      return .single(
        ensemble == .embedding
          ? try embedded.predict(samples.features, labels: labels, ids: samples.ids)
          : try ProbabilityEnsemble(texts.features, scale: texts.scale).predict(
            samples.features, labels: labels, ids: samples.ids, threads: threads))
    case .multiple(let labels):
      return .multiple(
        ensemble == .embedding
          ? try embedded.predict(samples.features, labels: labels, ids: samples.ids)
          : try ProbabilityEnsemble(texts.features, scale: texts.scale).predict(
            samples.features, labels: labels, ids: samples.ids, threads: threads), labels)
    }
  }

  /// How the features agree with those in float32, on a sample of the split; nil where they are that.
  private func agreement(
    of split: ProbeSplit, _ texts: PromptTexts, templates: [Int], _ ensemble: PromptStudy.Ensemble
  ) throws -> PrecisionAgreement? {
    guard let exact = texts.exact,
      let sample = try source.exactSample(of: task, progress: progress)
    else { return nil }
    let features = try split.features.matrix.rows(
      of: sample.ids, among: split.ids, dataset: task.dataset)
    func predictions(_ prompts: PromptFeatures, _ images: Matrix) throws -> [Int] {
      let unknown = [Int](repeating: 0, count: images.rows)
      switch ensemble {
      case .embedding:
        return try ZeroShotClassifier(
          weights: prompts.classWeights(of: templates), scale: texts.scale
        ).predict(images, labels: unknown).prediction
      case .probability:
        return try ProbabilityEnsemble(prompts, scale: texts.scale).predict(
          images, labels: unknown, threads: threads
        ).prediction
      }
    }
    return PrecisionAgreement.measure(
      features, try predictions(texts.features, features), against: sample.features,
      try predictions(exact, sample.features))
  }

  /// The same for comparisons.
  func recorded(
    _ said: Said, of samples: PromptSamples, _ texts: PromptTexts
  ) -> RecordedSamples {
    var recorded = RecordedSamples(ids: samples.ids)
    recorded.classes = texts.classLabels
    recorded.groups = samples.structure.groups?.numbers
    recorded.folds = samples.structure.folds?.numbers
    switch said {
    case .single(let predictions):
      recorded.predictions = predictions
    case .multiple(let predictions, let labels):
      recorded.predictions = predictions.ranked
      recorded.labels = labels
      recorded.classScores = predictions.scores
    }
    return recorded
  }
}
