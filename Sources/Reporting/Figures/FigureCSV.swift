import Statistics

/// The numbers of a figure: a line for each point, bar and reference line, columns named as the axes are. Numbers are as they
/// were given, unrounded; fractions stay fractions.
enum FigureCSV {
  static func records(_ figure: Figure) -> [[String]] {
    let names = [figure.x.name, figure.y.name].flatMap { [$0, "\($0).lower", "\($0).upper"] }
    var lines = [["mark", "series", "label"] + names]
    for series in figure.series where !series.isRepeated {
      for point in series.points {
        lines.append(
          ["point", series.name, point.label ?? ""]
            + cells(figure.x, point.x, point.xInterval)
            + cells(figure.y, point.y, point.yInterval))
      }
    }
    for bar in figure.bars {
      let category = cells(figure.y, Double(bar.category), nil)
      lines.append(
        ["bar", bar.isOpen ? "at least" : "", bar.label]
          + cells(figure.x, bar.value, bar.interval) + category)
      if let comparison = bar.comparison {
        lines.append(["comparison", "", ""] + cells(figure.x, comparison, nil) + category)
      }
    }
    for rule in figure.rules {
      let none = ["", "", ""]
      let label = rule.label ?? ""
      switch rule.place {
      case .x(let value): lines.append(["rule", "", label] + cells(figure.x, value, nil) + none)
      case .y(let value): lines.append(["rule", "", label] + none + cells(figure.y, value, nil))
      case .line(let intercept, let slope):
        let values = figure.series.flatMap(\.points).map(\.x).filter(\.isFinite)
        for x in [values.min(), values.max()].compactMap(\.self) {
          lines.append(
            ["rule", "", label] + cells(figure.x, x, nil)
              + cells(figure.y, intercept + slope * x, nil))
        }
      }
    }
    return lines
  }

  private static func cells(_ axis: Axis, _ value: Double, _ interval: Interval?) -> [String] {
    if case .categories(let names) = axis.scale {
      let index = Int(exactly: value)
      return [index.flatMap { names.indices.contains($0) ? names[$0] : nil } ?? "", "", ""]
    }
    return [value, interval?.lower, interval?.upper].map { number in
      number.flatMap { $0.isFinite ? "\($0)" : nil } ?? ""
    }
  }
}
