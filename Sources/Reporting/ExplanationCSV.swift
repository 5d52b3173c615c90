package import Experiments

/// Explanations as a table: a line for each variant and each part, the same columns always. Fractions, unrounded.
package struct ExplanationCSV {
  private let explanations: [Explanation]

  package init(_ explanations: [Explanation]) { self.explanations = explanations }

  private static let columns = [
    "experiment", "dataset", "model", "metric", "protocolHash", "value", "reference", "gap",
    "tried",
    "kind", "axis", "level", "variantValue", "n", "move", "interval95.lower", "interval95.upper",
    "intervalMethod", "pValue", "holm", "remaining", "agrees", "isPapers", "documented",
  ]

  private func text(_ value: (some CustomStringConvertible)?) -> String { value?.description ?? "" }

  /// Kinds of lines: `variant`, one change; `share`, its Shapley value; `together`, all changes that the gap is divided among.
  package var text: String {
    let lines = explanations.flatMap { explanation -> [[String]] in
      let own = [
        explanation.experiment, explanation.dataset, explanation.model, explanation.metric,
        explanation.protocolHash, text(explanation.value), text(explanation.reference?.value),
        text(explanation.gap), text(explanation.tried),
      ]
      var lines = explanation.variants.map { variant in
        own + [
          "variant", variant.axis.rawValue, variant.level, text(variant.value), text(variant.n),
          text(variant.move), text(variant.interval95?.lower), text(variant.interval95?.upper),
          text(variant.intervalMethod), text(variant.pValue), text(variant.holm),
          text(variant.remaining), text(variant.agrees), text(variant.isPapers),
          text(variant.documented),
        ]
      }
      guard let attribution = explanation.attribution else { return lines }
      for part in attribution.parts {
        lines.append(
          own + [
            "share", part.axis.rawValue, part.level, "", "", text(part.shapley),
            text(part.interval95?.lower), text(part.interval95?.upper),
            text(attribution.intervalMethod), "", "", "", "",
            text(part.choice == .papers), part.choice.rawValue,
          ])
      }
      lines.append(
        own + [
          "together", "", "", text(attribution.value), "", text(attribution.move),
          text(attribution.interval95?.lower), text(attribution.interval95?.upper),
          text(attribution.intervalMethod), "", "", text(attribution.residual),
          text(attribution.agrees), "", "",
        ])
      return lines
    }
    return CSVText.render([Self.columns] + lines)
  }
}
