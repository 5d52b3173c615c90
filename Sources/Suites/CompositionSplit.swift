import Core
import Datasets
import EmbeddingPipeline
import Experiments
import LinearAlgebra
import Prompts
import TensorFiles

/// A composition dataset's questions beside its images: the part of a task that does not depend on where features come from.
struct CompositionSplit: CaptionedSplit {
  let items: CompositionItems
  /// The captions through the template, in the items' order.
  let texts: [String]
  private let sampleIDs: [String]

  /// - Throws: `EvalError.usage` for another kind of dataset, `.badSuite` for a set with none or several templates.
  init(_ index: DatasetIndex, templates: PromptSet) throws {
    guard let items = index.composition else {
      throw EvalError(
        .usage, "nothing is asked about its images", subject: index.dataset,
        remedy: "The composition experiment is for SugarCrepe and Winoground.")
    }
    self.items = items
    texts = PromptRendering.prompts(
      for: [items.captions], templates: [try templates.singleTemplate()]
    ).flatMap { $0 }
    sampleIDs = index.samples.map(\.id)
  }

  func describe(_ record: inout EvaluationProtocol, truncatedCount: Int) {
    var parts = ["\(items.items.count) questions"]
    if truncatedCount > 0 { parts.append("\(truncatedCount) captions cut to the context") }
    record.captions = parts.joined(separator: ", ")
    record.captionsHash = items.hash(imageIDs: sampleIDs)
  }

  /// - Throws: `NoSampleLeft` when no image has a feature.
  func rows(
    of embedded: EmbeddedDataset, captions: Matrix, scale: Float, in context: CompositionContext,
    task: PlannedTask, folder: RunFolder, fileName: String
  ) throws -> [ResultRow] {
    guard !embedded.rows.isEmpty else { throw NoSampleLeft(embedded, dataset: task.dataset) }
    let experiment = try CompositionExperiment(
      items, images: embedded.features, rowOfSample: embedded.rowOfSample(count: sampleIDs.count),
      captions: captions, scale: scale, imageIDs: embedded.ids)
    let rows = try experiment.rows(in: context)
    try write(experiment.answers, task: task, folder: folder, fileName: fileName)
    return rows
  }

  /// `index` [n] numbers questions, `score` [n, images, 2] is scale × cosine, `image` [n, images] and `caption` [n, 2] say of what.
  private func write(
    _ answers: [CompositionExperiment.Answer], task: PlannedTask, folder: RunFolder,
    fileName: String
  ) throws {
    let asked = answers.map { items.items[$0.item] }
    let (n, width) = (answers.count, asked.first?.images.count ?? 0)
    try folder.write(
      [
        TensorPayload(name: "index", shape: [n], integers: answers.map { Int64($0.item) }),
        TensorPayload(
          name: "image", shape: [n, width], integers: asked.flatMap { $0.images.map(Int64.init) }),
        TensorPayload(
          name: "caption", shape: [n, 2], integers: asked.flatMap { $0.captions.map(Int64.init) }),
        TensorPayload(
          name: "score", shape: [n, width, 2],
          floats: answers.flatMap { $0.scores.map { Float($0) } }),
      ], ids: asked.map(\.id), task: task, fileName: fileName)
    try folder.write(texts, task: task, fileName: "\(fileName).captions.txt")
  }
}
