import ArgumentParser
import CLIPModels
import Core
import Datasets
import Foundation
import Overlap

extension Detector: ExpressibleByArgument {}

struct OverlapCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "overlap",
    abstract: "Finds near-duplicates between two sets of images.",
    discussion: """
      A set is a folder of images, a folder of tar shards or one shard, or a feature file \
      (.safetensors, .npz, .npy; a folder of one). Pairs go to standard output as CSV with \
      the columns query, reference, score and detector, or with --output to a folder: \
      pairs.csv, review.html (the pairs side by side, to mark and to choose a threshold by) \
      and overlap.json (what was compared, and how).

      DETECTORS (Documentation/Overlap.md says what each finds)
        registered   one picture laid over the other; the default for images
        cells        coloured cells, in several views: fast, many false alarms
        phash-64, phash-256   perceptual hashes: fastest; no crops, nothing turned
        embedding    cosine of the features of --model, or of feature files

      Images that cannot be used are told on standard error and listed in overlap.json.

      EXAMPLES
        clip-eval overlap --query val/ --reference shards/ --output RUN
        clip-eval overlap --query val/ --reference train/ --detector phash-256
        clip-eval overlap --query a.safetensors --reference b.npy --threshold 0.9
        clip-eval overlap --dataset CIFAR10 --dataset MNIST --data-root DATA \\
          --reference shards/ --output FOUND
        clip-eval overlap --pairs FOUND --output EFFECT \\
          --predictions RUN/predictions/EXPERIMENT/MODEL
        clip-eval overlap --query val/ --reference b/ --detector registered \\
          --detector embedding --model MODEL --threshold embedding=0.93
        clip-eval overlap --evaluate photos/ --output EVIDENCE
      """)

  @Option(help: "The images to look for.", completion: .directory)
  var query: String?

  @Option(
    help:
      "Or a dataset's split: its id. Pairs then have the ids of its predictions. Several times for several datasets, with a folder of --output each."
  )
  var dataset: [String] = []

  @Option(help: "The dataset's split; the evaluation split otherwise.")
  var split: String?

  @Option(help: "Where they are looked for.", completion: .directory)
  var reference: String?

  @Option(
    help: ArgumentHelp(
      "May be given several times.", valueName: "name"))
  var detector: [Detector] = []

  @Option(
    help: ArgumentHelp(
      "Scores from here on are pairs: a number, or NAME=NUMBER for each detector. With --pairs: from here on samples overlap; NAME is a dataset.",
      valueName: "score"))
  var threshold: [String] = []

  @Option(help: "The best of each query; 0 for all pairs that reach the threshold.")
  var topK = 5

  @Option(help: "Of each query, what `registered` looks at.")
  var candidates = 50

  @Option(help: "Pairs on the review page at most.")
  var reviewPairs = 400

  @Option(name: .shortAndLong, help: "Folder for pairs.csv, review.html and overlap.json.")
  var output: String?

  @Flag(help: "Print what overlap.json holds; without --output the pairs too.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "Measure the detectors on altered copies of the images in a folder, instead of a search.",
      valueName: "folder"))
  var evaluate: String?

  @Option(help: "Images of --evaluate, evenly spaced.")
  var limit = 500

  @Option(help: "Of --evaluate.")
  var seed: UInt64 = 2021

  @Option(
    help: ArgumentHelp(
      "What the duplicates that a search found do to accuracy, instead of a search: its --output, or a folder of several. Several times for several datasets.",
      valueName: "folder"), completion: .directory)
  var pairs: [String] = []

  @Option(
    help: ArgumentHelp(
      "With --pairs, and as often: predictions of the images that were searched for, from a run folder; of several datasets their folder.",
      valueName: "file"), completion: .file(extensions: ["safetensors"]))
  var predictions: [String] = []

  @Option(help: "Checkpoint that makes the features of `embedding`, as in `embed images`.")
  var model: String?

  @Option(help: "Activation of the MLP blocks; the checkpoint decides otherwise.")
  var activation: Activation?

  @OptionGroup var data: DataRoot
  @OptionGroup var compute: ComputeOptions

  func validate() throws {
    guard pairs.count == predictions.count else {
      throw ValidationError(
        "name as many --predictions as --pairs, in the same order: found \(predictions.count) and \(pairs.count)"
      )
    }
    if !pairs.isEmpty {
      guard query == nil, reference == nil, dataset.isEmpty, evaluate == nil else {
        throw ValidationError("--pairs goes without --query, --dataset, --reference and --evaluate")
      }
      guard detector.count < 2 else { throw ValidationError("--pairs takes one --detector") }
      _ = try effectThresholds()
      return
    }
    if evaluate != nil {
      guard query == nil, reference == nil, dataset.isEmpty, threshold.isEmpty else {
        throw ValidationError(
          "--evaluate goes without --query, --dataset, --reference and --threshold")
      }
    } else {
      guard (query == nil) != dataset.isEmpty, reference != nil else {
        throw ValidationError(
          "name --query (or --dataset with --data-root) and --reference, or --evaluate")
      }
    }
    guard !dataset.isEmpty || (split == nil && data.dataRoot == nil) else {
      throw ValidationError("--split and --data-root go with --dataset")
    }
    if dataset.count > 1 {
      guard split == nil else { throw ValidationError("--split goes with one --dataset") }
      guard output != nil, !json else {
        throw ValidationError("several datasets need --output, and go without --json")
      }
    }
    if topK < 0 { throw ValidationError("--top-k must be 0 or more") }
    if candidates < 1 { throw ValidationError("--candidates must be at least 1") }
    if limit < 2 { throw ValidationError("--limit must be at least 2") }
    if reviewPairs < 0 { throw ValidationError("--review-pairs must be 0 or more") }
    if Set(detector).count < detector.count {
      throw ValidationError("a --detector stands twice")
    }
    if detector.contains(.embedding), evaluate != nil, model == nil {
      throw ValidationError("--detector embedding needs --model")
    }
    if activation != nil, model == nil { throw ValidationError("--activation goes with --model") }
    _ = try namedThresholds()
    if !detector.isEmpty { _ = try chosenThresholds(detector) }
  }

  func run() throws {
    if !pairs.isEmpty {
      return try OverlapEffect(
        searches: pairs, predictions: predictions, thresholds: effectThresholds(),
        detector: detector.first, output: output, json: json
      ).run()
    }
    try compute.prepare()
    Interruption.install()
    if let output { try Output.checkWritable("\(output)/overlap.json") }
    if let evaluate {
      try OverlapEvaluation(command: self, folder: evaluate).run()
    } else {
      try OverlapWork(self).run()
    }
  }

  /// Of --threshold: a number, and what stands before it.
  private func namedThresholds() throws -> [(word: String, name: String?, value: Double)] {
    try threshold.map { word in
      // A dataset's name may have an equals sign.
      let sign = word.lastIndex(of: "=")
      let text = sign.map { word[word.index(after: $0)...] } ?? word[...]
      guard let value = Double(text), (-1...1).contains(value) else {
        throw ValidationError("--threshold \(word): expected a number from -1 to 1")
      }
      return (word, sign.map { String(word[..<$0]) }, value)
    }
  }

  /// With --pairs: for all datasets, or by name.
  private func effectThresholds() throws -> OverlapEffect.Thresholds {
    var result = OverlapEffect.Thresholds()
    for (_, name, value) in try namedThresholds() {
      if let name {
        result.named[name, default: []].append(value)
      } else {
        result.common.append(value)
      }
    }
    return result
  }

  /// Of the detectors in use: those that --threshold names, and their defaults.
  func chosenThresholds(_ used: [Detector]) throws -> [Detector: Double] {
    var result = Dictionary(uniqueKeysWithValues: used.map { ($0, $0.defaultThreshold) })
    for (word, name, value) in try namedThresholds() {
      guard let name else {
        guard used.count == 1, threshold.count == 1 else {
          throw ValidationError(
            "\(counted(used.count, "detector")) (\(Self.list(used))): say --threshold NAME=NUMBER for each"
          )
        }
        for name in used { result[name] = value }
        continue
      }
      guard let detector = Detector(rawValue: name) else {
        throw ValidationError(
          "--threshold \(word): no detector is called `\(name)`; there are \(Self.list(Detector.allCases))"
        )
      }
      guard used.contains(detector) else {
        throw ValidationError(
          "--threshold \(word): the search uses \(Self.list(used)); say --detector \(name) too")
      }
      result[detector] = value
    }
    return result
  }

  private static func list(_ detectors: [Detector]) -> String {
    detectors.map(\.rawValue).joined(separator: ", ")
  }
}
