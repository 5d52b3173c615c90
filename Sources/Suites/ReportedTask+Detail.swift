import Core
import Experiments
import Foundation
import Metrics
import Reporting

extension ReportedTask {
  /// What a report tells of the single predictions of each task that has any, in their order.
  /// - Returns: with them, what is wrong with predictions that are there and cannot be read: the rows of their tasks stand without.
  static func details(
    of tasks: [ReportedTask]
  ) throws -> (details: [DatasetDetail], faults: [String]) {
    let tasks = tasks.filter { $0.task?.isShown == true && !$0.items.isEmpty }
    let threads = min(4, ProcessInfo.processInfo.activeProcessorCount)
    let found = try Workers.map(count: tasks.count, threads: threads) {
      number -> (detail: DatasetDetail?, fault: String?) in
      do {
        return (try tasks[number].detail(), nil)
      } catch let error as EvalError {
        return (nil, "\(error)")
      }
    }
    return (found.compactMap(\.detail), found.compactMap(\.fault))
  }

  /// More than any dataset has: a damaged file must not ask for all memory.
  private static let mostClasses = 1_000_000

  /// - Returns: nil without predictions, and for frames in sets that show several classes.
  /// - Throws: `EvalError.notFound`, `.malformedData`.
  private func detail() throws -> DatasetDetail? {
    let rounds = items.first?.predictions?.evaluations.first?.rounds ?? []
    let files = try rounds.map(\.file).filter(PredictionFile.exists).map { try PredictionFile($0) }
    guard let first = files.first else { return nil }
    if items.first?.predictions?.direction != nil {
      return try first.misses().map {
        try DatasetDetail(rows: items.map(\.row), misses: $0, run: run)
      }
    }
    if first.has("labels") {
      var detail = try first.precisions(of: items.map(\.row))
      detail?.run = run
      return detail
    }
    var all = Predictions()
    var starts: [Int] = []
    for file in files {
      starts.append(all.count)
      all.append(contentsOf: try file.counted())
    }
    guard all.count > 0, all.labels.allSatisfy({ $0 >= 0 }) else { return nil }
    let largest = max(all.labels.max() ?? 0, all.prediction.max() ?? 0)
    guard largest < Self.mostClasses else {
      throw EvalError(
        .malformedData, "expected class numbers below \(Self.mostClasses), found \(largest)",
        subject: first.url.path)
    }
    var classes =
      try first.classes()?.map { DatasetDetail.ClassName(id: $0.id, name: $0.name) } ?? []
    for number in classes.count..<max(classes.count, largest + 1) {
      classes.append(.init(id: "\(number)", name: "class \(number)"))
    }
    let wrong = all.typicalErrors(limit: RunFolder.pictureCount)
    var errorOfSample: [Int: DatasetDetail.WrongSample] = [:]
    for (start, file) in zip(starts, files) {
      let range = start..<start + file.count
      let own = wrong.filter(range.contains)
      let confidence = all.confidence.isEmpty ? [] : Array(all.confidence[range])
      let errors = try file.wrongSamples(own.map { $0 - start }, confidence: confidence)
      for (sample, error) in zip(own, errors) { errorOfSample[sample] = error }
    }
    return DatasetDetail(
      rows: items.map(\.row), classes: classes,
      counts: try PerClassCounts(
        labels: all.labels, predictions: all.prediction, classCount: classes.count),
      confusions: Confusion.pairs(labels: all.labels, predictions: all.prediction),
      calibration: Calibration(
        confidence: all.confidence, isRight: zip(all.labels, all.prediction).map { $0 == $1 }),
      errors: wrong.compactMap { errorOfSample[$0] }, run: run)
  }
}
