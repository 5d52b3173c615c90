import ArgumentParser
import Core
import EmbeddingPipeline
import EmbeddingStore
import Foundation

/// What a set of features made elsewhere holds, for `inspect`: read in full, so that what a run would refuse is told.
struct FeatureSummary: Codable, Sendable {
  let name: String
  let path: String
  @ExplicitNull var layout: String?
  @ExplicitNull var rows: Int?
  @ExplicitNull var width: Int?
  @ExplicitNull var elementType: String?
  /// Highest label + 1, of at least one row; columns of labels, where rows have several.
  @ExplicitNull var labelledClasses: Int?
  let hasLabels: Bool
  let hasIDs: Bool
  @ExplicitNull var shortestNorm: Double?
  @ExplicitNull var longestNorm: Double?
  @ExplicitNull var sha256: String?
  /// Why a run could not use it.
  @ExplicitNull var problem: String?

  init(name: String, at url: URL) {
    let isOfTexts = isFolder(url) && !isFolder(url.appending(path: "img_emb"))
    self.init(
      name: name, url: url,
      content: isOfTexts && isFolder(url.appending(path: "text_emb")) ? .texts : .images
    ) { try FeatureSource(at: url) }
  }

  init(name: String, source: FeatureSource, content: FeatureTable.Content) {
    self.init(name: name, url: source.url, content: content) { source }
  }

  private init(
    name: String, url: URL, content: FeatureTable.Content, _ source: () throws -> FeatureSource?
  ) {
    self.name = name
    path = url.path
    let found = Result { () throws -> (FeatureSource, FeatureTable)? in
      try source().map { ($0, try FeatureTable($0, content: content)) }
    }
    let read = try? found.get()
    let table = read?.1
    layout = read?.0.layoutName
    rows = table?.count
    width = table?.width
    elementType = table?.elementType
    labelledClasses = table?.labels?.max().map { $0 + 1 } ?? table?.labelMatrix?.classCount
    hasLabels = table?.labels != nil || table?.labelMatrix != nil
    hasIDs = table?.ids != nil
    shortestNorm = table?.norms.lowerBound
    longestNorm = table?.norms.upperBound
    sha256 = table?.sha256.hex
    if case .failure(let error) = found { problem = "\(error)" } else { problem = nil }
  }

  static func table(_ summaries: [FeatureSummary]) -> [[String]] {
    let header = [
      "features", "layout", "rows", "width", "type", "labels", "ids", "norms", "SHA-256",
    ]
    return [header] + summaries.map(\.cells)
  }

  private var cells: [String] {
    func text(_ value: Int?) -> String { value.map { "\($0)" } ?? "–" }
    let labels = labelledClasses.map { "0…\($0 - 1)" } ?? "no"
    let digest = sha256.map { String($0.prefix(12)) } ?? "–"
    return [
      name, layout ?? "–", text(rows), text(width), elementType ?? "–", labels,
      hasIDs ? "yes" : "no", norms, digest,
    ]
  }

  private var norms: String {
    guard let shortestNorm, let longestNorm else { return "–" }
    return String(format: "%.4f…%.4f", shortestNorm, longestNorm)
  }

  private struct Document: Encodable {
    let path: String
    @ExplicitNull var model: String?
    let features: [FeatureSummary]
  }

  /// A folder for runs: every split and text file in it.
  static func show(_ folder: EmbeddingsFolder, json: Bool) throws {
    var summaries: [FeatureSummary] = []
    for dataset in folder.datasets {
      for split in dataset.splits {
        summaries.append(
          FeatureSummary(
            name: "\(dataset.name)/\(split.name)", source: split.source, content: .images))
      }
      for (name, source) in [("prompts", dataset.prompts), ("classes", dataset.classes)] {
        guard let source else { continue }
        summaries.append(
          FeatureSummary(name: "\(dataset.name)/\(name)", source: source, content: .texts))
      }
    }
    if let prompts = folder.prompts {
      summaries.append(FeatureSummary(name: "prompts", source: prompts, content: .texts))
    }
    try show(summaries, path: folder.url.path, model: folder.name, json: json)
  }

  /// A folder of one set of features: `features.npy`, or clip-retrieval's `img_emb/`.
  static func show(folderOfOne url: URL, json: Bool) throws {
    let summary = FeatureSummary(name: url.lastPathComponent, at: url)
    try show([summary], path: url.path, model: nil, json: json)
  }

  private static func show(
    _ summaries: [FeatureSummary], path: String, model: String?, json: Bool
  ) throws {
    if json {
      try Output.json(
        Described(
          kind: "embeddings", value: Document(path: path, model: model, features: summaries)))
    } else {
      try Output.table(table(summaries), rightAligned: [2, 3])
      for item in summaries {
        if let problem = item.problem { try Output.line("\(item.name): \(problem)") }
      }
    }
    if summaries.contains(where: { $0.problem != nil }) {
      throw ExitCode(EvalError.Kind.malformedData.rawValue)
    }
  }
}
