/// Where the parts of a figure go on the paper, in pixels, y downwards.
struct FigureLayout {
  static let margin = 16.0
  static let lineHeight = 15.0
  static let titleSize = 16.0
  private static let plotHeight = 320.0
  private static let barHeight = 20.0
  private static let widestLabel = 200.0

  let width: Double
  let height: Double
  let title: [String]
  let subtitle: [String]
  /// Rows of a legend; empty where lines are named at their ends.
  let legend: [[Series]]
  let namesAtEnds: Bool
  let plot: Box
  let x: ResolvedAxis
  let y: ResolvedAxis
  /// Of vertical reference lines, above the plot; the point is the middle of the text.
  let ruleLabels: [(text: String, x: Double, y: Double)]
  let remarks: [String]
  /// Of the first remark's middle.
  let remarksTop: Double

  init(_ figure: Figure) {
    width = figure.width
    let inner = width - 2 * Self.margin
    title = TextWidth.lines(figure.title, width: inner, size: Self.titleSize * 1.08)
    subtitle = figure.subtitle.map { TextWidth.lines($0, width: inner) } ?? []
    remarks = figure.remarks.flatMap { TextWidth.lines($0, width: inner) }

    var isCategorical = false
    if case .categories = figure.y.scale { isCategorical = true }
    let values = FigureValues(figure)
    y = ResolvedAxis(figure.y, values: values.y, tickCount: 6)
    let named = figure.series.filter { $0.isNamed && !$0.name.isEmpty }
    let widest = named.map { TextWidth.of($0.name) }.max() ?? 0
    namesAtEnds =
      figure.naming == .direct && !isCategorical && widest <= Self.widestLabel
      && Double(named.count) * Self.lineHeight <= Self.plotHeight
      && named.allSatisfy { $0.line != nil && !$0.points.isEmpty }
    let listed = namesAtEnds || figure.naming == .none ? [] : named
    legend = Self.rows(listed, width: inner)

    var top = Self.margin + Double(title.count) * (Self.titleSize + 4)
    top += Double(subtitle.count + legend.count) * Self.lineHeight + (legend.isEmpty ? 8 : 14)
    let tickWidth = min(
      Self.widestLabel, y.ticks.map { TextWidth.of($0.label) }.max() ?? 0)
    let left = Self.margin + tickWidth + 8 + (figure.y.label.isEmpty ? 0 : 20)
    var right = Self.margin
    if namesAtEnds { right += widest + 28 }
    right += figure.bars.map { TextWidth.of($0.label) + 8 }.max() ?? 0
    let across = max(60, width - left - right)
    x = ResolvedAxis(figure.x, values: values.x, tickCount: Int(across / 75))
    let markings = Self.ruleLabels(figure, x, left: left, width: across)
    top += Double(markings.rows) * Self.lineHeight
    ruleLabels = markings.labels.map { [top] label in
      (label.text, label.x, top - (Double(label.row) + 0.6) * Self.lineHeight)
    }
    let bottom =
      26 + (figure.x.label.isEmpty ? 0 : 20.0) + Double(remarks.count) * Self.lineHeight
      + (remarks.isEmpty ? 0 : 6) + Self.margin / 2
    let wanted =
      isCategorical ? Double(max(y.ticks.count, 1)) * Self.barHeight : Self.plotHeight
    let down = figure.height.map { max(60, $0 - top - bottom) } ?? wanted
    plot = Box(x: left, y: top, width: across, height: figure.isSquare ? across : down)
    height = top + plot.height + bottom
    remarksTop = height - Self.margin / 2 - (Double(remarks.count) - 0.5) * Self.lineHeight
  }

  /// In as many rows above the plot as keep them apart.
  private static func ruleLabels(
    _ figure: Figure, _ axis: ResolvedAxis, left: Double, width: Double
  ) -> (labels: [(text: String, x: Double, row: Int)], rows: Int) {
    var labels: [(text: String, x: Double, row: Int)] = []
    var ends: [Double] = []
    let places = figure.rules.compactMap { rule -> (text: String, x: Double)? in
      guard case .x(let value) = rule.place, let label = rule.label, !label.isEmpty,
        let position = axis.position(value)
      else { return nil }
      return (label, left + position * width)
    }
    for place in places.sorted(by: { $0.x < $1.x }) {
      let half = TextWidth.of(place.text, size: 11) / 2
      let x = max(left + half - 30, min(left + width - half, place.x))
      let row = ends.firstIndex { $0 < x - half } ?? ends.count
      if row == ends.count { ends.append(0) }
      ends[row] = x + half + 8
      labels.append((place.text, x, row))
    }
    return (labels, ends.count)
  }

  /// A point of the paper; nil for what the axes' scales have no place for.
  func place(_ xValue: Double, _ yValue: Double) -> (x: Double, y: Double)? {
    guard let across = across(xValue), let down = down(yValue) else { return nil }
    return (across, down)
  }

  /// The same of the end of an interval, which may lie at infinity.
  func end(_ xValue: Double, _ yValue: Double) -> (x: Double, y: Double)? {
    guard let across = x.end(xValue), let down = y.end(yValue) else { return nil }
    return (plot.x + across * plot.width, plot.y + (isCategorical ? down : 1 - down) * plot.height)
  }

  func across(_ value: Double) -> Double? { x.position(value).map { plot.x + $0 * plot.width } }

  /// Categories go from the top down, numbers from the bottom up.
  func down(_ value: Double) -> Double? {
    y.position(value).map { plot.y + (isCategorical ? $0 : 1 - $0) * plot.height }
  }

  private var isCategorical: Bool {
    if case .categories = y.axis.scale { true } else { false }
  }

  /// How wide an entry of the legend is, with its sample of the line.
  static func legendWidth(_ series: Series) -> Double { 34 + TextWidth.of(series.name) + 16 }

  private static func rows(_ series: [Series], width: Double) -> [[Series]] {
    var rows: [[Series]] = []
    var used = width
    for series in series {
      let needed = legendWidth(series)
      if used + needed > width {
        rows.append([])
        used = 0
      }
      rows[rows.count - 1].append(series)
      used += needed
    }
    return rows
  }
}

/// All values of a figure, for the ranges of its axes.
private struct FigureValues {
  var x: [Double] = []
  var y: [Double] = []

  init(_ figure: Figure) {
    for point in figure.series.flatMap(\.points) {
      x += [point.x] + [point.xInterval?.lower, point.xInterval?.upper].compactMap(\.self)
      y += [point.y] + [point.yInterval?.lower, point.yInterval?.upper].compactMap(\.self)
    }
    for bar in figure.bars {
      x += [0, bar.value]
      x += [bar.interval?.lower, bar.interval?.upper, bar.comparison].compactMap(\.self)
    }
    for rule in figure.rules {
      switch rule.place {
      case .x(let value): x.append(value)
      case .y(let value): y.append(value)
      case .line: break
      }
    }
    x = x.filter(\.isFinite)
    y = y.filter(\.isFinite)
  }
}
