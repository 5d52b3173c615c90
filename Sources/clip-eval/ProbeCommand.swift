import ArgumentParser
import Core
import Foundation
import LinearAlgebra
import Probes

struct ProbeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe",
    abstract: "Logistic regression, few-shot probes or kNN on any features files.",
    discussion: """
      A file holds `features` N×D and `labels` N (or N×C of 1 and 0, for several classes each), as `embed images` writes \
      them or Python does: .safetensors, .npz, or .npy with NAME.labels.npy beside it. Float32 in .safetensors and .npy is \
      mapped, not copied.

      The objective is Σ cross-entropy + ‖W‖² / (2C), the intercept free: scikit-learn's. A search is made on --val, or on \
      a fifth of each class held out of --train; the final fit is on both. With --shots the k examples alone are fitted, and \
      C is chosen on min(k, 4) further ones of each class, or on all of --val.

      EXAMPLES
        clip-eval probe --train a.safetensors --test b.safetensors --C 0.316
        clip-eval probe --train a.npz --val v.npz --test b.npz --search
        clip-eval probe --train a.npy --test b.npy --search --solver paper --json
        clip-eval probe --train a.npz --test b.npz --search --shots 1,2,4 --seeds 10
        clip-eval probe --train a.npz --test b.npz --knn 20 --temperature 0.07
      """)

  @Option(help: "Features and labels to learn from.", completion: .file())
  var train: String

  @Option(help: "Features and labels to test on.", completion: .file())
  var test: String

  @Option(help: "Features and labels to choose C on.", completion: .file())
  var val: String?

  @Option(
    name: .customLong("C"), parsing: .unconditional,
    help: "One fit with this C: the inverse strength of the L2 penalty.")
  var strength: Double?

  @Flag(help: "The paper's search for C: 15 fits, 8 steps a decade around the peak.")
  var search = false

  @Flag(help: "All 97 steps from 1e-6 to 1e6.")
  var flatSearch = false

  @Option(help: "Few-shot probes with so many examples of each class, separated by commas.")
  var shots: String?

  @Option(help: "Few-shot: draws of the examples, with the seeds 1, 2, … (default: 3)")
  var seeds: Int?

  @Option(defaultAsFlag: 20, help: "Nearest neighbours by cosine instead, so many of them.")
  var knn: Int? = nil

  @Option(parsing: .unconditional, help: "Of the neighbours' votes. (default: 0.07)")
  var temperature: Double?

  @Option(
    help:
      "What is reported, and what C is chosen by; accuracy, or 11-point-mAP of several classes each, otherwise."
  )
  var metric: ProbeMetric?

  @Flag(help: "Scale every feature to unit length first, in memory.")
  var normalize = false

  @Option(
    help: "Classes without a training sample: an error, or left out and never predicted.")
  var absentClasses: AbsentClasses = .error

  @OptionGroup var solver: ProbeSolverOptions

  @Option(help: "Keep the fitted weights in this .safetensors file.", completion: .file())
  var save: String?

  @Option(help: "Keep label, prediction and top 5 of each test sample in this .safetensors file.")
  var predictions: String?

  @Flag(help: "Fit anew what an interrupted search has kept.")
  var fresh = false

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    let ways = [strength != nil, search, flatSearch, knn != nil].count { $0 }
    guard ways == 1 else {
      throw ValidationError(
        "say how C is chosen: --C 0.316 for one fit, --search for the paper's search or --flat-search; or --knn instead"
      )
    }
    if let strength, !(strength > 0 && strength.isFinite) {
      throw ValidationError("--C must be a number above 0, found \(strength)")
    }
    guard val == nil || isSearching else {
      throw ValidationError("--val goes with --search or --flat-search: nothing else is chosen")
    }
    if let knn, knn < 1 { throw ValidationError("--knn must be at least 1") }
    if let temperature {
      guard knn != nil else { throw ValidationError("--temperature goes with --knn") }
      guard temperature > 0, temperature.isFinite else {
        throw ValidationError("--temperature must be a number above 0, found \(temperature)")
      }
    }
    if let seeds {
      guard shots != nil else { throw ValidationError("--seeds goes with --shots") }
      guard (1...10_000).contains(seeds) else {
        throw ValidationError("--seeds must be at least 1 (and at most 10000)")
      }
    }
    if shots != nil {
      guard knn == nil else { throw ValidationError("--shots goes with logistic regression") }
      guard save == nil, predictions == nil else {
        throw ValidationError(
          "--save and --predictions keep one classifier: leave out --shots, which fits many")
      }
    }
    guard save == nil || knn == nil else { throw ValidationError("kNN has no weights to --save") }
    for path in [save, predictions].compactMap(\.self)
    where URL(filePath: path).pathExtension != "safetensors" {
      throw ValidationError("expected a name that ends in .safetensors, found \(path)")
    }
    _ = try shotList()
  }

  var isSearching: Bool { search || flatSearch }

  /// Rising; nil for the whole training file.
  func shotList() throws -> [Int]? {
    guard let shots else { return nil }
    let numbers = shots.split(separator: ",", omittingEmptySubsequences: false).map {
      Int($0.trimmingCharacters(in: .whitespaces)) ?? 0
    }
    guard numbers.allSatisfy({ $0 >= 1 }), Set(numbers).count == numbers.count else {
      throw ValidationError(
        "--shots must be numbers from 1, each once, separated by commas, found \(shots)")
    }
    return numbers.sorted()
  }

  func run() throws {
    // Workers run side by side: a library's own threads would only compete with them.
    BLAS.setThreads(1)
    Interruption.install()
    for path in [save, predictions].compactMap(\.self) { try Output.checkWritable(path) }
    let inputs = try ProbeInputs(
      train: train, val: val, test: test, normalizes: normalize, absent: absentClasses)
    for warning in inputs.warnings { Terminal.error("warning: \(warning)") }
    let work = ProbeWork(
      inputs: inputs, metric: try ProbeMetric.name(metric, for: inputs), options: solver.options,
      grid: flatSearch ? .flat : .paper, isQuiet: solver.quiet)
    if let knn {
      let result = try work.neighbours(
        knn, temperature: temperature ?? Neighbours.defaultTemperature)
      try keepPredictions(result.score, inputs)
      return try result.show(json: json)
    }
    if let shots = try shotList() {
      let result = try work.fewShot(shots, seeds: seeds ?? 3, C: strength)
      return try result.show(json: json)
    }
    let result = try work.linear(C: strength, isFresh: fresh)
    try keep(result.fit, result, inputs)
    try keepPredictions(result.score, inputs)
    try result.show(json: json)
  }

  private func keep(_ fit: Fit, _ result: ProbeResult, _ inputs: ProbeInputs) throws {
    guard let save else { return }
    var notes = inputs.training.source.metadata.filter { $0.key != "classes" }
    notes["solver"] = result.solver
    notes["selection"] = result.selection.name
    notes["train_sha256"] = inputs.training.source.sha256.hex
    notes["val_sha256"] = inputs.validation?.source.sha256.hex
    if normalize { notes["normalized"] = "true" }
    try ProbeFile(
      fit: fit, isMultiLabel: inputs.isMultiLabel, classIDs: inputs.classes.ids, notes: notes
    ).write(to: URL(filePath: save))
  }

  private func keepPredictions(_ score: ProbeTestScore, _ inputs: ProbeInputs) throws {
    guard let predictions else { return }
    try score.write(to: URL(filePath: predictions), ids: inputs.test.source.ids)
  }
}

/// How fits are made.
struct ProbeSolverOptions: ParsableArguments {
  @Option(
    help:
      "converged: to the optimum, warm starts allowed; paper: as the paper's scikit-learn; sklearn-1.7: as today's."
  )
  var solver: SolverPreset = .converged

  @Option(help: "Iterations of a fit at most; the solver's own number otherwise.")
  var maxIterations: Int?

  @Option(help: "On the gradient, in the solver's own scale.")
  var tolerance: Double?

  @Option(help: "Worker threads; the number of processors otherwise.")
  var threads: Int?

  @Flag(help: "Print no progress, errors and warnings only.")
  var quiet = false

  func validate() throws {
    if let maxIterations, maxIterations < 1 {
      throw ValidationError("--max-iterations must be at least 1")
    }
    if let tolerance, !(tolerance > 0 && tolerance.isFinite) {
      throw ValidationError("--tolerance must be a number above 0, found \(tolerance)")
    }
    if let threads, threads < 1 { throw ValidationError("--threads must be at least 1") }
  }

  var options: SolverOptions {
    SolverOptions(
      preset: solver, maxIterations: maxIterations, tolerance: tolerance,
      threads: threads ?? ProcessInfo.processInfo.activeProcessorCount)
  }
}

extension SolverPreset: ExpressibleByArgument {}

enum AbsentClasses: String, ExpressibleByArgument, CaseIterable {
  case error
  case leaveOut = "leave-out"
}
