import Foundation
import Statistics

/// A part of a report over all models: text and figures made of many rows.
package struct ReportSection: Sendable {
  package var title: String
  /// Markdown: paragraphs and tables.
  package var blocks: [String]

  package init(title: String, blocks: [String]) {
    self.title = title
    self.blocks = blocks
  }
}

extension ReportSection {
  /// Figures, then tables, then remarks as plain text.
  package init(
    title: String, figures: [FigureFile] = [], tables: [String] = [], notes: [String] = []
  ) {
    self.init(
      title: title, blocks: figures.map(\.markdown) + tables + notes.map(Markdown.escaped))
  }

  /// Every search for C, with its figure.
  package static func searches(_ figures: [FigureFile]) -> ReportSection {
    ReportSection(title: "Searches for C", blocks: figures.map(\.markdown))
  }

  /// Figure 6 of the paper.
  package static func fewShot(_ figures: [FigureFile]) -> ReportSection {
    ReportSection(title: "Zero-shot and few-shot", blocks: figures.map(\.markdown))
  }

  /// Figure 7 of the paper: a table and a figure for each model.
  package static func dataEfficiency(
    _ models: [DataEfficiencyChart], figures: [FigureFile]
  ) -> ReportSection {
    let tables = models.flatMap { [ProbeTables.dataEfficiency($0)] }
    return ReportSection(
      title: "Data efficiency of zero-shot",
      blocks: figures.map(\.markdown) + tables + [ProbeTables.dataEfficiencyCaption])
  }

  /// Figure 8 of the paper: a line for each model and a figure.
  package static func correlation(
    _ models: [ZeroShotCorrelation], figures: [FigureFile]
  ) -> ReportSection {
    ReportSection(
      title: "Zero-shot against linear probe",
      blocks: figures.map(\.markdown) + [ProbeTables.correlation(models)])
  }
}

extension ProbeTables {
  static let dataEfficiencyCaption =
    "Labelled training samples per class with which a linear probe on the same features equals zero-shot, interpolated between the numbers tried. `> x`: it does not with x, the most there are; `x*`: fewer than the fewest tried, by the line through the first two numbers; `< x`: fewer than x, where that line does not rise. The mean is of the datasets with a value."

  package static func dataEfficiency(_ model: DataEfficiencyChart) -> String {
    var table = MarkdownTable([
      ("Dataset", .left), ("Zero-shot", .right), ("Samples per class", .right), ("Paper", .right),
    ])
    for dataset in model.sorted {
      table.append([
        Markdown.escaped(dataset.name), Percent.text(dataset.zeroShot),
        Markdown.escaped(dataset.needed.text),
        dataset.published.map(ShotsNeeded.text) ?? Markdown.unknown,
      ])
    }
    let published = model.datasets.compactMap(\.published).sorted()
    let complete = published.count == model.datasets.count && !published.isEmpty
    let (low, high) = (max(0, (published.count - 1) / 2), published.count / 2)
    let theirs =
      complete
      ? (
        mean: published.reduce(0, +) / Double(published.count),
        median: (published[low] + published[high]) / 2
      ) : nil
    for (name, own, paper) in [
      ("mean", model.mean, theirs?.mean), ("median", model.median, theirs?.median),
    ] {
      guard let own else { continue }
      table.append([
        "**\(name) of \(model.datasets.count - (name == "mean" ? model.withoutValue : 0))**",
        Markdown.unknown, Markdown.escaped(ShotsNeeded.text(own)),
        paper.map(ShotsNeeded.text) ?? Markdown.unknown,
      ])
    }
    return "\(Markdown.escaped(model.model)):\n\n\(table.text)"
  }

  package static func correlation(_ models: [ZeroShotCorrelation]) -> String {
    func number(_ value: Double) -> String {
      FixedPoint.text(value, decimals: 2).replacing("-", with: "−")
    }
    func spread(_ interval: Interval?) -> String {
      interval.map { "\(number($0.lower)) to \(number($0.upper))" } ?? Markdown.unknown
    }
    var table = MarkdownTable([
      ("Model", .left), ("Datasets", .right), ("r", .right), ("95 % interval", .right),
      ("p", .right), ("Slope", .right), ("95 % interval", .right),
    ])
    for model in models {
      let fit = model.regression
      table.append([
        Markdown.escaped(model.model), "\(model.datasets.count)",
        fit.map { number($0.r) } ?? Markdown.unknown, spread(fit?.rInterval),
        fit?.pValue.map { $0 < 1e-6 ? "&lt; 1e-06" : FixedPoint.significant($0) }
          ?? Markdown.unknown,
        fit.map { number($0.slope) } ?? Markdown.unknown, spread(fit?.slopeInterval),
      ])
    }
    let methods = models.compactMap { $0.regression?.intervalMethod }.uniqued()
    let how =
      methods.isEmpty
      ? "" : " Intervals: \(methods.map(Markdown.escaped).joined(separator: "; "))."
    return table.text
      + "\nPearson's r over datasets, and the line of least squares of zero-shot on the probe.\(how)\n"
  }
}
