import Core
import Foundation
import Overlap
import Reporting
import Suites

/// What the duplicates that searches found do to the accuracy of evaluations: section 5 and Figure 17 of the paper.
struct OverlapEffect {
  /// Folders that `overlap --output` wrote, or folders of such.
  let searches: [String]
  /// Predictions of the sets that were searched for, in the same order; folders of them for folders of searches.
  let predictions: [String]
  /// Instead of those of the searches.
  let thresholds: Thresholds
  let detector: Detector?
  let output: String?
  let json: Bool

  struct Thresholds {
    /// Of all datasets that have none of their own.
    var common: [Double] = []
    /// By dataset.
    var named: [String: [Double]] = [:]
  }

  /// A search, and the predictions of what was searched for.
  private struct Source {
    var search: URL
    var predictions: URL

    var dataset: String { predictions.deletingPathExtension().lastPathComponent }
  }

  /// What of `overlap.json` is needed here.
  private struct Search: Decodable {
    struct Side: Decodable {
      struct Unusable: Decodable {
        let id: String
        let detectors: [Detector]
      }
      let count: Int
      let unusable: [Unusable]
    }
    struct Used: Decodable {
      let detector: Detector
      let threshold: Double
    }

    let query: Side
    let detectors: [Used]
  }

  func run() throws {
    let sources = try zip(searches, predictions).flatMap { try Self.sources($0, $1) }
    let names = sources.map(\.dataset)
    if let unknown = thresholds.named.keys.sorted().first(where: { !names.contains($0) }) {
      throw EvalError(
        .usage, "--threshold \(unknown)=…: no dataset is called so",
        remedy: "There are \(names.joined(separator: ", ")).")
    }
    let analyses = try sources.map { try analysis($0) }
    // The paper has one threshold for each dataset: the one that pairs were reported from, or the lowest asked for.
    let summary = OverlapSummary(
      analyses.compactMap { analysis in analysis.rows.first.map { (analysis.dataset, $0) } })
    // What the summary does not say already.
    let details = analyses.filter { $0.rows.count > 1 }.map { OverlapTables.markdown($0) }
    let markdown = ([OverlapTables.markdown(summary)] + details).joined(separator: "\n")
    if let output {
      let folder = URL(filePath: output)
      try AtomicFile.write(markdown, to: folder.appending(path: "overlap-effect.md"))
      try AtomicFile.write(
        OverlapTables.csv(analyses), to: folder.appending(path: "overlap-effect.csv"))
      try AtomicFile.write(
        OverlapTables.csv(summary), to: folder.appending(path: "overlap-summary.csv"))
      let model = Set(
        sources.map { $0.predictions.deletingLastPathComponent().lastPathComponent }
      ).sorted().joined(separator: ", ")
      for figure in FigureFile.make(OverlapFigure(model: model, summary).figures) {
        let place = folder.appending(path: "figures/\(figure.name)")
        try AtomicFile.write(figure.svg, to: place.appendingPathExtension("svg"))
        try AtomicFile.write(figure.csv, to: place.appendingPathExtension("csv"))
      }
    }
    if json {
      return try Output.json(
        Described(kind: "overlap-effect", value: Document(datasets: analyses)))
    }
    try Output.line(markdown)
  }

  private struct Document: Encodable { let datasets: [OverlapAnalysis] }

  /// One search and one file; or the searches in a folder, and the files that are called as they are.
  private static func sources(_ search: String, _ predictions: String) throws -> [Source] {
    let (search, predictions) = (URL(filePath: search), URL(filePath: predictions))
    func isFolder(_ url: URL) -> Bool {
      (try? url.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == true
    }
    func isSearch(_ url: URL) -> Bool {
      FileManager.default.fileExists(atPath: url.appending(path: record).path)
    }
    if isSearch(search) {
      guard isFolder(predictions) else { return [Source(search: search, predictions: predictions)] }
      throw EvalError(
        .usage, "expected a file of predictions, found a folder", subject: predictions.path,
        remedy: "Name the file of the dataset that was searched for.")
    }
    let below =
      (try? FileManager.default.contentsOfDirectory(atPath: search.path))?.sorted()
      .filter { isSearch(search.appending(path: $0)) } ?? []
    guard !below.isEmpty else {
      throw EvalError(
        .notFound, "expected \(record), or folders that hold one", subject: search.path,
        remedy: "Name the --output of a search.")
    }
    guard isFolder(predictions) else {
      throw EvalError(
        .usage, "the searches are of several datasets, and predictions are of one",
        subject: predictions.path,
        remedy: "Name the folder of predictions: RUN/predictions/EXPERIMENT/MODEL.")
    }
    return try below.map { name in
      Source(
        search: search.appending(path: name),
        predictions: try PredictionFile.url(of: name, in: predictions))
    }
  }

  private static let record = "overlap.json"

  private func analysis(_ source: Source) throws -> OverlapAnalysis {
    let (folder, file) = (source.search, source.predictions.path)
    let place = folder.appending(path: Self.record)
    let search: Search
    do {
      search = try JSONDecoder().decode(Search.self, from: readFile(place))
    } catch is DecodingError {
      throw EvalError(
        .malformedData, "expected what `clip-eval overlap --output` writes", subject: place.path)
    }
    let used = search.detectors.filter { detector == nil || $0.detector == detector }
    guard used.count == 1, let used = used.first else {
      let names = search.detectors.map(\.detector.rawValue).joined(separator: ", ")
      throw EvalError(
        .usage,
        used.isEmpty
          ? "the search did not use this detector, but \(names)"
          : "the search used several detectors: \(names)", subject: place.path,
        remedy: "Say --detector with one of them.")
    }
    let recorded = try PredictionFile(source.predictions)
    let ids = try recorded.ids()
    let unread = search.query.unusable.filter { $0.detectors.contains(used.detector) }.map(\.id)
    let pairs = folder.appending(path: "pairs.csv")
    let joined = try OverlapJoin.samples(
      ids: ids,
      isRight: OverlapJoin.isRight(
        labels: recorded.labels(), predictions: recorded.predictions(), subject: file),
      pairs: PairsFile.read(pairs), detector: used.detector.rawValue,
      unread: unread, subject: pairs.path)
    // Else samples that nobody searched for would count as clean.
    let predicted = ids.count + unread.count - joined.leftOut.count
    guard search.query.count == predicted else {
      throw EvalError(
        .malformedData,
        "expected predictions of the \(search.query.count) images that were searched for, found \(ids.count)",
        subject: file, remedy: "Search for the images of the dataset and split that were evaluated."
      )
    }
    if let first = joined.leftOut.first {
      Terminal.error(
        "warning: \(joined.leftOut.count) samples of \(file) could not be searched for and are left out; the first is \(first)"
      )
    }
    let thresholds = thresholds.named[source.dataset] ?? thresholds.common
    return try OverlapAnalysis.run(
      dataset: source.dataset, samples: joined.samples,
      thresholds: thresholds.isEmpty ? [used.threshold] : thresholds.sorted(),
      lowestScore: used.threshold)
  }
}
