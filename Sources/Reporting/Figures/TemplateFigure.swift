package import Experiments

extension PromptStudy {
  fileprivate var subject: String {
    "\(model) on \([dataset, options].compactMap(\.self).joined(separator: " "))"
  }

  fileprivate var namesText: String { classNames.map { "; class names \($0)" } ?? "" }

  fileprivate var metricText: String { "\(metric) (%)" }

  /// The templates of a set alone, the best on top, with the sets as lines; nil where none was taken alone.
  package var templateFigure: Figure? {
    guard let candidates else { return nil }
    let known = candidates.templates.compactMap { template in
      template.value.map { (template: template, value: $0) }
    }.sorted { ($1.value, $0.template.number) < ($0.value, $1.template.number) }
    guard known.count > 1, let best = known.first, let worst = known.last else { return nil }
    func text(_ template: Candidates.Template) -> String {
      "\(template.number). \(template.text)"
    }
    let together = sets.compactMap { own in
      own.value.map {
        (
          name: own.templates > 1 ? "\(own.set), \(own.ensemble.rawValue)" : own.set, own: own,
          value: $0
        )
      }
    }
    var figure = Figure(
      name: "templates-\(dataset)-\(model)", title: "Templates alone: \(subject)",
      description:
        "\(metric) of \(known.count) templates of \(candidates.set), each alone: best \(text(best.template)) with \(Percent.text(best.value)) %, worst \(text(worst.template)) with \(Percent.text(worst.value)) %. "
        + together.map { "\($0.name): \(Percent.text($0.value)) %" }.joined(separator: "; ") + ".",
      subtitle: "points: one template of \(candidates.set); lines: sets\(namesText)",
      x: Axis(metricText, name: "value", unit: .percent),
      y: Axis(
        "", name: "template", scale: .categories(known.map { Self.brief(text($0.template)) })))
    figure.naming = .legend
    figure.height = 150 + 18 * Double(known.count)
    let last = Double(known.count - 1)
    // Sets are lines from top to bottom, so that the legend tells which is which.
    figure.series = together.enumerated().map { number, entry in
      var series = Series(
        entry.name, colour: number + 1,
        line: entry.own.ensemble == .probability ? .dashed : .solid,
        points: [Series.Point(entry.value, 0), Series.Point(entry.value, last)])
      series.uncertainty = .band
      return series
    }
    figure.series.append(
      Series(
        "template alone", colour: 0, marker: .circle,
        points: known.enumerated().map { place, entry in
          Series.Point(
            entry.value, Double(place),
            tip: "\(text(entry.template)): \(Percent.text(entry.value)) %")
        }))
    return figure
  }

  private static func brief(_ text: String) -> String {
    text.count > 44 ? text.prefix(43) + "…" : text
  }

  /// The path of the selection on the images it was made on and on the others; nil without one.
  package var selectionFigure: Figure? {
    guard let selection, let last = selection.path.steps.last else { return nil }
    let steps = selection.path.steps
    func series(_ name: String, _ colour: Int?, _ value: (PromptSelection.Step) -> Double?)
      -> Series
    {
      var series = Series(
        name, colour: colour, line: .solid, marker: colour == nil ? .diamond : .circle,
        points: steps.enumerated().compactMap { number, step in
          value(step).map {
            Series.Point(
              Double(number + 1), $0,
              tip: "\(number + 1): template \(step.template), \(Percent.text($0)) %")
          }
        })
      series.isHollow = colour == nil
      return series
    }
    let others = selection.on == "half" ? "the other half" : split
    var figure = Figure(
      name: "selection-\(dataset)-\(model)", title: "Templates selected: \(subject)",
      description:
        "\(metric) of the ensemble after each step of a forward selection: at the end \(Percent.text(last.selected)) % on what was selected on, \(Percent.text(last.scored)) % on \(others).",
      subtitle: "added one at a time, the best on the \(selectedOn)\(namesText)",
      x: Axis(
        "templates in the ensemble", name: "templates",
        range: 0.5...Double(steps.count) + 0.5, ticks: ticks(steps.count)),
      y: Axis(metricText, name: "value", unit: .percent))
    figure.naming = .legend
    figure.series = [
      series("on the \(selectedOn): flattering", nil, \.selected),
      series("on \(others)", 1, \.scored),
    ]
    for (number, contrast) in selection.contrasts.enumerated() {
      guard let value = contrast.scored else { continue }
      figure.series.append(
        Series(
          "\(contrast.set), on \(others)", colour: number + 2, line: .dashed,
          points: [
            Series.Point(0.5, value), Series.Point(Double(steps.count) + 0.5, value),
          ]))
    }
    return figure
  }

  /// What was selected on, in words.
  var selectedOn: String {
    selection?.on == "half" ? "half selected on" : "split \(selection?.on ?? "")"
  }

  private func ticks(_ count: Int) -> [Double] {
    let step = max(1, (count + 9) / 10)
    return stride(from: 1, through: count, by: step).map(Double.init)
  }
}
