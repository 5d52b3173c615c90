package import Experiments
import Statistics

/// A comparison of templates as one tidy table: RFC 4180, the same columns always, empty cells for what is not known or does not apply. Fractions, unrounded.
package enum PromptStudyCSV {
  private static let columns = [
    "model", "dataset", "options", "split", "classNames", "metric", "part", "set", "ensemble",
    "template", "text", "step", "class", "n", "value", "interval95.lower", "interval95.upper",
    "base", "difference", "difference95.lower", "difference95.upper", "test", "pValue", "holm",
  ]

  private struct Line {
    var part: String
    var set: String
    var ensemble: String?
    var template: Int?
    var text: String?
    var step: Int?
    var owner: String?
    var n: Int?
    var value: Double?
    var interval: Interval?
    var base: String?
    var difference: Double?
    var differenceInterval: Interval?
    var test: String?
    var pValue: Double?
    var holm: Double?

    init(_ part: String, _ set: String) {
      self.part = part
      self.set = set
    }

    mutating func take(_ own: PromptStudy.Difference?, base: String) {
      guard let own else { return }
      self.base = base
      difference = own.value
      differenceInterval = own.interval95
      (test, pValue, holm) = (own.test, own.pValue, own.holm)
    }
  }

  /// `part` says what a line is of: `set`, all templates of one; `template`, one alone, adjusted over the templates; `without`, all but one, with the difference to all; `mean`,
  /// `deviation`, `noise` and `excess` of templates alone; `step-selected` and `step-scored`, the path of a selection on the images it is made on and on the others, with
  /// `contrast-selected` and `contrast-scored` of other sets; `selection`, its outcome on the others; `class`, a class under a set.
  package static func render(_ study: PromptStudy) -> String {
    let prefix = [
      study.model, study.dataset, study.options ?? "", study.split, study.classNames ?? "",
      study.metric,
    ]
    return CSVText.render([columns] + lines(study).map { prefix + cells($0) })
  }

  private static func cells(_ line: Line) -> [String] {
    func text(_ value: (some CustomStringConvertible)?) -> String { value?.description ?? "" }
    return [
      line.part, line.set, text(line.ensemble), text(line.template), text(line.text),
      text(line.step), text(line.owner), text(line.n), text(line.value),
      text(line.interval?.lower), text(line.interval?.upper), text(line.base),
      text(line.difference), text(line.differenceInterval?.lower),
      text(line.differenceInterval?.upper), text(line.test), text(line.pValue), text(line.holm),
    ]
  }

  private static func lines(_ study: PromptStudy) -> [Line] {
    var lines: [Line] = []
    for own in study.sets {
      var line = Line("set", own.set)
      (line.ensemble, line.n, line.value) = (own.ensemble.rawValue, study.n, own.value)
      line.interval = own.interval95
      line.take(own.difference, base: study.base)
      lines.append(line)
    }
    if let candidates = study.candidates {
      lines += self.lines(candidates, n: study.n, base: study.base)
    }
    if let selection = study.selection { lines += self.lines(selection, base: study.base) }
    for own in study.sets {
      lines += classes(own.difference, set: own.set, own.ensemble, base: study.base)
    }
    if let own = study.selection {
      lines += classes(own.difference, set: own.set, .embedding, base: study.base)
    }
    return lines
  }

  private static func lines(
    _ own: PromptStudy.Candidates, n: Int, base: String
  ) -> [Line] {
    var lines = own.templates.map { template in
      var line = Line("template", own.set)
      (line.template, line.text, line.n) = (template.number, template.text, n)
      line.value = template.value
      if let own = template.difference {
        (line.base, line.difference, line.differenceInterval) = (base, own.value, own.interval95)
        (line.test, line.pValue, line.holm) = (own.test, own.pValue, own.holm)
      }
      return line
    }
    lines += own.templates.map { template in
      var line = Line("without", own.set)
      (line.ensemble, line.template, line.text) = ("embedding", template.number, template.text)
      (line.n, line.value, line.base) = (n, template.without, own.set)
      line.difference = template.without.flatMap { value in own.value.map { value - $0 } }
      return line
    }
    guard let spread = own.sensitivity else { return lines }
    for (part, value) in [
      ("mean", spread.mean), ("deviation", spread.deviation), ("noise", spread.noise),
      ("excess", spread.excess),
    ] as [(String, Double?)] {
      var line = Line(part, own.set)
      (line.n, line.value) = (n, value)
      lines.append(line)
    }
    return lines
  }

  private static func lines(_ own: PromptStudy.Selected, base: String) -> [Line] {
    func line(_ part: String, _ set: String, _ n: Int, _ value: Double?) -> Line {
      var line = Line(part, set)
      (line.ensemble, line.n, line.value) = ("embedding", n, value)
      return line
    }
    var lines: [Line] = []
    for (number, step) in own.path.steps.enumerated() {
      for (part, n, value) in [
        ("step-selected", own.selectedCount, step.selected),
        ("step-scored", own.scoredCount, step.scored),
      ] as [(String, Int, Double?)] {
        var line = line(part, own.set, n, value)
        (line.step, line.template) = (number + 1, step.template)
        lines.append(line)
      }
    }
    for contrast in own.contrasts {
      lines.append(line("contrast-selected", contrast.set, own.selectedCount, contrast.selected))
      lines.append(line("contrast-scored", contrast.set, own.scoredCount, contrast.scored))
    }
    var outcome = line("selection", own.set, own.scoredCount, own.value)
    outcome.interval = own.interval95
    outcome.take(own.difference, base: base)
    return lines + [outcome]
  }

  private static func classes(
    _ difference: PromptStudy.Difference?, set: String, _ ensemble: PromptStudy.Ensemble,
    base: String
  ) -> [Line] {
    (difference?.classes ?? []).map { change in
      var line = Line("class", set)
      (line.ensemble, line.owner, line.n) = (ensemble.rawValue, change.name, change.n)
      (line.value, line.base, line.difference) = (change.second, base, change.difference)
      line.differenceInterval = change.interval95
      (line.pValue, line.holm) = (change.pValue, change.holm)
      return line
    }
  }
}
