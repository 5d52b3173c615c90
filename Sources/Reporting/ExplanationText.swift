package import Experiments
import Statistics

/// What an explanation says, as a terminal shows it: a heading, the number, its variants by axis, the parts of the gap, what is known.
package struct ExplanationText {
  package struct Section {
    /// Empty for lines that need none.
    package let title: String
    package let rows: [[String]]
    /// Columns of numbers.
    package let numbers: Set<Int>

    init(_ title: String, _ rows: [[String]], numbers: Set<Int> = []) {
      (self.title, self.rows, self.numbers) = (title, rows, numbers)
    }
  }

  package let title: String
  package let sections: [Section]
  package let conclusion: String

  package init(_ explanation: Explanation) {
    title =
      "\(explanation.dataset)  \(explanation.model)  \(explanation.experiment) \(explanation.metric)"
    conclusion = explanation.conclusion
    var sections = [Self.heading(explanation)]
    if !explanation.variants.isEmpty { sections.append(Self.variants(explanation)) }
    if let attribution = explanation.attribution {
      sections.append(Self.parts(attribution, explanation))
    }
    if !explanation.notTried.isEmpty {
      sections.append(
        Section(
          "not tried:",
          explanation.notTried.map {
            [
              "  \($0.axis.title)",
              [$0.level, $0.reason].compactMap(\.self).joined(separator: ": "),
            ]
          }))
    }
    if !explanation.causes.isEmpty {
      sections.append(
        Section(
          "known causes:",
          explanation.causes.flatMap { cause in
            [
              ["  \(cause.id)", "\(cause.status), \(cause.axis)", cause.text],
              ["", cause.isTested ? "axis tried here" : "not tried here", cause.finding],
            ]
          }))
    }
    if !explanation.others.isEmpty {
      sections.append(
        Section(
          "other harnesses:",
          explanation.others.map { other in
            [
              "  \(other.harness)", Percent.text(other.value),
              Percent.signed(explanation.reference.map { other.value - $0.value }),
              other.differences.joined(separator: "; "),
            ]
          }, numbers: [1, 2]))
    }
    self.sections = sections
  }

  private static func heading(_ explanation: Explanation) -> Section {
    var rows: [[String]] = []
    if let reference = explanation.reference {
      let images =
        explanation.usesSameImages == true
        ? "the same images" : "images that are others or not known"
      rows.append([
        "  paper", Percent.text(reference.value), "", "\(reference.source), \(images)",
      ])
    }
    rows.append([
      "  here", Percent.text(explanation.value), Percent.text(explanation.interval95),
      "n \(explanation.n)",
    ])
    if explanation.gap != nil {
      rows.append([
        "  gap", Percent.signed(explanation.gap), signed(explanation.gapInterval95),
        explanation.verdict.rawValue
          + (explanation.explainedBy.map { " (\($0))" } ?? ""),
      ])
    }
    return Section("", rows, numbers: [1, 2])
  }

  private static func variants(_ explanation: Explanation) -> Section {
    let hasGap = explanation.gap != nil
    var rows = [
      ["  axis", "level", "value", "moves it by", "95 % interval", "Holm"]
        + (hasGap ? ["left", "agrees", ""] : [""])
    ]
    for axis in ProtocolAxis.allCases {
      let own = explanation.variants.filter { $0.axis == axis }
      guard !own.isEmpty else { continue }
      rows.append(
        [
          "  \(axis.title)", explanation.levels[axis.rawValue] ?? "",
          Percent.text(explanation.value),
        ]
          + [String](repeating: "", count: 3)
          + (hasGap ? [Percent.signed(explanation.gap), "", "as run"] : ["as run"]))
      for variant in own {
        rows.append(
          [
            "", variant.level, Percent.text(variant.value), Percent.signed(variant.move),
            signed(variant.interval95), ComparisonTables.probability(variant.holm),
          ]
            + (hasGap
              ? [
                Percent.signed(variant.remaining), variant.agrees == true ? "yes" : "no",
                note(variant),
              ] : [note(variant)]))
      }
    }
    return Section(
      "variants tried, one change each (\(explanation.variants.count)):", rows,
      numbers: [2, 3, 4, 5, 6])
  }

  private static func note(_ variant: Explanation.Variant) -> String {
    [variant.isPapers ? "the paper's own" : nil, variant.documented].compactMap(\.self)
      .joined(separator: "; ")
  }

  private static func parts(
    _ attribution: Explanation.Attribution, _ explanation: Explanation
  ) -> Section {
    var rows = [["  axis", "level", "alone", "share", "95 % interval", ""]]
    for part in attribution.parts {
      rows.append([
        "  \(part.axis.title)", part.level, Percent.signed(part.single),
        Percent.signed(part.shapley), signed(part.interval95), part.choice.rawValue,
      ])
    }
    rows.append([
      "  together", "", "", Percent.signed(attribution.move), signed(attribution.interval95),
      Percent.text(attribution.value),
    ])
    rows.append([
      "  left", "", "", Percent.signed(attribution.residual),
      signed(attribution.residualInterval95),
      attribution.agrees ? "agrees with the paper" : "unexplained",
    ])
    return Section(
      "the gap of \(Percent.signed(explanation.gap)), divided (Shapley values):", rows,
      numbers: [2, 3, 4])
  }

  static func signed(_ interval: Interval?) -> String {
    interval.map { "\(Percent.signed($0.lower)) to \(Percent.signed($0.upper))" } ?? ""
  }
}
