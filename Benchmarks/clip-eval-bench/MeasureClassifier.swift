import ArgumentParser
import CLIPModels
import Core
import Foundation
import LinearAlgebra
import Neural
import Prompts
import TensorFiles

struct MeasureClassifier: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classifier",
    abstract: "Encodes ImageNet's 80 templates × 1000 class names and writes their tokens.")

  @OptionGroup var scratch: Scratch

  @Option(help: "Arithmetic of the tower.")
  var precision = TowerPrecision.fp32

  @Option(help: "Worker threads.")
  var threads = 2

  @Option(help: "Encode this many of the prompts, picked at random, alone as well and compare.")
  var verify = 0

  private struct Report: Encodable {
    let prompts: Int
    /// Of all prompts, start and end included, padding not.
    let tokens: Int
    /// Distinct beginnings of prompts: the least that must be computed.
    let prefixes: Int
    let longest: Int
    let tokenizing: Double
    let seconds: Double
    /// The least agreement of a prompt's feature with that of encoding it alone; nil when none was compared.
    let cosine: Double?
    let tokenFile: String
  }

  func run() throws {
    let checkpoint = try Checkpoint(try Cell.named("text-b32").checkpoint().url(in: scratch.url))
    let library = try PromptLibrary(roots: [try ResourceLocator.folder(named: "Prompts")])
    let set = try library.find(dataset: "ImageNet", set: "openai-2021")
    let prompts = PromptRendering.prompts(
      for: set.classes.map(\.names), templates: set.templates
    ).flatMap { $0 }
    let tokenizer = try checkpoint.tokenizer()
    let start = ContinuousClock.now
    let tokens = try prompts.map { try tokenizer.tokenize($0) }
    let tokenizing = (ContinuousClock.now - start).inSeconds
    let longest = tokens.map(\.count).max() ?? 0
    let file = scratch.url.appending(path: "classifier-tokens.npy")
    try NPYFile.write(
      shape: [tokens.count, longest],
      values: tokens.flatMap {
        $0.map(Float.init) + Array(repeating: 0, count: longest - $0.count)
      },
      to: file)

    let tower = try checkpoint.textTower(precision: precision)
    BLAS.setThreads(1)
    var features = try tower.encode(Array(tokens.prefix(64)), threads: threads)
    let seconds = try fastest(repeats: 1) { features = try tower.encode(tokens, threads: threads) }
    try ClipEvalBench.report(
      Report(
        prompts: prompts.count, tokens: tokens.reduce(0) { $0 + $1.count },
        prefixes: Self.distinctPrefixes(tokens), longest: longest, tokenizing: tokenizing,
        seconds: seconds, cosine: try leastCosine(tower, tokens, features), tokenFile: file.path))
  }

  private static func distinctPrefixes(_ sequences: [[Int32]]) -> Int {
    var previous: [Int32] = []
    return sequences.sorted { $0.lexicographicallyPrecedes($1) }.reduce(0) { count, sequence in
      let shared = zip(previous, sequence).prefix { $0 == $1 }.count
      previous = sequence
      return count + sequence.count - shared
    }
  }

  private func leastCosine(
    _ tower: TextTransformer, _ tokens: [[Int32]], _ features: Matrix
  ) throws -> Double? {
    guard verify > 0 else { return nil }
    var generator = SplitMix64(state: 3)
    return try (0..<verify).map { _ in
      let i = Int(generator.next() % UInt64(tokens.count))
      let alone = try tower.encode([tokens[i]], threads: 1)
      return cosine(Array(alone.row(0)), Array(features.row(i)))
    }.min()
  }

  private func cosine(_ a: [Float], _ b: [Float]) -> Double {
    func dot(_ a: [Float], _ b: [Float]) -> Double {
      zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
  }
}
