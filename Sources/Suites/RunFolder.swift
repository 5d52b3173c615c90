import Core
package import Experiments
package import Foundation
import Metrics
import Reporting
package import TensorFiles

/// The files of a run (DESIGN: run folder). Each is replaced as a whole, so a reader never sees half of one.
package struct RunFolder: Sendable {
  package let url: URL
  /// Its files are read once and removed: what is only shown is left out.
  let isScratch: Bool

  package init(_ url: URL, isScratch: Bool = false) {
    self.url = url
    self.isScratch = isScratch
  }

  /// Makes the folder ready for a plan.
  ///
  /// - Throws: `EvalError.badSuite` when it holds a run of another plan and `isFresh` is not set.
  func prepare(planHash: SHA256Digest, isFresh: Bool) throws {
    let record = url.appending(path: "run.json")
    if FileManager.default.fileExists(atPath: record.path) {
      if isFresh {
        try removeContents()
      } else if try RunRecord.read(url).planHash != planHash {
        throw EvalError(
          .badSuite, "this folder holds a run of another plan", subject: url.path,
          remedy: "Name another --output, or say --fresh to replace it.")
      }
    }
    try AtomicFile.createFolder(url)
  }

  private func removeContents() throws {
    for name in Self.contents {
      let item = url.appending(path: name)
      guard FileManager.default.fileExists(atPath: item.path) else { continue }
      try AtomicFile.remove(item)
    }
  }

  private static let contents = [
    "run.json", "results.jsonl", "results.csv", "timings.jsonl", "report.md", "report.tex",
    "report.html",
    "predictions",
    "checkpoints", "splits", "figures", "baselines", "prompts", "robustness.csv",
    "robustness-lines.json", RunExplanations.fileName,
  ]

  package func write(rows: [ResultRow]) throws {
    try AtomicFile.write(try ResultFile.encode(rows), to: url.appending(path: "results.jsonl"))
    try AtomicFile.write(ResultsCSV.render(rows), to: url.appending(path: "results.csv"))
  }

  func write(timings: [TaskTiming]) throws {
    let lines = try timings.map { try CanonicalJSON.string($0) + "\n" }
    try AtomicFile.write(lines.joined(), to: url.appending(path: "timings.jsonl"))
  }

  /// `predictions/<experiment>/<model>/<dataset>.safetensors` and the sample ids beside it, one a line.
  /// - Parameters:
  ///   - ranks: of the right answer, where several candidates are ranked.
  ///   - more: tensors beside the usual ones.
  func write(
    _ predictions: Predictions, rows: [Int], ids: [String], ranks: [Int]? = nil, task: PlannedTask,
    fileName: String, more: [TensorPayload] = []
  ) throws {
    let folder = predictionFolder(of: task)
    let rankTensor = ranks.map {
      TensorPayload(name: "rank", shape: [$0.count], integers: $0.map(Int64.init))
    }
    try SafetensorsFile.write(
      predictions.tensors(rows: rows) + (rankTensor.map { [$0] } ?? []) + more,
      to: folder.appending(path: "\(fileName).safetensors"))
    try write(ids, task: task, fileName: "\(fileName).ids.txt")
  }

  /// The same of other tensors, with one id for each of their first axis.
  func write(
    _ tensors: [TensorPayload], ids: [String], task: PlannedTask, fileName: String
  ) throws {
    try SafetensorsFile.write(
      tensors, to: predictionFolder(of: task).appending(path: "\(fileName).safetensors"))
    try write(ids, task: task, fileName: "\(fileName).ids.txt")
  }

  func predictionFolder(of task: PlannedTask) -> URL {
    url.appending(path: "predictions/\(task.experiment)/\(task.modelFolder)")
  }

  /// Texts beside a task's predictions, one a line.
  func write(_ texts: [String], task: PlannedTask, fileName: String) throws {
    try AtomicFile.write(
      // An id is a path, and a path may hold a line break: it must not look like two ids.
      texts.map { $0.replacing("\\", with: "\\\\").replacing("\n", with: "\\n") + "\n" }.joined(),
      to: predictionFolder(of: task).appending(path: fileName))
  }

  /// Whether any task has finished.
  package var hasRows: Bool { isFile(url.appending(path: "results.jsonl")) }

  package func rows() throws -> [ResultRow] {
    let file = url.appending(path: "results.jsonl")
    return try ResultFile.decode(readFile(file), subject: file.path)
  }

  package func record() throws -> RunRecord { try RunRecord.read(url) }
}

extension Predictions {
  /// `index`, `label` and `prediction` [N], `top5` and `score` [N, 5]; `confidence` [N] where it is known.
  /// - Parameter rows: of the samples in their split.
  package func tensors(rows: [Int]) -> [TensorPayload] {
    [
      TensorPayload(name: "index", shape: [count], integers: rows.map(Int64.init)),
      TensorPayload(name: "label", shape: [count], integers: labels.map(Int64.init)),
      TensorPayload(name: "prediction", shape: [count], integers: prediction.map(Int64.init)),
      TensorPayload(
        name: "top5", shape: [count, Self.width], integers: top5.map(Int64.init)),
      TensorPayload(name: "score", shape: [count, Self.width], floats: scores),
    ]
      + (confidence.isEmpty
        ? [] : [TensorPayload(name: "confidence", shape: [count], floats: confidence)])
  }
}

extension MultiLabelPredictions {
  /// `labels` [N, C] int8 (1 shown, −1 not, 0 difficult) and `class_score` [N, C] float32, from which every metric follows.
  package var tensors: [TensorPayload] {
    let shape = [labels.count, labels.classCount]
    return [
      TensorPayload(
        name: "labels", type: .int8, shape: shape,
        bytes: Data(labels.labels.map { UInt8(bitPattern: $0.rawValue) })),
      TensorPayload(name: "class_score", shape: shape, floats: scores),
    ]
  }
}

extension MultiLabelPredictions {
  /// `right` [N]: whether the prediction is one of the classes that the sample shows.
  func rightTensor() throws -> TensorPayload {
    let isRight = try Accuracy.isRight(labels, predictions: ranked.prediction)
    return TensorPayload(
      name: "right", shape: [isRight.count], integers: isRight.map { $0 ? 1 : 0 })
  }
}

/// Seconds and rates of one task: kept apart from results, which hold no times.
struct TaskTiming: Codable, Sendable {
  var experiment: String
  var model: String
  var dataset: String
  var host: String
  var seconds: Double
  var textSeconds: Double
  var imageSeconds: Double
  var images: Int
  /// Without those whose features were in the store; only these count in the rate.
  var imagesComputed: Int
  @ExplicitNull var imagesPerSecond: Double?
  /// Of probes: fits made now, and the seconds they took together. Left out of other tasks.
  var fits: Int?
  var fitSeconds: Double?
}
