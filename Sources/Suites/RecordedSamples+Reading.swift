import Core
package import Experiments
package import Foundation
import Metrics
import TensorFiles

extension RecordedSamples {
  /// - Parameter file: without extension: `predictions/<experiment>/<model>/<name>`.
  /// - Throws: `EvalError.notFound`, `.malformedData`.
  package init(_ file: URL) throws {
    // Names have dots: an extension is added, none replaced.
    func sibling(_ ending: String) -> URL {
      file.deletingLastPathComponent().appending(path: file.lastPathComponent + ending)
    }
    let place = sibling(".safetensors")
    let tensors = try SafetensorsFile(place)
    self.init(ids: try TextLines.read(sibling(".ids.txt")).map(RunFolder.unescaped))
    let reading = Reading(tensors: tensors, count: ids.count)
    if tensors.tensors["prediction"] == nil, tensors.tensors["caption"] != nil {
      try readAnswers(reading)
      return
    }
    predictions.labels = try reading.integers("label")
    predictions.prediction = try reading.integers("prediction")
    predictions.top5 = try reading.integers("top5", width: Predictions.width)
    predictions.scores = try reading.floats("score", width: Predictions.width)
    ranks = try reading.integersIfPresent("rank")
    groups = try reading.integersIfPresent("group")
    folds = try reading.integersIfPresent("fold")
    isRight = try reading.integersIfPresent("right").map { $0.map { $0 != 0 } }
    if tensors.tensors["labels"] != nil { try readLabels(reading) }
    if tensors.tensors["frame_set"] != nil { try readFrameSets(reading) }
    if ranks != nil, file.lastPathComponent.hasSuffix(".\(RetrievalDirection.textToImage.rawValue)")
    {
      // The captions of an image hang together.
      groups = predictions.labels
    }
    let list = sibling(".classes.tsv")
    if isFile(list) {
      classes = try TextLines.read(list).dropFirst().map {
        RunFolder.unescaped($0.split(separator: "\t", maxSplits: 1).first.map(String.init) ?? "")
      }
    }
  }

  private mutating func readAnswers(_ reading: Reading) throws {
    let view = try reading.tensors.tensor("score")
    guard view.shape.count == 3, view.shape[0] == count, [1, 2].contains(view.shape[1]),
      view.shape[2] == 2
    else { throw reading.malformed("score", view.shape) }
    let scores = try view.floats().map(Double.init)
    let width = 2 * view.shape[1]
    answers = Answers(
      scores: (0..<count).map { Array(scores[$0 * width..<($0 + 1) * width]) })
    // Several questions are about one image.
    if view.shape[1] == 1 { groups = try reading.integers("image", width: 1) }
  }

  private mutating func readLabels(_ reading: Reading) throws {
    let view = try reading.tensors.tensor("labels")
    guard view.shape.count == 2, view.shape[0] == count, view.shape[1] > 0 else {
      throw reading.malformed("labels", view.shape)
    }
    var matrix = LabelMatrix(classCount: view.shape[1])
    let values = try view.integers()
    let labels = values.compactMap { Int8(exactly: $0).flatMap(LabelMatrix.Label.init) }
    guard labels.count == values.count else {
      throw EvalError(
        .malformedData, "expected labels of −1, 0 or 1", subject: reading.tensors.url.path)
    }
    for row in 0..<count {
      matrix.append(labels[row * matrix.classCount..<(row + 1) * matrix.classCount])
    }
    self.labels = matrix
    classScores = try reading.floats("class_score", width: matrix.classCount)
  }

  private mutating func readFrameSets(_ reading: Reading) throws {
    let numbers = try reading.integers("frame_set")
    let sizes = try reading.integers("frame_set_size")
    let isAnchor = try reading.integers("anchor").map { $0 != 0 }
    guard let sets = FrameSets(numbers: numbers, sizesOfFrames: sizes, isAnchor: isAnchor) else {
      throw EvalError(
        .malformedData, "sets of frames with impossible numbers or sizes",
        subject: reading.tensors.url.path)
    }
    frameSets = sets
  }

  /// Tensors of so many samples.
  private struct Reading {
    let tensors: SafetensorsFile
    let count: Int

    func malformed(_ name: String, _ shape: [Int]) -> EvalError {
      EvalError(
        .malformedData,
        "the tensor \(name) of shape \(shape) does not fit the \(count) sample ids beside it",
        subject: tensors.url.path)
    }

    private func view(_ name: String, _ width: Int) throws -> TensorView {
      let view = try tensors.tensor(name)
      guard view.shape == (width == 1 && view.shape.count == 1 ? [count] : [count, width]) else {
        throw malformed(name, view.shape)
      }
      return view
    }

    func integers(_ name: String, width: Int = 1) throws -> [Int] {
      try view(name, width).integers().map { Int($0) }
    }

    func floats(_ name: String, width: Int) throws -> [Float] { try view(name, width).floats() }

    func integersIfPresent(_ name: String) throws -> [Int]? {
      tensors.tensors[name] == nil ? nil : try integers(name)
    }
  }
}
