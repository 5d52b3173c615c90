import Core
import Experiments
import Reporting
import Statistics

/// Rows of two models that use every column: a reference, unknowns, a partial split, names to escape.
enum ReportFixture {
  static func digest(_ digit: String) -> SHA256Digest {
    SHA256Digest(hex: String(repeating: digit, count: 64))
  }

  static func makeProtocol(
    _ dataset: String, _ metric: String, model: String, precision: String = "fp32"
  ) -> EvaluationProtocol {
    var value = EvaluationProtocol(dataset: dataset, model: model)
    value.layout = "image-folder"
    value.split = "test"
    value.splitHash = digest(dataset == "MNIST" ? "1" : "2")
    value.classNameSet = "\(dataset)/paper"
    value.classNamesHash = digest("3")
    value.templateSet = "\(dataset)/paper"
    value.templatesHash = digest("4")
    value.ensemble = "embedding"
    value.preprocessing = "openai: shorter side 224 bicubic, center crop 224"
    value.weightsSHA256 = digest("5")
    value.activation = "quick_gelu"
    value.precision = precision
    value.featureKind = "projected"
    value.normalisation = "l2"
    value.metric = metric
    return value
  }

  static func rows() throws -> [ResultRow] {
    [
      try ResultRow(
        experiment: "zero-shot", dataset: "MNIST", model: "clip-mini", metric: "accuracy",
        value: 0.6123, interval95: Interval(lower: 0.6027, upper: 0.6219),
        interval99_5: Interval(lower: 0.5985, upper: 0.626), intervalMethod: "clopper-pearson",
        n: 10000, nExpected: 10000, nFailed: 0, partial: false, chance: 0.1,
        reference: .init(source: "arXiv 2103.00020 Table 11", model: "ViT-B/32", value: 0.913),
        verdict: .differsUnexplained, nearTies: 3, emptyClasses: nil,
        precisionAgreement: PrecisionAgreement(
          reference: "fp32", n: 256, meanCosine: 0.999991, minimumCosine: 0.9998, sameTop1: 0.996),
        protocol: makeProtocol("MNIST", "accuracy", model: "clip-mini", precision: "bf16")),
      try ResultRow(
        experiment: "zero-shot", dataset: "Pets|2, \"cats\"", model: "clip-mini",
        metric: "mean-per-class", value: 0.5, interval95: Interval(lower: 0.25, upper: 0.75),
        interval99_5: Interval(lower: 0.125, upper: 0.875),
        intervalMethod: "stratified-bootstrap-percentile resamples=10000", n: 8, nExpected: nil,
        nFailed: 2, partial: true, chance: 1.0 / 37,
        reference: .init(source: "arXiv 2103.00020 Table 11", model: "ViT-B/32", value: 0.4998),
        verdict: .agrees, nearTies: 0, emptyClasses: 2,
        protocol: makeProtocol("Pets|2, \"cats\"", "mean-per-class", model: "clip-mini")),
      try ResultRow(
        experiment: "zero-shot", dataset: "MNIST", model: "other_model", metric: "accuracy",
        value: nil, interval95: nil, interval99_5: nil, intervalMethod: nil, n: 0,
        nExpected: 10000, nFailed: 0, partial: true, chance: nil, reference: nil,
        verdict: .noReference, nearTies: nil, emptyClasses: nil,
        protocol: EvaluationProtocol(dataset: "MNIST", model: "other_model")),
    ]
  }

  static let tasks = [
    TaskOutcome(experiment: "zero-shot", dataset: "MNIST", model: "clip-mini", status: .ok),
    TaskOutcome(
      experiment: "zero-shot", dataset: "Pets|2, \"cats\"", model: "clip-mini", status: .ok,
      failedSamples: [
        FailedSample(id: "images/<odd>_name*.jpg", reason: "JPEG ends at byte 17"),
        FailedSample(id: "images/b.png", reason: "not an image"),
      ]),
    TaskOutcome(
      experiment: "zero-shot", dataset: "EuroSAT", model: "clip-mini", status: .missing,
      message: "data/eurosat: expected folder 2750\nPut it there."),
    TaskOutcome(
      experiment: "zero-shot", dataset: "MNIST", model: "third", status: .failed,
      message: "class \"7\" joins no name"),
  ]
}

extension MarkdownReport {
  static func render(
    rows: [ResultRow], tasks: [TaskOutcome], machine: MachineDescription?, remarks: [String] = [],
    sections: [ReportSection] = []
  ) -> String {
    render(
      ReportText(rows: rows, tasks: tasks, machine: machine, remarks: remarks, sections: sections))
  }
}
