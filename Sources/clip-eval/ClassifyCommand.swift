import ArgumentParser
import CLIPModels
import Core
import Datasets
import EmbeddingPipeline
import Experiments
import Foundation
import Imaging
import LinearAlgebra

struct ClassifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify",
    abstract: "Zero-shot classification of a few images: try it.",
    discussion: """
      EXAMPLES
        clip-eval classify photo.jpg --labels "dog,cat,horse" --model MODEL
        clip-eval classify *.jpg --labels "a dog,a cat" --template "{}" --model MODEL --json
      """)

  @Argument(help: "Image files.")
  var images: [String]

  @Option(help: "Class names, separated by commas.")
  var labels: String

  @Option(
    help: "Prompt template; {} is the class name. May be given several times for an ensemble.")
  var template: [String] = ["a photo of a {}."]

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var compute: ComputeOptions

  func validate() throws {
    guard template.allSatisfy({ $0.contains("{}") }) else {
      throw ValidationError("every --template needs {} where the class name goes")
    }
  }

  private struct Answer: Encodable {
    let label: String
    let probability: Double
  }
  private struct Row: Encodable {
    let image: String
    let answers: [Answer]?
    let error: String?
  }

  func run() throws {
    try compute.prepare()
    let names = labels.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }
    guard !names.isEmpty else { throw EvalError(.usage, "--labels names no class") }
    let session = try modelOptions.session()
    let tokenizer = try session.tokenizer()
    let prompts = names.flatMap { name in
      template.map { $0.replacingOccurrences(of: "{}", with: name) }
    }
    let tower = try session.imageTower(batchSize: 1)
    let preprocessor = try Preprocessor(session.recipe)
    let textFeatures = try session.textTower().encode(
      prompts.map { try tokenizer.tokenize($0) }, threads: compute.workerCount)
    var classWeights = ClassWeights(classCount: names.count, dimension: textFeatures.columns)
    try classWeights.add(
      textFeatures,
      classOfPrompt: names.indices.flatMap { [Int](repeating: $0, count: template.count) })
    let classifier = try ZeroShotClassifier(
      weights: try classWeights.matrix(), scale: session.checkpoint.configuration.logitScale)
    let encoder = tower.makeEncoder()
    let workspace = PreprocessWorkspace()
    var pixels = [Float](repeating: 0, count: 3 * tower.imageSize * tower.imageSize)
    var feature = [Float](repeating: 0, count: tower.featureWidth(.projected))
    BLAS.setThreads(compute.workerCount)
    let rows = images.map { path in
      do {
        try ImageSource.file(URL(filePath: path)).withBytes { bytes in
          try pixels.withUnsafeMutableBufferPointer {
            try preprocessor.preprocess(bytes: bytes, name: path, into: $0, workspace: workspace)
          }
        }
        encoder.encode(pixels: pixels, kind: .projected, into: &feature)
        let probabilities = try classifier.probabilities(
          Matrix(rows: 1, columns: feature.count, storage: feature))
        let answers = zip(names, probabilities)
          .map { Answer(label: $0, probability: $1) }
          .sorted { $0.probability > $1.probability }
        return Row(image: path, answers: answers, error: nil)
      } catch {
        return Row(image: path, answers: nil, error: "\(error)")
      }
    }
    if json {
      try Output.json(rows)
    } else {
      for row in rows {
        Output.line(row.image)
        for answer in (row.answers ?? []).prefix(5) {
          Output.line(String(format: "  %5.1f %%  ", answer.probability * 100) + answer.label)
        }
        if let error = row.error { Terminal.error("  not classified: \(error)") }
      }
    }
    if rows.contains(where: { $0.error != nil }) {
      throw ExitCode(EvalError.Kind.taskFailed.rawValue)
    }
  }
}
