import Experiments
import Metrics

/// The results of retrieval as the paper's Table 13 has them: a line for each direction, a column for each k.
enum RetrievalTable {
  /// - Parameter rows: of one model and the experiment `retrieval`, in the order they were made.
  static func text(_ rows: [ResultRow]) -> String {
    let cutoffs = [1, 5, 10]
    let isCompared = rows.contains { $0.reference != nil }
    let delta: [(title: String, alignment: MarkdownTable.Alignment)] =
      isCompared ? [("Delta", .right)] : []
    var table = MarkdownTable(
      [("Dataset", .left), ("Query → answer", .left)] + cutoffs.map { ("R@\($0)", .right) } + [
        ("95 % interval of R@1", .right), ("Chance of R@1", .right), ("n / expected", .right),
        ("Failed", .right), ("Paper", .right),
      ] + delta + [
        ("Verdict", .left), ("Captions", .left), ("Template", .left), ("Protocol", .left),
      ])
    for (settings, direction) in lines(rows) {
      let metrics = direction.metrics.map(\.name.rawValue)
      let own = metrics.map { name in
        rows.first { $0.metric == name && Settings($0) == settings }
      }
      guard let first = own.compactMap(\.self).first else { continue }
      func each(_ text: (ResultRow) -> String) -> String {
        own.compactMap { $0.map(text) }.uniqued().joined(separator: " / ")
      }
      var cells = [
        first.datasetText + (first.partial ? " **(partial)**" : ""),
        direction == .imageToText ? "image → text" : "text → image",
      ]
      cells += own.map { Percent.text($0?.value) }
      cells += [
        Percent.text(own.first??.interval95), Percent.text(own.first??.chance),
        "\(first.n) / \(first.nExpected.map { String($0) } ?? Markdown.unknown)",
        "\(first.nFailed)",
        own.contains { $0?.reference != nil }
          ? own.map { Percent.text($0?.reference?.value) }.joined(separator: " / ")
          : Markdown.unknown,
      ]
      if isCompared {
        cells.append(own.map { Percent.signed($0?.delta) }.joined(separator: " / "))
      }
      cells += [
        // One a column where they differ, like the numbers before.
        Set(own.map { $0?.verdict }).count == 1
          ? first.verdict.rawValue
          : own.map { $0?.verdict.rawValue ?? Markdown.unknown }.joined(separator: " / "),
        first.protocol.captions.map(Markdown.escaped) ?? Markdown.unknown,
        first.protocol.templateSet.map(Markdown.escaped) ?? Markdown.unknown,
        each { "`\($0.protocolHash.short)`" },
      ]
      table.append(cells)
    }
    return table.text
  }

  static let legend = [
    "R@k: share of queries with a right answer among the first k; an image has several right captions, a caption one image. Of equal scores, wrong answers come first.",
    "Chance of R@1: a random order of the candidates.",
  ]

  /// What tells the lines of one direction apart: everything but the metric.
  private struct Settings: Hashable {
    var `protocol`: EvaluationProtocol

    init(_ row: ResultRow) {
      self.protocol = row.protocol
      self.protocol.metric = nil
    }
  }

  private static func lines(_ rows: [ResultRow]) -> [(Settings, RetrievalDirection)] {
    rows.map(Settings.init).uniqued().flatMap { settings in
      RetrievalDirection.allCases.map { (settings, $0) }
    }
  }
}
