package import Core

/// Greedy forward selection of templates: how the seven of the ImageNet notebook were chosen of its eighty (`ImageNet/subset7`).
///
/// It begins with the template that scores best alone and adds, one at a time, the template whose ensemble with those chosen scores best; of
/// equal ones that of the lowest number. It ends where no template gains anything, and at the wanted size. What is selected fits the images it was selected
/// on: its score is of other images.
package struct PromptSelection: Sendable, Equatable, Codable {
  package struct Step: Sendable, Equatable, Codable {
    /// From 1.
    package var template: Int
    /// Of the ensemble so far, on what is selected on.
    package var selected: Double
    /// On the other images.
    @ExplicitNull package var scored: Double?

    package init(template: Int, selected: Double, scored: Double?) {
      self.template = template
      self.selected = selected
      self.scored = scored
    }
  }

  package var steps: [Step]

  /// In the order of the set, from 1.
  package var templates: [Int] { steps.map(\.template).sorted() }

  /// Sums of fractions are this close to what they stand for.
  static let rounding = 1e-12

  /// - Parameters:
  ///   - size: most templates; nil for all.
  ///   - scoring: the same prompts on other images.
  package static func forward(
    on selecting: PromptScorer, scoring: PromptScorer, size: Int?
  ) throws -> PromptSelection {
    var chosen: [Int] = []
    var steps: [Step] = []
    var best = -Double.infinity
    let count = selecting.prompts.templateCount
    while chosen.count < min(size ?? count, count) {
      let others = (0..<count).filter { !chosen.contains($0) }
      let scores = try selecting.scores(.adding, others, to: chosen)
      var found: (template: Int, value: Double)?
      for (template, score) in zip(others, scores) {
        guard let value = score.value, value > (found?.value ?? best) + rounding else { continue }
        found = (template, value)
      }
      guard let found else { break }
      best = found.value
      chosen.append(found.template)
      steps.append(
        Step(
          template: found.template + 1, selected: found.value,
          scored: try scoring.score(of: chosen).value))
    }
    return PromptSelection(steps: steps)
  }
}
