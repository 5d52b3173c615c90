import Core
import Experiments
import Foundation
import Metrics
import Reporting
import TensorFiles

extension PredictionFile {
  /// What is counted over all samples: without ranks, and with scores only where there is no confidence.
  func counted() throws -> Predictions {
    var predictions = Predictions()
    predictions.labels = try labels()
    predictions.prediction = try self.predictions()
    if has("confidence") {
      predictions.confidence = try floats("confidence")
    } else {
      predictions.scores = try floats("score", width: Predictions.width)
    }
    return predictions
  }

  /// Some of the samples, with their five best classes and the pictures that the run kept.
  /// - Parameter confidence: of all samples, or empty.
  func wrongSamples(
    _ samples: [Int], confidence: [Float]
  ) throws -> [DatasetDetail.WrongSample] {
    let ids = try ids(of: samples)
    let labels = try tensor("label", width: 1)
    let index = try tensor("index", width: 1)
    let top5 = try tensor("top5", width: Predictions.width)
    let scores = try tensor("score", width: Predictions.width)
    let pictures = sibling(".errors")
    return try samples.map { sample in
      let range = sample * Predictions.width..<(sample + 1) * Predictions.width
      let classes = try top5.integers(range).map { Int($0) }
      var own = [Float](repeating: .nan, count: range.count)
      try own.withUnsafeMutableBufferPointer { buffer in
        if let base = buffer.baseAddress { try scores.readFloats(range, into: base) }
      }
      let best = confidence.isEmpty ? nil : Double(confidence[sample])
      let guesses = zip(classes, own).filter { $0.0 >= 0 }.map { number, score in
        DatasetDetail.Guess(
          classNumber: number,
          probability: best.map { $0 * exp(Double(score) - Double(own[0])) })
      }
      let number = try index.integers(sample..<sample + 1)[0]
      let picture = pictures.appending(path: "\(number).jpg")
      return DatasetDetail.WrongSample(
        id: ids[sample] ?? "", label: Int(try labels.integers(sample..<sample + 1)[0]),
        guesses: guesses, jpeg: isFile(picture) ? try readFile(picture) : nil)
    }
  }
}
