import Core
import Experiments
import Foundation
import Metrics
import Reporting
import TensorFiles

extension RunFolder {
  /// What a report tells of the single predictions of each task that has any, in the order of the plan. Tasks whose files are
  /// missing or damaged have none: their rows stand without.
  func details(_ record: RunRecord, _ rows: [ResultRow]) -> [DatasetDetail] {
    let names = Plan.fileNames(of: record.plan)
    let rowsOfTask = Self.rows(of: record, rows)
    let tasks = record.plan.indices.compactMap { number in
      let task = record.plan[number]
      return task.isShown
        ? rowsOfTask[number].flatMap { rows in names[task].map { (task, rows, $0) } } : nil
    }
    let threads = min(4, ProcessInfo.processInfo.activeProcessorCount)
    let details = try? Workers.map(count: tasks.count, threads: threads) { number in
      let (task, rows, name) = tasks[number]
      return try? detail(of: task, rows, fileName: name)
    }
    return (details ?? []).compactMap(\.self)
  }

  /// The rows of each task of a plan by its number. Rows say no task, but come in the order of the tasks that gave them.
  private static func rows(
    of record: RunRecord, _ rows: [ResultRow]
  ) -> [Int: [ResultRow]] {
    struct Cell: Hashable {
      var experiment: String
      var model: String
      var dataset: String
    }
    // All but the metric, in which the rows of one task differ.
    func key(_ row: ResultRow) -> EvaluationProtocol {
      var key = row.protocol
      key.metric = nil
      return key
    }
    let done = zip(record.plan.indices, record.tasks).filter { $1.status == .ok }
    let tasks = Dictionary(grouping: done) { _, outcome in
      Cell(
        experiment: outcome.experiment, model: outcome.model, dataset: outcome.dataset)
    }
    let results = Dictionary(grouping: rows) {
      Cell(experiment: $0.experiment, model: $0.model, dataset: $0.dataset)
    }
    var found: [Int: [ResultRow]] = [:]
    for (cell, own) in tasks {
      var groups: [[ResultRow]] = []
      var place: [EvaluationProtocol: Int] = [:]
      for row in results[cell] ?? [] {
        if let known = place[key(row)] {
          groups[known].append(row)
        } else {
          place[key(row)] = groups.count
          groups.append([row])
        }
      }
      guard groups.count == own.count else { continue }
      for (task, group) in zip(own, groups) { found[task.0] = group }
    }
    return found
  }

  /// - Throws: `EvalError.notFound`, `.malformedData`.
  private func detail(
    of task: PlannedTask, _ rows: [ResultRow], fileName: String
  ) throws -> DatasetDetail? {
    let folder = predictionFolder(of: task)
    func exists(_ name: String) -> Bool {
      FileManager.default.fileExists(atPath: folder.appending(path: "\(name).safetensors").path)
    }
    let rounds = (task.probe?.rounds ?? []).map { "\(fileName).\($0.train)" }
    let parts = (exists(fileName) ? [fileName] : rounds).filter(exists)
    guard let first = parts.first else { return nil }
    let read = try parts.map { try RecordedScores(folder.appending(path: "\($0).safetensors")) }
    var all = Predictions()
    for part in read { all.append(contentsOf: part.predictions) }
    guard all.count > 0, all.labels.allSatisfy({ $0 >= 0 }) else { return nil }
    let largest = max(all.labels.max() ?? 0, all.prediction.max() ?? 0)
    var classes = try Self.classes(folder.appending(path: "\(first).classes.tsv"))
    for number in classes.count..<max(classes.count, largest + 1) {
      classes.append(.init(id: "\(number)", name: "class \(number)"))
    }
    let starts = read.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.predictions.count) }
    let wrong = all.typicalErrors(limit: Self.pictureCount)
    var errorOfSample: [Int: DatasetDetail.WrongSample] = [:]
    for (part, recorded) in read.enumerated() {
      let range = starts[part]..<starts[part + 1]
      let own = wrong.filter(range.contains).map { $0 - range.lowerBound }
      let errors = try recorded.wrongSamples(
        own, pictures: folder.appending(path: "\(parts[part]).errors"))
      for (sample, error) in zip(own, errors) { errorOfSample[range.lowerBound + sample] = error }
    }
    return DatasetDetail(
      rows: rows, classes: classes,
      counts: try PerClassCounts(
        labels: all.labels, predictions: all.prediction, classCount: classes.count),
      confusions: Confusion.pairs(labels: all.labels, predictions: all.prediction),
      calibration: Calibration(
        confidence: all.confidence, isRight: zip(all.labels, all.prediction).map { $0 == $1 }),
      errors: wrong.compactMap { errorOfSample[$0] })
  }

  private static func classes(_ file: URL) throws -> [DatasetDetail.ClassName] {
    guard isFile(file) else { return [] }
    return try TextLines.read(file).dropFirst().map { line in
      let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map {
        RunFolder.unescaped(String($0))
      }
      return .init(id: cells[0], name: cells.last ?? cells[0])
    }
  }
}

/// The predictions of one file; of most samples only what is counted is read.
private struct RecordedScores {
  let file: URL
  private let index: TensorView
  private let top5: TensorView
  private let scores: TensorView
  /// Without ranks; with scores only where there is no confidence.
  let predictions: Predictions

  init(_ file: URL) throws {
    let tensors = try SafetensorsFile(file)
    var predictions = Predictions()
    predictions.labels = try tensors.tensor("label").integers().map { Int($0) }
    predictions.prediction = try tensors.tensor("prediction").integers().map { Int($0) }
    index = try tensors.tensor("index")
    top5 = try tensors.tensor("top5")
    scores = try tensors.tensor("score")
    if tensors.tensors["confidence"] != nil {
      predictions.confidence = try tensors.tensor("confidence").floats()
    } else {
      predictions.scores = try scores.floats()
    }
    let count = predictions.count
    guard index.count == count, predictions.prediction.count == count,
      top5.count == count * Predictions.width, scores.count == count * Predictions.width,
      [0, count].contains(predictions.confidence.count)
    else {
      throw EvalError(
        .malformedData, "expected tensors of \(count) samples, one a label", subject: file.path)
    }
    self.file = file
    self.predictions = predictions
  }

  func wrongSamples(
    _ samples: [Int], pictures: URL
  ) throws -> [DatasetDetail.WrongSample] {
    let ids = try ids(of: samples)
    return try samples.map { sample in
      let range = sample * Predictions.width..<(sample + 1) * Predictions.width
      let classes = try top5.integers(range).map { Int($0) }
      var own = [Float](repeating: .nan, count: range.count)
      try own.withUnsafeMutableBufferPointer { buffer in
        if let base = buffer.baseAddress { try scores.readFloats(range, into: base) }
      }
      let confidence =
        predictions.confidence.isEmpty ? nil : Double(predictions.confidence[sample])
      let guesses = zip(classes, own).filter { $0.0 >= 0 }.map { number, score in
        DatasetDetail.Guess(
          classNumber: number,
          probability: confidence.map { $0 * exp(Double(score) - Double(own[0])) })
      }
      let number = try index.integers(sample..<sample + 1)[0]
      let picture = pictures.appending(path: "\(number).jpg")
      return DatasetDetail.WrongSample(
        id: ids[sample] ?? "", label: predictions.labels[sample], guesses: guesses,
        jpeg: isFile(picture) ? try readFile(picture) : nil)
    }
  }

  /// Of some samples, from the list beside, without making text of all the others.
  func ids(of samples: [Int]) throws -> [Int: String] {
    let list = file.deletingPathExtension().appendingPathExtension("ids.txt")
    let wanted = Set(samples)
    guard let last = wanted.max() else { return [:] }
    var found: [Int: String] = [:]
    try readFile(list).withUnsafeBytes { bytes in
      var start = 0
      var line = 0
      while line <= last, start < bytes.count, let base = bytes.baseAddress {
        let rest = bytes.count - start
        let end =
          memchr(base + start, 0x0A, rest).map { UnsafeRawPointer($0) - base } ?? bytes.count
        if wanted.contains(line) {
          let text = String(decoding: bytes[start..<end], as: UTF8.self)
          found[line] = RunFolder.unescaped(text)
        }
        (start, line) = (end + 1, line + 1)
      }
    }
    return found
  }
}
