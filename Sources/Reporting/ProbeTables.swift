package import Experiments
import Foundation
import Statistics

/// The results of probes as tables: what was fitted, how C was found, whether the fit converged.
package enum ProbeTables {
  /// A row of which kind of probe.
  enum Kind: Hashable {
    case linear
    case fewShot
    case neighbours

    init?(_ row: ResultRow) {
      guard let probe = row.probe else { return nil }
      self = probe.neighbours != nil ? .neighbours : probe.shots != nil ? .fewShot : .linear
    }
  }

  /// - Parameters:
  ///   - rows: of one model and one experiment, all of probes.
  ///   - others: the model's other rows, of which zero-shot is the 0-shot column.
  package static func blocks(_ rows: [ResultRow], others: [ResultRow]) -> [String] {
    rows.compactMap(Kind.init).uniqued().flatMap { kind -> [String] in
      let own = rows.filter { Kind($0) == kind }
      return switch kind {
      case .linear: [linear(own)]
      case .neighbours: [neighbours(own)]
      case .fewShot: FewShotTable(own, zeroShot: others).blocks
      }
    } + (warnings(rows).map { [$0] } ?? [])
  }

  private static func linear(_ rows: [ResultRow]) -> String {
    var table = MarkdownTable([
      ("Dataset", .left), ("Metric", .left), ("Value", .right), ("95 % interval", .right),
      ("C", .right), ("C chosen on", .left), ("Solver", .left), ("Converged", .left),
      ("Gradient norm", .right), ("Iterations", .right), ("Evaluations", .right),
      ("Trained on", .right), ("n / expected", .right), ("Failed", .right), ("Paper", .right),
      ("Delta", .right), ("Verdict", .left), ("Protocol", .left),
    ])
    for row in rows {
      guard let probe = row.probe else { continue }
      table.append(
        head(row) + [
          probe.C.map(FixedPoint.significant) ?? Markdown.unknown,
          probe.selection.map(Markdown.escaped) ?? Markdown.unknown,
          probe.solver.map(Markdown.escaped) ?? Markdown.unknown, converged(probe),
          probe.gradientNorm.map(FixedPoint.scientific) ?? Markdown.unknown,
          number(probe.iterations), number(probe.evaluations), number(probe.trainingSamples),
        ] + tail(row))
    }
    return table.text
  }

  private static func neighbours(_ rows: [ResultRow]) -> String {
    var table = MarkdownTable([
      ("Dataset", .left), ("Metric", .left), ("Value", .right), ("95 % interval", .right),
      ("k", .right), ("Temperature", .right), ("Trained on", .right), ("n / expected", .right),
      ("Failed", .right), ("Paper", .right), ("Delta", .right), ("Verdict", .left),
      ("Protocol", .left),
    ])
    for row in rows {
      guard let probe = row.probe else { continue }
      table.append(
        head(row) + [
          number(probe.neighbours),
          probe.temperature.map(FixedPoint.significant) ?? Markdown.unknown,
          number(probe.trainingSamples),
        ] + tail(row))
    }
    return table.text
  }

  private static func head(_ row: ResultRow) -> [String] {
    [
      Markdown.escaped(row.dataset) + (row.partial ? " **(partial)**" : ""),
      Markdown.escaped(row.metric), Percent.text(row.value), Percent.text(row.interval95),
    ]
  }

  private static func tail(_ row: ResultRow) -> [String] {
    [
      "\(row.n) / \(number(row.nExpected))", "\(row.nFailed)", Percent.text(row.reference?.value),
      Percent.signed(row.delta), row.verdict.rawValue, "`\(row.protocolHash.short)`",
    ]
  }

  private static func number(_ value: Int?) -> String {
    value.map { String($0) } ?? Markdown.unknown
  }

  private static func converged(_ probe: ProbeRecord) -> String {
    switch probe.converged {
    case true: "yes"
    case false: "**no**" + (probe.stop.map { " (\(Markdown.escaped($0)))" } ?? "")
    case nil: Markdown.unknown
    }
  }

  /// A line for each thing of these probes that a reader should not overlook; nil where there is none.
  package static func warnings(_ rows: [ResultRow]) -> String? {
    let means = FewShotTable.Means(rows)
    let lines = rows.filter { !means.replace($0) }.flatMap { row -> [String] in
      guard let probe = row.probe else { return [] }
      var place = Markdown.escaped(row.dataset)
      if let shots = probe.shots { place += ", \(shots) per class" }
      if let seed = probe.seed { place += ", seed \(seed)" }
      return warnings(probe, seeds: means.seeds(of: row).compactMap(\.probe)).map {
        "\(place): \($0)."
      }
    }.uniqued()
    guard !lines.isEmpty else { return nil }
    return "Warnings:\n\n" + lines.map { "- \($0)\n" }.joined()
  }

  /// - Parameter seeds: what `probe` is the mean of; empty for a single fit.
  private static func warnings(_ probe: ProbeRecord, seeds: [ProbeRecord]) -> [String] {
    var lines: [String] = []
    let atEdge = seeds.count { $0.isAtEdge == true }
    if atEdge > 0 {
      lines.append(
        "C is at the edge of the grid for \(atEdge) of \(seeds.count) seeds; a better one may lie beyond it"
      )
    } else if probe.isAtEdge == true {
      let which = probe.C.map { "C = \(FixedPoint.significant($0))" } ?? "the C chosen"
      lines.append("\(which) is at the edge of the grid; a better one may lie beyond it")
    }
    let unfinished = seeds.count { $0.converged == false }
    if unfinished > 0 {
      lines.append("the fit did not converge for \(unfinished) of \(seeds.count) seeds")
    } else if probe.converged == false {
      let stop = probe.stop.map { " (\(Markdown.escaped($0)))" } ?? ""
      let norm = probe.gradientNorm.map { ", gradient norm \(FixedPoint.scientific($0))" } ?? ""
      lines.append("the fit did not converge\(stop)\(norm)")
    }
    if let short = probe.shortClasses, short > 0 {
      let classes = short == 1 ? "1 class has" : "\(short) classes have"
      lines.append("\(classes) fewer training samples than that; all they have were used")
    }
    return lines
  }

  static func legend(_ rows: [ResultRow]) -> [String] {
    let kinds = Set(rows.compactMap(Kind.init))
    var lines: [String] = []
    if kinds.contains(.linear) {
      lines.append(
        "Linear probe: logistic regression on frozen features; C: inverse strength of its L2 penalty; gradient norm: the largest component of the gradient of the objective, divided by the number of training samples."
      )
    }
    if kinds.contains(.fewShot) { lines += FewShotTable.legend }
    if kinds.contains(.neighbours) {
      lines.append("kNN: the k nearest training samples by cosine, weighted by the temperature.")
    }
    return lines
  }
}
