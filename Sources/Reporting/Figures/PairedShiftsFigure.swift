package import Statistics

/// Figure 13 of the paper, right: two models of the same base accuracy on each shift.
package struct PairedShiftsFigure: Sendable {
  package struct Row: Sendable {
    package var dataset: String
    /// Fractions.
    package var first: Double
    package var second: Double
    package var firstInterval: Interval?
    package var secondInterval: Interval?

    package init(
      _ dataset: String, first: Double, second: Double, firstInterval: Interval? = nil,
      secondInterval: Interval? = nil
    ) {
      self.dataset = dataset
      self.first = first
      self.second = second
      self.firstInterval = firstInterval
      self.secondInterval = secondInterval
    }

    package var difference: Double { second - first }
  }

  package var title: String
  /// Names of the models.
  package var first: String
  package var second: String
  /// From the top; the base distribution first.
  package var rows: [Row]
  package var remarks: [String]

  package init(
    title: String, first: String, second: String, rows: [Row], remarks: [String] = []
  ) {
    self.title = title
    self.first = first
    self.second = second
    self.rows = rows
    self.remarks = remarks
  }

  package var figure: Figure {
    let texts = rows.map {
      "\($0.dataset): \(Percent.text($0.first)) % and \(Percent.text($0.second)) % (\(Percent.signed($0.difference)))"
    }
    var figure = Figure(
      name: "paired-shifts-\(first)-\(second)", title: title,
      description: "\(first) and \(second). \(texts.joined(separator: "; ")).",
      x: Axis("accuracy (%)", name: "accuracy", unit: .percent, range: 0...1.1),
      y: Axis("", name: "dataset", scale: .categories(rows.map(\.dataset))))
    figure.naming = .legend
    figure.height = 132 + 34 * Double(rows.count)
    let threads = rows.enumerated().map { index, row in
      var thread = Series(
        "", colour: nil, line: .solid,
        points: (0...40).map { step in
          // Points all along: labels keep off them.
          Series.Point(row.first + row.difference * Double(step) / 40, Double(index))
        })
      thread.isNamed = false
      thread.isRepeated = true
      return thread
    }
    let firsts = Series(
      first, colour: 0, marker: .circle,
      points: rows.enumerated().map { index, row in
        Series.Point(
          row.first, Double(index), xInterval: row.firstInterval,
          label: Percent.text(row.first) == Percent.text(row.second)
            ? nil : Percent.text(row.first),
          tip: "\(first), \(row.dataset): \(Percent.text(row.first)) %"
        )
      })
    let seconds = Series(
      second, colour: 1, marker: .star,
      points: rows.enumerated().map { index, row in
        Series.Point(
          row.second, Double(index), xInterval: row.secondInterval,
          label: "\(Percent.text(row.second)) (\(Percent.signed(row.difference)))",
          tip: "\(second), \(row.dataset): \(Percent.text(row.second)) %")
      })
    figure.series = threads + [firsts, seconds]
    figure.remarks = ["In parentheses: the difference in percentage points."] + remarks
    return figure
  }
}
