import Core
package import Experiments
import Foundation
import Metrics
import TensorFiles

extension PredictionFile {
  /// All that a run says of each sample, for comparisons.
  /// - Throws: `EvalError.notFound`, `.malformedData`.
  package func samples() throws -> RecordedSamples {
    var samples = RecordedSamples(ids: try ids())
    guard has("prediction") || !has("caption") else {
      try readAnswers(into: &samples)
      return samples
    }
    samples.predictions.labels = try labels()
    samples.predictions.prediction = try predictions()
    samples.predictions.top5 = try integers("top5", width: Predictions.width)
    samples.predictions.scores = try floats("score", width: Predictions.width)
    samples.ranks = try integersIfPresent("rank")
    samples.groups = try integersIfPresent("group")
    samples.folds = try integersIfPresent("fold")
    samples.isRight = try integersIfPresent("right").map { $0.map { $0 != 0 } }
    if has("labels") { try readLabels(into: &samples) }
    if has("frame_set") { samples.frameSets = try frameSets() }
    if samples.ranks != nil,
      url.deletingPathExtension().pathExtension == RetrievalDirection.textToImage.rawValue
    {
      // The captions of an image hang together.
      samples.groups = samples.predictions.labels
    }
    if let classes = try classes() {
      samples.classes = classes.map(\.id)
      samples.classNames = Dictionary(
        classes.filter { $0.id != $0.name }.map { ($0.id, $0.name) },
        uniquingKeysWith: { first, _ in first })
    }
    return samples
  }

  private func readAnswers(into samples: inout RecordedSamples) throws {
    let view = try tensor("score")
    guard view.shape.count == 3, view.shape[0] == count, [1, 2].contains(view.shape[1]),
      view.shape[2] == 2
    else { throw malformed("score", view.shape) }
    let scores = try view.floats().map(Double.init)
    let width = 2 * view.shape[1]
    samples.answers = .init(
      scores: (0..<count).map { Array(scores[$0 * width..<($0 + 1) * width]) })
    // Several questions are about one image.
    if view.shape[1] == 1 { samples.groups = try integers("image") }
  }

  private func readLabels(into samples: inout RecordedSamples) throws {
    let view = try tensor("labels")
    guard view.shape.count == 2, view.shape[0] == count, view.shape[1] > 0 else {
      throw malformed("labels", view.shape)
    }
    var matrix = LabelMatrix(classCount: view.shape[1])
    let values = try view.integers()
    let labels = values.compactMap { Int8(exactly: $0).flatMap(LabelMatrix.Label.init) }
    guard labels.count == values.count else {
      throw EvalError(.malformedData, "expected labels of −1, 0 or 1", subject: url.path)
    }
    for row in 0..<count {
      matrix.append(labels[row * matrix.classCount..<(row + 1) * matrix.classCount])
    }
    samples.labels = matrix
    samples.classScores = try floats("class_score", width: matrix.classCount)
  }

  private func frameSets() throws -> FrameSets {
    guard
      let sets = FrameSets(
        numbers: try integers("frame_set"), sizesOfFrames: try integers("frame_set_size"),
        isAnchor: try integers("anchor").map { $0 != 0 })
    else {
      throw EvalError(
        .malformedData, "sets of frames with impossible numbers or sizes", subject: url.path)
    }
    return sets
  }
}
