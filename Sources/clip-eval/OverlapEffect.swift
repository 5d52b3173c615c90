import Core
import Foundation
import Overlap
import Reporting
import Suites

/// What the duplicates that searches found do to the accuracy of evaluations: section 5 and Figure 17 of the paper.
struct OverlapEffect {
  /// Folders that `overlap --output` wrote.
  let searches: [String]
  /// Predictions of the sets that were searched for, in the same order.
  let predictions: [String]
  /// Thresholds to look at besides those of the searches.
  let thresholds: [Double]
  let detector: Detector?
  let output: String?
  let json: Bool

  /// What of `overlap.json` is needed here.
  private struct Search: Decodable {
    struct Side: Decodable {
      struct Unusable: Decodable { let id: String }
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
    let analyses = try zip(searches, predictions).map { try analysis($0, $1) }
    // The paper has one threshold for each dataset: the one that pairs were reported from, or the lowest asked for.
    let summary = OverlapSummary(
      analyses.compactMap { analysis in analysis.rows.first.map { (analysis.dataset, $0) } })
    let markdown =
      ([OverlapTables.markdown(summary)] + analyses.map { OverlapTables.markdown($0) })
      .joined(separator: "\n")
    if let output {
      let folder = URL(filePath: output)
      try AtomicFile.write(markdown, to: folder.appending(path: "overlap-effect.md"))
      try AtomicFile.write(
        OverlapTables.csv(analyses), to: folder.appending(path: "overlap-effect.csv"))
      try AtomicFile.write(
        OverlapTables.csv(summary), to: folder.appending(path: "overlap-summary.csv"))
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

  /// As the folders of predictions are called, for the figures' titles.
  private var model: String {
    Set(
      predictions.map { URL(filePath: $0).deletingLastPathComponent().lastPathComponent }
    ).sorted().joined(separator: ", ")
  }

  private func analysis(_ folder: String, _ file: String) throws -> OverlapAnalysis {
    let folder = URL(filePath: folder)
    let place = folder.appending(path: "overlap.json")
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
    let recorded = try RecordedPredictions(URL(filePath: file))
    let pairs = folder.appending(path: "pairs.csv")
    let joined = try OverlapJoin.samples(
      ids: recorded.ids,
      isRight: OverlapJoin.isRight(
        labels: recorded.labels, predictions: recorded.predictions, subject: file),
      pairs: PairsFile.read(pairs), detector: used.detector.rawValue,
      unread: search.query.unusable.map(\.id), subject: pairs.path)
    if let first = joined.leftOut.first {
      Terminal.error(
        "warning: \(joined.leftOut.count) samples of \(file) could not be searched for and are left out; the first is \(first)"
      )
    }
    return try OverlapAnalysis.run(
      dataset: URL(filePath: file).deletingPathExtension().lastPathComponent,
      samples: joined.samples,
      thresholds: thresholds.isEmpty ? [used.threshold] : thresholds.sorted(),
      lowestScore: used.threshold)
  }
}
