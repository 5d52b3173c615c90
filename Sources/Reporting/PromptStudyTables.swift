package import Experiments
import Foundation
import Statistics

extension ReportSection {
  /// Comparisons of templates.
  /// - Parameters:
  ///   - figures: of all of them, in their order, made of `PromptStudyTables.figures`.
  ///   - faults: what could not be read.
  package static func prompts(
    _ studies: [PromptStudy], figures: [FigureFile], faults: [String] = []
  ) -> ReportSection {
    var next = figures[...]
    var blocks =
      studies.isEmpty ? [] : [PromptStudyTables.overview(studies), PromptStudyTables.legend]
    for study in studies {
      let own = next.prefix(PromptStudyTables.figures(study).count)
      next = next.dropFirst(own.count)
      blocks += PromptStudyTables(study).blocks(Array(own))
    }
    return ReportSection(
      title: "Prompt sets and templates",
      blocks: blocks + faults.map { Markdown.escaped("A comparison that cannot be read: \($0)") })
  }
}

/// One comparison of templates as tables.
package struct PromptStudyTables {
  private let study: PromptStudy

  /// Below this, after Holm, a difference is bold.
  private static let alpha = 0.05
  private static let classLimit = 5
  private static let templateLimit = 5

  init(_ study: PromptStudy) { self.study = study }

  package static func figures(_ study: PromptStudy) -> [Figure] {
    [study.templateFigure, study.selectionFigure].compactMap(\.self)
  }

  // MARK: all

  /// A line for each.
  static func overview(_ studies: [PromptStudy]) -> String {
    var table = MarkdownTable([
      ("Model", .left), ("Dataset", .left), ("Metric", .left), ("Base", .right),
      ("Ensemble", .right), ("in probability space", .right), ("Selected − base", .right),
      ("Each template alone: mean (min – max)", .right), ("Deviation", .right),
      ("beyond chance", .right),
    ])
    // One dataset under several class-name sets.
    let subjects = Dictionary(grouping: studies) { [$0.model, $0.dataset, $0.options] }
    for study in studies {
      let isAlone = subjects[[study.model, study.dataset, study.options]]?.count == 1
      let names = isAlone ? nil : study.classNames
      let own = study.candidates.map { candidates in
        study.sets.filter { $0.set == candidates.set }
      }
      let base = study.sets.first { $0.set == study.base && $0.ensemble == .embedding }
      let spread = study.candidates?.sensitivity
      table.append([
        Markdown.escaped(study.model),
        [Markdown.dataset(study.dataset, options: study.options), names.map(Markdown.escaped)]
          .compactMap(\.self).joined(separator: ", "),
        Markdown.escaped(study.metric), Percent.text(base?.value),
        Percent.text(own?.first { $0.ensemble == .embedding }?.value),
        Percent.text(own?.first { $0.ensemble == .probability }?.value),
        text(study.selection?.difference),
        spread.map {
          "\(Percent.text($0.mean)) (\(Percent.text($0.lowest)) – \(Percent.text($0.highest)))"
        } ?? Markdown.unknown,
        Percent.text(spread?.deviation), Percent.text(spread?.excess),
      ])
    }
    return table.text
  }

  static let legend =
    "Base: the set that differences are to. Ensemble: all templates of the largest set, or of the one named, averaged as features; in probability space: as class probabilities. "
    + "Selected: templates chosen of that set by greedy forward selection and scored on images they were not chosen on; the difference is on those, in percentage points, with its paired 95 % interval. "
    + "Deviation: of the templates' scores, in points, and what of it is more than that equal templates would show on so many images."

  private static func text(_ difference: PromptStudy.Difference?) -> String {
    difference.map { text($0.value, $0.interval95, holm: $0.holm) } ?? Markdown.unknown
  }

  private static func text(_ value: Double, _ interval: Interval?, holm: Double?) -> String {
    let value = ComparisonTables.signed(value)
    let shown = (holm ?? 1) < alpha ? "**\(value)**" : value
    return interval == nil ? shown : "\(shown) (\(ComparisonTables.text(interval)))"
  }

  // MARK: one

  func blocks(_ figures: [FigureFile]) -> [String] {
    let names = study.classNames.map { ", class names \(Markdown.escaped($0))" } ?? ""
    var blocks = [
      "### \(Markdown.escaped(study.model)): \(Markdown.dataset(study.dataset, options: study.options))",
      "\(Markdown.escaped(study.metric)) on \(study.n) images of \(Markdown.escaped(study.split))\(names). Differences are to \(Markdown.escaped(study.base)), paired by image:",
      sets,
    ]
    blocks += figures.map(\.markdown)
    blocks += templates + selection + classes
    return blocks + study.notes.map(Markdown.escaped)
  }

  private var sets: String {
    var table = MarkdownTable([
      ("Set", .left), ("Templates", .right), ("Ensemble", .left), ("%", .right),
      ("95 % interval", .right), ("− base", .right), ("p", .right), ("Holm", .right),
      ("Base alone right", .right), ("This alone right", .right),
    ])
    for own in study.sets {
      let same = own.sameAs.map { " (the templates of \($0))" } ?? ""
      table.append([
        Markdown.escaped(own.set + same), "\(own.templates)",
        own.templates > 1 ? own.ensemble.rawValue : Markdown.unknown, Percent.text(own.value),
        Percent.text(own.interval95), Self.text(own.difference),
        ComparisonTables.probability(own.difference?.pValue),
        ComparisonTables.probability(own.difference?.holm),
        own.difference?.mcNemar.map { "\($0.onlyFirst)" } ?? Markdown.unknown,
        own.difference?.mcNemar.map { "\($0.onlySecond)" } ?? Markdown.unknown,
      ])
    }
    return table.text
  }

  private var templates: [String] {
    guard let candidates = study.candidates else { return [] }
    let known = candidates.templates.filter { $0.value != nil }
      .sorted { ($1.value ?? 0, $0.number) < ($0.value ?? 0, $1.number) }
    let limit = Self.templateLimit
    let shown =
      known.count > 2 * limit + 2 ? Array(known.prefix(limit) + known.suffix(limit)) : known
    var table = MarkdownTable([
      ("Template", .right), ("of \(Markdown.escaped(candidates.set))", .left), ("alone", .right),
      ("− base", .right), ("Holm", .right), ("all without it", .right),
      ("what it adds to the others", .right),
    ])
    for template in shown {
      let gain = template.without.flatMap { without in candidates.value.map { $0 - without } }
      table.append([
        "\(template.number)", Markdown.escaped(template.text), Percent.text(template.value),
        template.difference.map { Self.text($0.value, $0.interval95, holm: $0.holm) }
          ?? Markdown.unknown,
        ComparisonTables.probability(template.difference?.holm), Percent.text(template.without),
        gain.map(ComparisonTables.signed) ?? Markdown.unknown,
      ])
    }
    let which =
      shown.count < known.count
      ? "The \(limit) best and the \(limit) worst of \(known.count) templates alone"
      : "Each template alone"
    return [
      "\(which), with the difference to the base (Holm: over these templates), and the ensemble in embedding space without it:",
      table.text,
    ]
  }

  private var selection: [String] {
    guard let selection = study.selection else { return [] }
    let isHalf = selection.on == "half"
    let others = isHalf ? "the other half" : study.split
    var table = MarkdownTable([
      ("Step", .right), ("Template", .left),
      ("\(selection.selectedCount) images selected on: flattering", .right),
      ("\(selection.scoredCount) images of \(Markdown.escaped(others))", .right),
    ])
    let texts = Dictionary(
      (study.candidates?.templates ?? []).map { ($0.number, $0.text) },
      uniquingKeysWith: { first, _ in first })
    for (number, step) in selection.path.steps.enumerated() {
      table.append([
        "\(number + 1)",
        "\(step.template). \(Markdown.escaped(texts[step.template] ?? ""))",
        Percent.text(step.selected), Percent.text(step.scored),
      ])
    }
    for contrast in selection.contrasts {
      table.append([
        Markdown.unknown, "for comparison: \(Markdown.escaped(contrast.set))",
        Percent.text(contrast.selected), Percent.text(contrast.scored),
      ])
    }
    let seed = selection.seed.map { ", drawn with seed \($0)" } ?? ""
    let outcome =
      "Selected: \(Markdown.escaped(selection.set)), \(Percent.text(selection.value)) % (\(Percent.text(selection.interval95))) on \(Markdown.escaped(others)); \(Self.text(selection.difference)) to the base there. The other column flatters: those images chose the templates."
    return [
      "Greedy forward selection on \(isHalf ? "one half of the images\(seed)" : "the split \(Markdown.escaped(selection.on))"), scored on \(Markdown.escaped(others)):",
      table.text,
      outcome,
    ]
  }

  /// What changed most between the base and the set that templates are taken of, in embedding space.
  private var classes: [String] {
    let compared = study.sets.filter { $0.ensemble == .embedding && $0.difference != nil }
    // Where they are the base, another set's.
    guard
      let own = compared.first(where: { $0.set == study.candidates?.set }) ?? compared.last,
      let changes = own.difference?.classes
    else { return [] }
    let set = own.set
    let up = changes.filter { $0.difference > 0 }
    let down = changes.filter { $0.difference < 0 }
    guard !up.isEmpty || !down.isEmpty else { return [] }
    var table = MarkdownTable([
      ("Class", .left), ("n", .right), (Markdown.escaped(study.base), .right),
      (Markdown.escaped(set), .right), ("Difference", .right), ("95 % interval", .right),
      ("Holm", .right),
    ])
    for change in up.prefix(Self.classLimit) + down.prefix(Self.classLimit) {
      table.append([
        Markdown.escaped(change.name), "\(change.n)", Percent.text(change.first),
        Percent.text(change.second), ComparisonTables.signed(change.difference),
        ComparisonTables.text(change.interval95), ComparisonTables.probability(change.holm),
      ])
    }
    return [
      "Classes that change most from \(Markdown.escaped(study.base)) to \(Markdown.escaped(set)) (\(up.count) gain, \(down.count) lose; every class is in the tables under `prompts`):",
      table.text,
    ]
  }
}
