import Experiments

/// A result as the page names it. Plain text.
extension ResultRow {
  /// The dataset with its options.
  var datasetName: String {
    [dataset, `protocol`.datasetOptions].compactMap(\.self).joined(separator: " ")
  }

  /// What the row differs in from others of its model, dataset and experiment: words, or how a probe came about.
  var setting: String {
    if robustness != nil {
      return MarkdownSpan.plain(RobustnessResults.classifier(self))
    }
    if let probe {
      if let neighbours = probe.neighbours { return "k = \(neighbours)" }
      let strength = probe.C.map { "C = \(FixedPoint.significant($0))" }
      let shots = probe.shots.map { "\($0) a class" }
      let seeds = probe.seeds.map { "\($0) seeds" } ?? probe.seed.map { "seed \($0)" }
      return [shots, seeds, strength].compactMap(\.self).joined(separator: ", ")
    }
    let words = PromptProtocol(`protocol`)
    let names = [words.classNames.name, words.templates.name].compactMap(\.self)
    let template = words.template.map { "#\($0)" } ?? ""
    let ensemble = words.ensemble.map { " (\($0))" } ?? ""
    return [names.uniqued().joined(separator: " · ") + template + ensemble, `protocol`.captions]
      .compactMap(\.self).filter { !$0.isEmpty }.joined(separator: " · ")
  }
}

extension Verdict {
  /// A sign that tells verdicts apart without colour.
  var sign: String {
    switch self {
    case .agrees: "✓"
    case .differsByProtocol: "≈"
    case .differsUnexplained: "≠"
    case .noReference: Markdown.unknown
    }
  }

  var className: String {
    switch self {
    case .agrees: "good"
    case .differsByProtocol: "so-so"
    case .differsUnexplained: "bad"
    case .noReference: "quiet"
    }
  }

  var markup: String {
    self == .noReference
      ? "<span class=\"quiet\">\(HTML.escaped(rawValue))</span>"
      : "<span class=\"\(className)\">\(sign) \(HTML.escaped(rawValue))</span>"
  }
}

/// A value between 0 and 1 as a dot with its interval, what is published as a bar and chance as a tick: what a column of numbers says at a
/// glance, beside the numbers.
enum IntervalPlot {
  static func markup(_ row: ResultRow) -> String {
    guard let value = row.value else { return "" }
    return markup(
      value, row.interval95.map { ($0.lower, $0.upper) }, published: row.reference?.value,
      chance: row.chance)
  }

  static func markup(
    _ value: Double, _ interval: (lower: Double, upper: Double)?, published: Double? = nil,
    chance: Double? = nil
  ) -> String {
    func x(_ fraction: Double) -> String {
      FixedPoint.shortest(2 + 96 * min(max(fraction, 0), 1), decimals: 1)
    }
    var marks = ""
    if let chance { marks += "<path class=\"h\" d=\"M\(x(chance)) 3V9\"/>" }
    if let interval {
      marks += "<path class=\"i\" d=\"M\(x(interval.lower)) 6H\(x(interval.upper))\"/>"
    }
    if let published { marks += "<path class=\"p\" d=\"M\(x(published)) 1V11\"/>" }
    marks += "<path class=\"v\" d=\"M\(x(value)) 6h0\"/>"
    return "<svg class=\"iv\" aria-hidden=\"true\">\(marks)</svg>"
  }
}
