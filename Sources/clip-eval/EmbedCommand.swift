import ArgumentParser
import CLIPModels
import CKernels
import Core
import Datasets
import EmbeddingPipeline
import EmbeddingStore
import Foundation
import Imaging
import LinearAlgebra
import TensorFiles

struct EmbedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed",
    abstract: "Write the features of images or texts to a file.",
    discussion: """
      EXAMPLES
        clip-eval embed images photos/ --model MODEL -o photos.safetensors
        clip-eval embed texts "a photo of a dog." --model MODEL -o texts.npy
      """,
    subcommands: [EmbedImages.self, EmbedTexts.self])
}

/// Where features go and in which form.
struct FeatureOutput: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ".safetensors (features, labels where known, ids) or .npy (features only).")
  var output: String

  @Option(help: "projected (joint space) or pooled (before the projection).")
  var feature: FeatureKind = .projected

  @Flag(inversion: .prefixedNo, help: "Scale every feature to unit length.")
  var normalize = true

  func validate() throws {
    guard ["safetensors", "npy"].contains(URL(filePath: output).pathExtension) else {
      throw ValidationError("--output must end in .safetensors or .npy")
    }
  }

  func checkWritable() throws { try Output.checkWritable(output) }

  /// - Parameters:
  ///   - ids: one a row; stored as UTF-8 bytes, one id a line, line breaks in an id as spaces.
  ///   - metadata: what made the features, for whoever reads them in place of the model.
  /// - Throws: `EvalError.malformedData` for a feature that is not finite: the weights are damaged.
  func write(
    _ features: Matrix, labels: [Int]?, ids: [String], metadata: [String: String], quiet: Bool
  ) throws {
    for (row, id) in ids.enumerated() where !features.row(row).allSatisfy(\.isFinite) {
      throw EvalError(
        .malformedData, "the feature is not finite; nothing written", subject: id,
        remedy: "The checkpoint's weights hold values that are not numbers.")
    }
    var features = features
    if normalize {
      features.storage.withUnsafeMutableBufferPointer {
        ck_normalize_rows($0.baseAddress, features.rows, features.columns)
      }
    }
    let url = URL(filePath: output)
    let shape = [features.rows, features.columns]
    if url.pathExtension == "npy" {
      try NPYFile.write(shape: shape, values: features.storage, to: url)
    } else {
      let text = Data(
        ids.map { $0.replacing(/\R/, with: " ") }.joined(separator: "\n").utf8)
      var tensors = [TensorPayload(name: "features", shape: shape, floats: features.storage)]
      if let labels {
        tensors.append(
          TensorPayload(name: "labels", shape: [labels.count], integers: labels.map(Int64.init)))
      }
      tensors.append(TensorPayload(name: "ids", type: .uint8, shape: [text.count], bytes: text))
      try SafetensorsFile.write(
        tensors,
        metadata: metadata.merging(["feature": feature.rawValue, "normalized": "\(normalize)"]) {
          $1
        }, to: url)
    }
    if quiet { return }
    try Output.line("\(features.rows) × \(features.columns) features written to \(output)")
  }
}

struct EmbedImages: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "images",
    abstract: "Features of image files, folders of images, or a dataset's split.",
    discussion: """
      Images that cannot be decoded are told on standard error and have no row in the file; the exit code is \
      then 1. Features are kept, so the same command continues one that was stopped.

      EXAMPLES
        clip-eval embed images photos/ --model MODEL -o photos.safetensors
        clip-eval embed images a.jpg b.png --model MODEL -o two.npy --feature pooled
        clip-eval embed images --dataset CIFAR10 --split test \\
          --data-root DATA --model MODEL -o cifar10.safetensors
      """)

  @Argument(help: "Image files, or folders that are searched for images.")
  var images: [String] = []

  @Option(help: "A dataset's id, instead of files.")
  var dataset: String?

  @Option(help: "Its split; the evaluation split otherwise.")
  var split: String?

  @Option(help: "An option of the dataset as NAME=VALUE; may be given several times.")
  var option: [String] = []

  @Option(help: "Take this many samples, evenly spaced.")
  var limit: Int?

  @OptionGroup var data: DataRoot
  @OptionGroup var splitFolder: SplitFolder
  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var preprocessing: PreprocessingOptions
  @OptionGroup var featureOutput: FeatureOutput
  @OptionGroup var compute: ComputeOptions

  func validate() throws {
    guard images.isEmpty != (dataset == nil) else {
      throw ValidationError("name image files or folders, or --dataset with --data-root")
    }
    guard dataset != nil || (split == nil && option.isEmpty && data.dataRoot == nil) else {
      throw ValidationError("--split, --option and --data-root go with --dataset")
    }
    if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
  }

  func run() throws {
    try compute.prepare()
    try splitFolder.install()
    try featureOutput.checkWritable()
    Interruption.install()
    let adapter = try dataset.map { try DatasetRegistry.adapter(named: $0) }
    let options = try adapter?.effectiveOptions(DatasetChoices.parse(option)) ?? [:]
    var index = try sampleIndex(adapter?.configured(options))
    if let limit { index = index.limited(to: limit) }
    let session = try modelOptions.session(compute, preprocessing.overrides)
    // A dataset's features are a run's: another batch size may change last bits, and the store keeps it apart.
    let tower =
      try dataset == nil
      ? session.imageTower(forImages: index.samples.count) : session.imageTower()
    let weights = try session.weightsHash()
    let key = session.imageKey(
      weights: weights, kind: featureOutput.feature, batchSize: tower.batchSize)
    let embedder = try FeatureCache.explained {
      try ImageEmbedder(
        tower: tower, recipe: session.recipe, key: key, featureKind: featureOutput.feature,
        store: FeatureCache.store, threads: compute.workerCount,
        keepsResize: session.resizeIsChosen)
    }
    let result = try FeatureCache.explained {
      try embedder.embed(index, progress: compute.progress())
    }
    for failure in result.failures {
      Terminal.error("not embedded: \(failure.id): \(failure.reason)")
    }
    guard !result.ids.isEmpty else {
      throw EvalError(
        .malformedData, "none of \(index.samples.count) images could be decoded; nothing written",
        subject: dataset ?? images.first)
    }
    var metadata = session.featureMetadata
    if let preprocessing = result.preprocessing { metadata["preprocessing"] = preprocessing }
    if dataset != nil {
      metadata["options"] = DatasetOption.text(options)
      metadata["dataset"] = index.dataset
      metadata["split"] = index.split
      if index.captions == nil, index.composition == nil {
        metadata["classes"] = try CanonicalJSON.string(index.classes.map(\.id))
      }
    }
    try featureOutput.write(
      result.features, labels: dataset == nil || !index.hasClassLabels ? nil : result.labels,
      ids: result.ids,
      metadata: metadata, quiet: compute.quiet)
    if !result.failures.isEmpty {
      throw EvalError(
        .taskFailed,
        "\(result.failures.count) of \(index.samples.count) images could not be embedded")
    }
  }

  private func sampleIndex(_ adapter: (any DatasetAdapter)?) throws -> DatasetIndex {
    if let adapter {
      return try adapter.index(
        root: data.url(), split: split ?? adapter.info.defaultSplit)
    }
    return try DatasetIndex(imagesAt: images.map { URL(filePath: $0) })
  }
}

struct EmbedTexts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "texts",
    abstract: "Features of texts given as arguments, or one a line in a file.",
    discussion: """
      EXAMPLES
        clip-eval embed texts "a dog." "a cat." --model MODEL -o texts.npy
        clip-eval embed texts --input captions.txt --model MODEL -o texts.npy
      """)

  @Argument(help: "Texts.")
  var texts: [String] = []

  @Option(help: "A file with one text a line.")
  var input: String?

  @Flag(help: "Cut texts that are longer than the model's context instead of refusing them.")
  var truncate = false

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var featureOutput: FeatureOutput
  @OptionGroup var compute: ComputeOptions

  func validate() throws {
    guard texts.isEmpty != (input == nil) else {
      throw ValidationError("name texts, or --input FILE")
    }
  }

  func run() throws {
    try compute.prepare()
    try featureOutput.checkWritable()
    Interruption.install()
    let texts = try input.map { try TextLines.read(URL(filePath: $0)) } ?? texts
    guard !texts.isEmpty else {
      throw EvalError(.malformedData, "expected one text a line, found none", subject: input)
    }
    let session = try modelOptions.session(compute)
    try session.checkWeights()
    let tokenizer = try session.tokenizer()
    let tokens = try texts.enumerated().map { position, text in
      do {
        return try tokenizer.tokenize(text, truncate: truncate)
      } catch var error as EvalError {
        guard let input else { throw error }
        error.subject = "\(input):\(position + 1)"
        throw error
      }
    }
    let progress = compute.progress()
    progress.begin("texts", total: texts.count)
    let features = try session.textTower().encode(
      tokens, kind: featureOutput.feature, threads: compute.workerCount
    ) { progress.advance($0, cached: false) }
    progress.end()
    try featureOutput.write(
      features, labels: nil, ids: texts, metadata: session.featureMetadata, quiet: compute.quiet)
  }
}

extension ModelSession {
  /// What a feature file says of its model: all that the protocol of a result made from it records.
  fileprivate var featureMetadata: [String: String] {
    [
      "model": name, "preprocessing": recipe.description,
      "precision": precision.rawValue,
      "activation": checkpoint.configuration.activationDescription,
      "logitScale": "\(checkpoint.configuration.logitScale)",
    ]
  }
}
