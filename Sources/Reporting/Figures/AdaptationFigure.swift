package import Statistics

/// Figure 14 of the paper, right: what an intervention changes on the base and on each of its shifts.
package struct AdaptationFigure: Sendable {
  /// Of one dataset, as fractions; nil for not known.
  package struct Change: Sendable, Equatable {
    package var dataset: String
    /// A linear probe on the base, less the zero-shot classifier.
    package var toBase: Double?
    /// Zero-shot classifiers of each dataset's own class names, less the one of the base's classes.
    package var toClassShift: Double?
    package var toBaseInterval: Interval?
    package var toClassShiftInterval: Interval?

    package init(
      dataset: String, toBase: Double?, toClassShift: Double?, toBaseInterval: Interval? = nil,
      toClassShiftInterval: Interval? = nil
    ) {
      self.dataset = dataset
      self.toBase = toBase
      self.toClassShift = toClassShift
      self.toBaseInterval = toBaseInterval
      self.toClassShiftInterval = toClassShiftInterval
    }
  }

  package var model: String
  package var base: String
  package var changes: [Change]
  package var remarks: [String]

  package init(
    model: String, base: String = "ImageNet", changes: [Change], remarks: [String] = []
  ) {
    self.model = model
    self.base = base
    self.changes = changes
    self.remarks = remarks
  }

  /// One an intervention that has values.
  package var figures: [Figure] {
    [
      figure("Adapt to \(base)", 1, \.toBase, \.toBaseInterval),
      figure("Adapt to class shift", 2, \.toClassShift, \.toClassShiftInterval),
    ].compactMap(\.self)
  }

  private func figure(
    _ title: String, _ colour: Int, _ value: (Change) -> Double?,
    _ interval: (Change) -> Interval?
  ) -> Figure? {
    // The largest gain on top, as the paper has them; of equal ones the first.
    let known = changes.compactMap { change in value(change).map { (change: change, value: $0) } }
      .enumerated().sorted { ($1.element.value, $0.offset) < ($0.element.value, $1.offset) }
      .map(\.element)
    guard !known.isEmpty else { return nil }
    let texts = known.map { "\($0.change.dataset) \(Percent.signed($0.value))" }
    var figure = Figure(
      name: "\(title)-\(model)", title: "\(title): \(model)",
      description: "Change in accuracy, percentage points: \(texts.joined(separator: ", ")).",
      x: Axis("change from zero-shot accuracy (percentage points)", name: "change", unit: .percent),
      y: Axis("", name: "dataset", scale: .categories(known.map(\.change.dataset))))
    figure.naming = .none
    figure.bars = known.enumerated().map { index, entry in
      var bar = Bar(
        index, entry.value, label: Percent.signed(entry.value), colour: colour)
      bar.interval = interval(entry.change)
      bar.tip = "\(entry.change.dataset): \(Percent.signed(entry.value))"
      return bar
    }
    figure.rules = [Rule(.x(0), label: nil, dash: .solid)]
    let unknown = changes.count - known.count
    figure.remarks =
      (unknown > 0 ? ["Not known: \(unknown) of \(changes.count)."] : []) + remarks
    return figure
  }
}
