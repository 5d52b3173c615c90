import Core
import LinearAlgebra
import Metrics

/// What ensembles of templates in embedding space score on images, many at once, from features alone.
///
/// A class's vector is the sum of its prompts' features at length 1, at length 1 again; its cosine with an image is therefore the sum of the cosines with
/// the prompts over the length of the sum. Where ensembles differ from a common one in one template, as all of a step of a forward selection do, each costs
/// one matrix product. Images come in blocks, and of templates one is held at a time for each thread.
///
/// BLAS only finds who is clearly right or wrong: where its rounding could decide, scores are computed again as `ZeroShotClassifier` does, so that the
/// result is that classifier's.
package struct PromptScorer: Sendable {
  /// What one ensemble scored.
  package struct Score: Sendable, Equatable {
    /// Of the samples' metric; nil where it is not defined of them.
    package var value: Double?
    /// What each sample was worth, of `full` at most; empty for metrics that are no mean over samples.
    package var credits: [UInt8] = []
  }

  package enum Change: Sendable {
    /// The template joins the common ensemble.
    case adding
    /// It leaves it.
    case leaving
  }

  let prompts: PromptFeatures
  let scale: Float
  package let samples: PromptSamples
  let threads: Int

  /// Of one matrix product: what is made of a template once for each block costs little beside.
  private static let blockRows = 1024

  package init(_ prompts: PromptFeatures, scale: Float, samples: PromptSamples, threads: Int) {
    self.prompts = prompts
    self.scale = scale
    self.samples = samples
    self.threads = max(1, threads)
  }

  /// The most a sample can be worth.
  package var full: Int { samples.metric == .meanTop1Top5 ? 2 : 1 }

  /// Of one ensemble.
  package func score(of templates: [Int]) throws -> Score {
    guard let last = templates.last else {
      throw EvalError(.bug, "an ensemble without a template")
    }
    return try scores(.adding, [last], to: templates.dropLast())[0]
  }

  /// Of the common ensemble changed by each of some templates.
  /// - Parameters:
  ///   - templates: numbers from 0.
  ///   - common: may be empty where templates are added.
  /// - Throws: `EvalError.malformedData` for features that are no direction, `.interrupted`.
  package func scores(
    _ change: Change, _ templates: [Int], to common: some Sequence<Int>
  ) throws -> [Score] {
    var sums = [Double](repeating: 0, count: prompts.classCount * prompts.dimension)
    var count = 0
    for template in common {
      prompts.add(template, to: &sums)
      count += 1
    }
    let sign = change == .adding ? 1.0 : -1.0
    guard case .single(let labels) = samples.labels, samples.metric != .rocAUC else {
      let common = sums
      let size = count + (change == .adding ? 1 : -1)
      return try Workers.map(count: templates.count, threads: threads) { place in
        BLAS.useThisThreadOnly()
        try Interruption.check()
        var sums = common
        prompts.add(templates[place], to: &sums, sign: sign)
        return try ranking(of: try prompts.weights(of: sums, templates: size))
      }
    }
    return try means(
      Ensembles(prompts, common: sums, commonCount: count, templates, sign: sign), labels: labels)
  }

  /// Metrics of rankings are taken from the classifier's own scores.
  private func ranking(of weights: Matrix) throws -> Score {
    let classifier = try ZeroShotClassifier(weights: weights, scale: scale)
    switch samples.labels {
    case .multiple(let matrix):
      let predictions = try classifier.predict(samples.features, labels: matrix, ids: samples.ids)
      let means = try MeanAveragePrecision.means(scores: predictions.scores, labels: matrix)
      return Score(value: samples.metric == .areaMAP ? means.area : means.elevenPoint)
    case .single(let labels):
      let predictions = try classifier.predict(samples.features, labels: labels, ids: samples.ids)
      guard samples.classCount == 2 else {
        throw EvalError(.badSuite, "ROC-AUC is of two classes, found \(samples.classCount)")
      }
      let rows = Array(labels.indices)
      let area = try AreaUnderROC.resampled(
        isPositive: labels.map { $0 == 1 }, scores: predictions.leadsOfSecond, samples: rows,
        units: rows)
      return Score(value: area([Int32](repeating: 1, count: rows.count)))
    }
  }

  private func means(_ ensembles: Ensembles, labels: [Int]) throws -> [Score] {
    let classifier = try ZeroShotClassifier(
      weights: prompts.classWeights(of: [0]), scale: scale)
    try classifier.check(samples.features, labels: labels)
    let count = samples.count
    let blocks = try Workers.map(
      count: (count + Self.blockRows - 1) / Self.blockRows, threads: threads
    ) { block -> [[UInt8]] in
      BLAS.useThisThreadOnly()
      try Interruption.check()
      let rows = block * Self.blockRows..<min(count, (block + 1) * Self.blockRows)
      let images = try classifier.unitRows(of: samples.features, rows, ids: samples.ids)
      return ensembles.credits(
        of: images, labels: labels[rows], metric: samples.metric, scale: scale)
    }
    let mean = samples.mean(labels)
    return ensembles.templates.indices.map { place in
      let credits = blocks.flatMap { $0[place] }
      return Score(value: mean.value(credits, full: full), credits: credits)
    }
  }
}

extension Predictions {
  /// By how much the logit of the second of two classes lies above that of the first.
  var leadsOfSecond: [Double] {
    prediction.indices.map { sample in
      let first = Self.width * sample
      let lead = Double(scores[first]) - Double(scores[first + 1])
      return prediction[sample] == 1 ? lead : -lead
    }
  }
}
