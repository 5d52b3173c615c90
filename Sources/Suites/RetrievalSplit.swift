package import Core
import Datasets
import EmbeddingPipeline
import Experiments
import Imaging
import LinearAlgebra
import Metrics
package import Prompts

/// A split's captions beside its images: the part of a retrieval task that does not depend on where features come from.
struct RetrievalSplit: CaptionedSplit {
  /// As the dataset has them.
  let captions: CaptionSet
  /// Through the template, in the same order.
  let texts: [String]
  private let sampleIDs: [String]
  private let captionsHash: SHA256Digest?
  private let image: (Int) -> ImageSource

  /// - Throws: `EvalError.usage` for a dataset of classes, `.badSuite` for a set with none or several templates.
  init(_ index: DatasetIndex, templates: PromptSet) throws {
    captions = try index.requireCaptions()
    texts = PromptRendering.prompts(
      for: [captions.captions.map(\.text)], templates: [try templates.singleTemplate()]
    ).flatMap { $0 }
    sampleIDs = index.samples.map(\.id)
    captionsHash = index.captionsHash
    image = { index.samples[$0].source }
  }

  func describe(_ record: inout EvaluationProtocol, truncatedCount: Int) {
    var parts = [captions.limitPerImage.map { "first \($0) of each image" } ?? "all"]
    if truncatedCount > 0 { parts.append("\(truncatedCount) cut to the context") }
    record.captions = parts.joined(separator: ", ")
    record.captionsHash = captionsHash
  }

  /// Scores both directions and writes the predictions.
  /// - Throws: `NoSampleLeft` when no image has a feature.
  func rows(
    of embedded: EmbeddedDataset, captions features: Matrix, scale: Float, threads: Int,
    in context: RetrievalContext, task: PlannedTask, folder: RunFolder, fileName: String
  ) throws -> [ResultRow] {
    guard !embedded.rows.isEmpty else { throw NoSampleLeft(embedded, dataset: task.dataset) }
    let rowOfSample = embedded.rowOfSample(count: sampleIDs.count)
    let experiment = try RetrievalExperiment(
      images: embedded.features, captions: features,
      rowOfCaption: captions.captions.map { rowOfSample[$0.sample] }, scale: scale,
      imageIDs: embedded.ids, threads: threads)
    let rows = try experiment.rows(in: context)
    try write(experiment, embedded, task: task, folder: folder, fileName: fileName)
    return rows
  }

  private func write(
    _ experiment: RetrievalExperiment, _ embedded: EmbeddedDataset, task: PlannedTask,
    folder: RunFolder, fileName: String
  ) throws {
    var number = 0
    let captionIDs = captions.captions.indices.map { caption in
      let sample = captions.captions[caption].sample
      number = caption > 0 && captions.captions[caption - 1].sample == sample ? number + 1 : 0
      return "\(sampleIDs[sample])#\(number)"
    }
    for direction in RetrievalDirection.allCases {
      let (ranking, index, ids): (RetrievalRanking, [Int], [String])
      // Image rows are numbered without the failed; files number images by their place in the split.
      let number: (Int) -> Int
      switch direction {
      case .imageToText:
        (ranking, index, ids) = (experiment.imageToText, embedded.rows, embedded.ids)
        number = { $0 }
      case .textToImage:
        (ranking, index) = (experiment.textToImage, experiment.captionQueries)
        ids = index.map { captionIDs[$0] }
        number = { $0 < 0 ? $0 : embedded.rows[$0] }
      }
      var predictions = Predictions()
      predictions.labels = ranking.bestRight.map(number)
      predictions.top5 = ranking.top5.map(number)
      predictions.prediction = stride(from: 0, to: predictions.top5.count, by: Predictions.width)
        .map { predictions.top5[$0] }
      predictions.scores = ranking.scores
      try folder.write(
        predictions, rows: index, ids: ids, ranks: ranking.ranks, task: task,
        fileName: "\(fileName).\(direction.rawValue)")
      if direction == .imageToText {
        try folder.writePictures(
          of: predictions.typicalMisses(
            ranks: ranking.ranks, limit: RunFolder.pictureCount
          ).map { index[$0] }, image: image, task: task,
          fileName: "\(fileName).\(direction.rawValue)")
      }
    }
    try folder.write(texts, task: task, fileName: "\(fileName).captions.txt")
  }
}

extension PromptSet {
  /// The one template of a set, for captions, of which no prompts are averaged.
  /// - Throws: `EvalError.badSuite` for none or several.
  package func singleTemplate() throws(EvalError) -> String {
    guard templates.count == 1, let template = templates.first else {
      throw EvalError(
        .badSuite,
        "captions take one template, the prompt set \(reference) has \(templates.count)",
        remedy: "`generic/bare` is the caption alone, `generic/photo-of` the paper's prefix.")
    }
    return template
  }
}
