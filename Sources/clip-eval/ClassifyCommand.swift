import ArgumentParser
import CLIPModels
import Core
import EmbeddingPipeline
import Experiments
import Foundation
import Imaging
import LinearAlgebra
import Prompts

struct ClassifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify",
    abstract: "Zero-shot classification of a few images: try it.",
    discussion: """
      Probabilities are the softmax over the labels of the scaled cosines. An image that cannot be read is \
      told on standard error, the others are classified all the same, and the exit code is 1.

      EXAMPLES
        clip-eval classify photo.jpg --labels "dog,cat,horse" --model MODEL
        clip-eval classify *.jpg --labels 'pug,"dog, big"' --model MODEL --json
        clip-eval classify photo.jpg --labels "dog,cat" --model MODEL \\
          --template "a photo of a {}." --template "a drawing of a {}."
      """)

  @Argument(help: "Image files.", completion: .file())
  var images: [String]

  @Option(help: "Class names, separated by commas; a name in double quotes may hold commas.")
  var labels: String

  @Option(
    help: "Prompt template; {} is the class name. May be given several times for an ensemble.")
  var template: [String] = ["a photo of a {}."]

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var preprocessing: PreprocessingOptions
  @OptionGroup var compute: ComputeOptions

  func validate() throws {
    guard template.allSatisfy({ $0.contains("{}") }) else {
      throw ValidationError("every --template needs {} where the class name goes")
    }
  }

  private struct Answer: Codable {
    let label: String
    let probability: Double
  }
  private struct Row: Encodable {
    let image: String
    @ExplicitNull var answers: [Answer]?
    @ExplicitNull var error: String?
  }
  private struct Document: Encodable {
    let images: [Row]
  }

  func run() throws {
    try compute.prepare()
    let names = try LabelList.parse(labels)
    let session = try modelOptions.session(compute, preprocessing.overrides)
    try session.checkWeights()
    let tokenizer = try session.tokenizer()
    let prompts = PromptRendering.prompts(for: names.map { [$0] }, templates: template)
    let tower = try session.imageTower(batchSize: 1)
    let preprocessor = try Preprocessor(session.recipe)
    let textFeatures = try session.textTower().encode(
      prompts.joined().map { try tokenizer.tokenize($0) }, threads: compute.workerCount)
    let weights = try session.explainingFaults {
      try ClassWeights.matrix(
        of: textFeatures, promptCounts: prompts.map(\.count), classNames: names)
    }
    let classifier = try ZeroShotClassifier(
      weights: weights, scale: session.checkpoint.configuration.logitScale)
    let encoder = try tower.makeEncoder()
    let workspace = PreprocessWorkspace()
    var pixels = [Float](repeating: 0, count: 3 * tower.imageSize * tower.imageSize)
    var feature = [Float](repeating: 0, count: tower.featureWidth(.projected))
    BLAS.setThreads(compute.workerCount)
    var failures: [EvalError] = []
    let rows = try images.map { path in
      do {
        try pixels.withUnsafeMutableBufferPointer {
          _ = try preprocessor.preprocess(
            .file(URL(filePath: path)), into: $0, workspace: workspace)
        }
        try encoder.encode(pixels: pixels, kind: .projected, into: &feature)
        let probabilities = try session.explainingFaults {
          try classifier.probabilities(
            Matrix(rows: 1, columns: feature.count, storage: feature), id: path)
        }
        let answers = zip(names, probabilities)
          .map { Answer(label: $0, probability: $1) }
          .sorted { $0.probability > $1.probability }
        return Row(image: path, answers: answers, error: nil)
      } catch let error as EvalError {
        failures.append(error)
        return Row(image: path, answers: nil, error: "\(error)")
      }
    }
    try show(rows)
    // With nothing classified, the reason is worth more than "a task failed".
    if let first = failures.first {
      throw ExitCode((failures.count == rows.count ? first.kind : .taskFailed).rawValue)
    }
  }

  private func show(_ rows: [Row]) throws {
    if json { try Output.json(Described(kind: "classification", value: Document(images: rows))) }
    for row in rows {
      if let error = row.error { Terminal.error("not classified: \(error)") }
      guard !json, let answers = row.answers else { continue }
      try Output.line(row.image)
      for answer in answers.prefix(5) {
        try Output.line(String(format: "  %5.1f %%  ", answer.probability * 100) + answer.label)
      }
    }
  }
}
