package import Core
package import Experiments
package import Foundation
import ReferenceFiles

/// The numbers that the paper and other harnesses published of the paper's models, and what is known of the gaps between them.
package struct PublishedResults: Sendable {
  /// One number of the paper.
  private struct Entry: Sendable {
    var condition: RowCondition
    var reference: ResultRow.Reference
  }

  /// Those that rows are held against; where two have a number for a row, it is the first one's.
  package static let tables = [
    "table-11.csv", "table-10.csv", "table-13.csv", "table-16-results.csv", "table-15.csv",
    "table-14.csv", "table-1.csv",
  ]

  private var entries: [OtherResult.Key: [Entry]] = [:]
  private let models: PaperModels
  private let samples: [String: PaperSample]
  private let others: [OtherResult.Key: [OtherResult]]
  private let causes: [KnownCause]

  /// - Parameter folder: whose files stand in for the program's own.
  /// - Throws: `EvalError.malformedData` with file and line.
  package init(in folder: URL? = nil) throws(EvalError) {
    models = try PaperModels(in: folder)
    samples = try PaperSample.all(in: folder)
    others = try OtherResult.all(in: folder)
    causes = try KnownCause.all(in: folder)
    for name in Self.tables {
      let table = try ReferenceTable(name, in: folder)
      for row in table.rows {
        let model = try table.text(row, "model")
        let key = OtherResult.Key(
          experiment: try table.text(row, "experiment"), dataset: try table.text(row, "dataset"),
          model: model, metric: try table.text(row, "metric"))
        entries[key, default: []].append(
          Entry(
            condition: try table.condition(row),
            reference: ResultRow.Reference(
              source: try table.text(row, "source"), model: model,
              value: try table.fraction(row))))
      }
    }
  }

  /// What comes with the program, or stands in `$CLIP_EVAL_REPORTS_REFERENCE` in its place.
  package static func shipped() throws(EvalError) -> PublishedResults { try PublishedResults() }

  /// The same rows with the paper's numbers and verdicts, where there are such of the row's model, experiment, dataset and metric; others
  /// as they are. A verdict that rescoring has reached stays,
  /// as long as the number is the same.
  package func attached(to rows: [ResultRow]) -> [ResultRow] {
    rows.map { row in
      guard let published = figure(for: row) else { return row }
      var row = row
      let earlier = (verdict: row.verdict, reference: row.reference)
      row.reference = published.reference
      row.verdict =
        row.value.map {
          Verdict.compare(
            $0, interval95: row.interval95, count: row.n, nearTies: row.nearTies ?? 0,
            with: published)
        } ?? .noReference
      if earlier.verdict == .differsByProtocol, row.verdict == .differsUnexplained,
        earlier.reference == nil || earlier.reference == row.reference
      {
        row.verdict = earlier.verdict
      } else {
        row.explainedBy = nil
      }
      return row
    }
  }

  /// The paper's number for a row, with what is known of the images it was measured on.
  package func figure(for row: ResultRow) -> PublishedFigure? {
    guard let key = key(row),
      let entry = entries[key]?.first(where: { $0.condition.holds(for: row) })
    else { return nil }
    let sample = samples[row.dataset]
    return PublishedFigure(
      reference: entry.reference, usesSameImages: sample?.isSame(as: row) ?? false,
      sampleCount: sample?.count(for: row))
  }

  /// What other harnesses measured where a row says what was measured here; empty for models of which nothing is published.
  package func others(for row: ResultRow) -> [OtherResult] {
    // Of other classes than the paper's the dataset is another one to everybody.
    guard let key = key(row),
      entries[key]?.contains(where: { $0.condition.holds(for: row) }) ?? true
    else { return [] }
    return others[key] ?? []
  }

  /// What may move a row's number away from the paper's, whether or not it does: in the order of the table.
  package func causes(for row: ResultRow) -> [KnownCause] {
    let model = models.name(of: row)
    return causes.filter { $0.concerns(row, model: model) }
  }

  private func key(_ row: ResultRow) -> OtherResult.Key? {
    models.name(of: row).map {
      OtherResult.Key(
        experiment: row.experiment, dataset: row.dataset, model: $0, metric: row.metric)
    }
  }
}
