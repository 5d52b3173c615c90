import ArgumentParser
import Core
import Suites

/// A plan as `run --dry-run` prints it.
enum PlanDisplay {
  private struct Row: Encodable {
    let task: PlannedTask
    @ExplicitNull var images: Int?
    @ExplicitNull var imagesToCompute: Int?
    @ExplicitNull var featureBytes: Int?
    /// Of computing features.
    @ExplicitNull var seconds: Double?
    @ExplicitNull var problem: String?
  }

  private struct Rate: Encodable {
    let model: String
    let imagesPerSecond: Double
    let source: CostMeter.Rate.Source
  }

  private struct Document: Encodable {
    let tasks: [Row]
    /// Of the whole plan, each split once.
    let images: Int
    @ExplicitNull var imagesToCompute: Int?
    @ExplicitNull var featureBytes: Int?
    @ExplicitNull var seconds: Double?
    let rates: [Rate]
  }

  /// What would be done, how many images each task has on this disk, what they cost, and whether their classes have names.
  /// - Throws: an exit code where a dataset is missing or malformed or its classes do not join, after the whole plan is shown.
  static func show(_ survey: PlanSurvey, json: Bool) throws {
    let problems = survey.findings.compactMap { finding in
      finding.problem.map { (task: finding.task, error: $0) }
    }
    if json {
      try Output.json(Described(kind: "plan", value: document(survey)))
    } else {
      try table(survey)
      try Output.line(summary(survey))
      var told: Set<String> = []
      for (task, error) in problems where told.insert("\(task.dataset) \(error)").inserted {
        Terminal.error(
          "\(task.dataset):\n" + Output.wrapped(error.text(about: task.dataset), indent: "  "))
      }
    }
    if let first = problems.first { throw ExitCode(first.error.kind.rawValue) }
  }

  private static func document(_ survey: PlanSurvey) -> Document {
    Document(
      tasks: survey.findings.map { finding in
        Row(
          task: finding.task, images: finding.images, imagesToCompute: finding.pending,
          featureBytes: finding.featureBytes, seconds: finding.seconds,
          problem: finding.problem.map { "\($0)" })
      }, images: survey.imagesToRead, imagesToCompute: survey.pending,
      featureBytes: survey.featureBytes, seconds: survey.seconds,
      rates: survey.rates.map {
        Rate(model: $0.model, imagesPerSecond: $0.imagesPerSecond, source: $0.source)
      })
  }

  private static func table(_ survey: PlanSurvey) throws {
    var table = [
      [
        "experiment", "dataset", "split", "images", "to compute", "time", "class names",
        "templates", "model",
      ]
    ]
    for finding in survey.findings {
      let task = finding.task
      let isMissing = finding.problem?.isAbsence(of: task.dataset) == true
      table.append([
        task.experimentText,
        [task.dataset, task.optionsText, task.baseTask.map { "of \($0.dataset)" }]
          .compactMap(\.self).joined(separator: " "),
        task.splitNames.joined(separator: "+"),
        finding.images.map(String.init) ?? (isMissing ? "missing" : "unusable"),
        finding.pending.map(String.init) ?? "–", finding.seconds.map(DurationText.about) ?? "–",
        task.words.classNames ?? "–", task.words.templates ?? "–", task.model,
      ])
    }
    try Output.table(table, rightAligned: [3, 4, 5])
  }

  /// `12000 images, 4000 of them to be computed: about 13 min, 8.2 MB of features. …`
  static func summary(_ survey: PlanSurvey) -> String {
    let images = "\(survey.imagesToRead) images"
    guard let pending = survey.pending else {
      return survey.findings.allSatisfy { $0.problem != nil }
        ? "none of the tasks can run" : "\(images), features made elsewhere"
    }
    guard pending > 0 else { return "\(images), all of their features in the store" }
    let features = survey.featureBytes.map { ", \(ByteCount.text($0)) of features" } ?? ""
    let time = survey.seconds.map { "about \(DurationText.about($0))" } ?? "unknown time"
    return
      "\(images); features to compute: \(pending), \(time)\(features)\n\(basis(survey)); texts, probes and scores come on top"
  }

  /// What a time is made of.
  static func basis(_ survey: PlanSurvey) -> String {
    survey.rates.map { rate in
      let how =
        rate.source == .recorded
        ? "as earlier runs had" : "measured now on blank images, without reading and decoding"
      return
        "\(rate.model): \(String(format: "%.1f", rate.imagesPerSecond)) images a second, \(how)"
    }.joined(separator: "; ")
  }
}

/// Times of estimates, with as many digits as they are worth.
enum DurationText {
  static func about(_ seconds: Double) -> String {
    switch seconds {
    case ..<1: seconds > 0 ? "1 s" : "0 s"
    case ..<90: "\(Int(seconds.rounded())) s"
    case ..<5400: "\(Int((seconds / 60).rounded())) min"
    case ..<172_800: String(format: "%.1f h", seconds / 3600)
    default: String(format: "%.1f days", seconds / 86_400)
    }
  }
}
