package import Experiments

/// Explanations as Markdown.
package struct ExplanationTables {
  private let explanations: [Explanation]

  package init(_ explanations: [Explanation]) { self.explanations = explanations }

  /// `explain.md`.
  /// - Parameter notes: plain text.
  package func markdown(notes: [String]) -> String {
    let all =
      ["# Why the numbers differ"] + notes.map(Markdown.escaped)
      + explanations.flatMap { blocks($0, level: "##") }
    return all.map { $0.hasSuffix("\n") ? $0 : $0 + "\n" }.joined(separator: "\n")
  }

  func blocks(_ explanation: Explanation, level: String) -> [String] {
    let title =
      "\(explanation.dataset) (\(explanation.metric)), \(explanation.model)"
    var blocks = ["\(level) \(Markdown.escaped(title))", Markdown.escaped(explanation.conclusion)]
    if let attribution = explanation.attribution { blocks.append(parts(attribution)) }
    if !explanation.variants.isEmpty { blocks.append(variants(explanation)) }
    if !explanation.notTried.isEmpty {
      blocks.append(
        "Not tried:\n\n"
          + explanation.notTried.map { entry in
            "- \(Markdown.escaped([entry.axis.title, entry.level, entry.reason].compactMap(\.self).joined(separator: ": ")))\n"
          }.joined())
    }
    if !explanation.causes.isEmpty { blocks.append(causes(explanation)) }
    return blocks
  }

  private func parts(_ attribution: Explanation.Attribution) -> String {
    var table = MarkdownTable([
      ("Change", .left), ("Alone", .right), ("Shapley value", .right), ("95 % interval", .right),
      ("Chosen", .left),
    ])
    for part in attribution.parts {
      table.append([
        Markdown.escaped("\(part.axis.title): \(part.level)"), Percent.signed(part.single),
        Percent.signed(part.shapley), ExplanationText.signed(part.interval95), part.choice.rawValue,
      ])
    }
    table.append([
      "Together", "", Percent.signed(attribution.move),
      ExplanationText.signed(attribution.interval95), "",
    ])
    table.append([
      "Left", "", Percent.signed(attribution.residual),
      ExplanationText.signed(attribution.residualInterval95),
      attribution.agrees ? "agrees with the paper" : "unexplained",
    ])
    return table.text
  }

  private func variants(_ explanation: Explanation) -> String {
    var table = MarkdownTable([
      ("Axis", .left), ("Level", .left), ("Value", .right), ("Moves it by", .right),
      ("95 % interval", .right), ("Holm", .right), ("Left", .right), ("Agrees", .left),
      ("Named by", .left),
    ])
    for axis in ProtocolAxis.allCases {
      for variant in explanation.variants where variant.axis == axis {
        table.append([
          axis.title, Markdown.escaped(variant.level), Percent.text(variant.value),
          Percent.signed(variant.move), ExplanationText.signed(variant.interval95),
          ComparisonTables.probability(variant.holm), Percent.signed(variant.remaining),
          variant.agrees.map { $0 ? "yes" : "no" } ?? Markdown.unknown,
          Markdown.escaped(
            [variant.isPapers ? "the paper's own" : nil, variant.documented].compactMap(\.self)
              .joined(separator: "; ")),
        ])
      }
    }
    return table.text
  }

  private func causes(_ explanation: Explanation) -> String {
    var table = MarkdownTable([
      ("Known cause", .left), ("Axis", .left), ("Status", .left), ("Here", .left),
    ])
    for cause in explanation.causes {
      table.append(
        [cause.text, cause.axis, cause.status, cause.finding].map(Markdown.escaped))
    }
    return table.text
  }
}

extension ReportSection {
  /// What `explain` found out of the rows; nil where it was not asked.
  package static func explanations(_ explanations: [Explanation]) -> ReportSection? {
    let told = explanations.filter { $0.reference != nil && $0.gap != 0 && !$0.variants.isEmpty }
    guard !told.isEmpty else { return nil }
    var table = MarkdownTable([
      ("Model", .left), ("Dataset", .left), ("Gap", .right), ("Explained by", .left),
      ("Explains", .right), ("Left", .right), ("Variants tried", .right), ("Verdict", .left),
    ])
    for explanation in told {
      let parts = explanation.attribution?.parts ?? []
      table.append([
        Markdown.escaped(explanation.model), Markdown.escaped(explanation.dataset),
        Percent.signed(explanation.gap),
        parts.isEmpty
          ? Markdown.unknown
          : Markdown.escaped(
            parts.map { "\($0.axis.title): \($0.level) \(Percent.signed($0.shapley))" }
              .joined(separator: "; ")), Percent.signed(explanation.attribution?.move),
        Percent.signed(explanation.attribution?.residual ?? explanation.gap),
        "\(explanation.tried)", explanation.verdict.rawValue,
      ])
    }
    return ReportSection(
      title: "Why the numbers differ",
      blocks: [
        table.text,
        "From `clip-eval explain`: each result scored anew under other protocols, from the same image features. Shares are Shapley values, in points. The best of many variants flatters: how many were tried stands beside.",
      ])
  }
}
