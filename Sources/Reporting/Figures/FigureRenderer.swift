import Foundation

/// Draws a figure as SVG 1.1 text: the same figure gives the same bytes.
struct FigureRenderer {
  private let figure: Figure
  private let layout: FigureLayout
  private var svg = SVGText()

  static func svg(_ figure: Figure) -> String {
    var renderer = FigureRenderer(figure: figure, layout: FigureLayout(figure))
    renderer.draw()
    return renderer.svg.text
  }

  /// From the middle of a line of text down to its baseline, in ems: renderers disagree on `dominant-baseline`.
  private static let baseline = 0.35

  private init(figure: Figure, layout: FigureLayout) {
    self.figure = figure
    self.layout = layout
  }

  private mutating func draw() {
    let width = FixedPoint.coordinate(layout.width)
    let height = FixedPoint.coordinate(layout.height)
    svg.begin(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "class": "ce-figure",
        "viewBox": "0 0 \(width) \(height)", "width": width, "height": height, "role": "img",
        "aria-labelledby": "\(figure.name)-title \(figure.name)-desc",
      ])
    svg.add("title", ["id": "\(figure.name)-title"], content: figure.title)
    svg.add("desc", ["id": "\(figure.name)-desc"], content: figure.description)
    svg.add("style", content: Palette.styleSheet)
    svg.add("rect", ["class": "paper", "width": width, "height": height])
    drawHeading()
    drawGrid()
    svg.begin("clipPath", ["id": "\(figure.name)-plot"])
    svg.add(
      "rect",
      [
        "x": pixels(layout.plot.x), "y": pixels(layout.plot.y),
        "width": pixels(layout.plot.width), "height": pixels(layout.plot.height),
      ])
    svg.end()
    svg.begin("g", ["clip-path": "url(#\(figure.name)-plot)"])
    figure.rules.forEach { drawRule($0) }
    figure.series.forEach { drawUncertainty($0) }
    figure.series.forEach { drawLine($0) }
    svg.end()
    figure.bars.forEach { drawBar($0) }
    figure.series.forEach { drawMarkers($0) }
    drawLabels()
    drawAxes()
    drawRemarks()
    svg.end()
  }

  private func pixels(_ value: Double) -> String { FixedPoint.coordinate(value) }

  // MARK: Heading

  private mutating func drawHeading() {
    var y = FigureLayout.margin
    for line in layout.title {
      svg.add(
        "text",
        [
          "class": "ink", "x": pixels(FigureLayout.margin), "y": pixels(y + 12),
          "font-size": pixels(FigureLayout.titleSize), "font-weight": "600",
        ], content: line)
      y += FigureLayout.titleSize + 4
    }
    for line in layout.subtitle {
      text(line, at: FigureLayout.margin, y + FigureLayout.lineHeight / 2, class: "quiet")
      y += FigureLayout.lineHeight
    }
    y += 4
    for row in layout.legend {
      var x = FigureLayout.margin
      for series in row {
        drawSample(series, x, y + FigureLayout.lineHeight / 2)
        let room = layout.width - x - 34 - FigureLayout.margin
        let name = TextWidth.fitted(series.name, to: room)
        text(
          name, at: x + 34, y + FigureLayout.lineHeight / 2, class: "ink",
          tip: name == series.name ? nil : series.name)
        x += FigureLayout.legendWidth(series)
      }
      y += FigureLayout.lineHeight
    }
  }

  private mutating func drawSample(_ series: Series, _ x: Double, _ y: Double) {
    if let dash = series.line {
      path("M\(pixels(x)) \(pixels(y))h28", series.colour, dash: dash)
    }
    if let marker = series.marker {
      drawMarker(marker, x + 14, y, colour: series.colour, isHollow: series.isHollow, tip: nil)
    }
  }

  // MARK: Axes

  private mutating func drawGrid() {
    let plot = layout.plot
    var data = ""
    for tick in layout.x.ticks {
      data +=
        "M\(pixels(plot.x + tick.position * plot.width)) \(pixels(plot.y))v\(pixels(plot.height))"
    }
    if case .categories = figure.y.scale {
    } else {
      for tick in layout.y.ticks {
        data +=
          "M\(pixels(plot.x)) \(pixels(plot.y + (1 - tick.position) * plot.height))h\(pixels(plot.width))"
      }
    }
    guard !data.isEmpty else { return }
    svg.add("path", ["class": "grid", "fill": "none", "d": data])
  }

  private mutating func drawAxes() {
    let plot = layout.plot
    let bottom = plot.y + plot.height
    if let position = layout.x.breakPosition {
      // Two strokes through a gap: the axis is not to scale here.
      let x = plot.x + position * plot.width
      svg.add(
        "path",
        [
          "class": "axis", "fill": "none",
          "d":
            "M\(pixels(plot.x)) \(pixels(bottom))H\(pixels(x - 3))M\(pixels(x + 3)) \(pixels(bottom))H\(pixels(plot.x + plot.width))M\(pixels(x - 6)) \(pixels(bottom + 5))l6 -10M\(pixels(x)) \(pixels(bottom + 5))l6 -10",
        ])
    } else {
      svg.add(
        "path",
        [
          "class": "axis", "fill": "none",
          "d": "M\(pixels(plot.x)) \(pixels(bottom))h\(pixels(plot.width))",
        ])
    }
    for tick in layout.x.ticks {
      text(
        tick.label, at: plot.x + tick.position * plot.width, bottom + 14, class: "quiet",
        anchor: "middle")
    }
    if !figure.x.label.isEmpty {
      text(figure.x.label, at: plot.x + plot.width / 2, bottom + 34, class: "ink", anchor: "middle")
    }
    var isCategorical = false
    if case .categories = figure.y.scale { isCategorical = true }
    for tick in layout.y.ticks {
      let fitted = TextWidth.fitted(tick.label, to: 200)
      text(
        fitted, at: plot.x - 8,
        plot.y + (isCategorical ? tick.position : 1 - tick.position) * plot.height,
        class: isCategorical ? "ink" : "quiet", anchor: "end",
        tip: fitted == tick.label ? nil : tick.label)
    }
    if !figure.y.label.isEmpty {
      let middle = plot.y + plot.height / 2
      let x = FigureLayout.margin + 6
      svg.add(
        "text",
        [
          "class": "ink", "x": pixels(x), "y": pixels(middle), "text-anchor": "middle",
          "transform": "rotate(-90 \(pixels(x)) \(pixels(middle)))",
        ], content: figure.y.label)
    }
  }

  private mutating func drawRemarks() {
    for (number, line) in layout.remarks.enumerated() {
      text(
        line, at: FigureLayout.margin,
        layout.remarksTop + Double(number) * FigureLayout.lineHeight, class: "quiet")
    }
  }

  // MARK: Marks

  private mutating func drawRule(_ rule: Rule) {
    let plot = layout.plot
    var data: String?
    switch rule.place {
    case .x(let value):
      data = layout.across(value).map { "M\(pixels($0)) \(pixels(plot.y))v\(pixels(plot.height))" }
    case .y(let value):
      data = layout.down(value).map { "M\(pixels(plot.x)) \(pixels($0))h\(pixels(plot.width))" }
    case .line(let intercept, let slope):
      // Straight only between linear axes.
      let steps = figure.x.scale == .linear && figure.y.scale == .linear ? 1 : 64
      let range = layout.x.range
      let width = range.upperBound - range.lowerBound
      let points = (0...steps).compactMap { step in
        let value = range.lowerBound + width * Double(step) / Double(steps)
        return layout.place(value, intercept + slope * value)
      }
      data = polyline(points)
    }
    guard let data else { return }
    path(data, rule.colour, dash: rule.dash, width: 1.25, tip: rule.label)
  }

  private mutating func drawUncertainty(_ series: Series) {
    switch series.uncertainty {
    case .band:
      for run in runs(series, { $0.yInterval != nil }) where run.count > 1 {
        let upper = run.compactMap { point in
          point.yInterval.flatMap { layout.place(point.x, $0.upper) }
        }
        let lower = run.compactMap { point in
          point.yInterval.flatMap { layout.place(point.x, $0.lower) }
        }
        guard let outline = polyline(upper + lower.reversed()) else { continue }
        svg.add(
          "path",
          [
            "class": Palette.className(series.colour), "fill": "currentColor",
            "fill-opacity": "0.18", "d": outline + "Z",
          ])
      }
    case .bars:
      var data = ""
      for point in series.points {
        if let interval = point.yInterval, let low = layout.place(point.x, interval.lower),
          let high = layout.place(point.x, interval.upper)
        {
          data += "M\(pixels(low.x)) \(pixels(low.y))V\(pixels(high.y))"
          data +=
            "M\(pixels(low.x - 3)) \(pixels(low.y))h6M\(pixels(high.x - 3)) \(pixels(high.y))h6"
        }
        if let interval = point.xInterval, let low = layout.place(interval.lower, point.y),
          let high = layout.place(interval.upper, point.y)
        {
          data += "M\(pixels(low.x)) \(pixels(low.y))H\(pixels(high.x))"
          data +=
            "M\(pixels(low.x)) \(pixels(low.y - 3))v6M\(pixels(high.x)) \(pixels(high.y - 3))v6"
        }
      }
      if !data.isEmpty { path(data, series.colour, width: 1.25) }
    }
  }

  private mutating func drawLine(_ series: Series) {
    guard let dash = series.line else { return }
    let data = runs(series) { _ in true }.compactMap { run in
      run.count > 1 ? polyline(run.compactMap { layout.place($0.x, $0.y) }) : nil
    }
    if !data.isEmpty {
      path(data.joined(), series.colour, dash: dash, width: 2, tip: series.name)
    }
  }

  /// Stretches of points that the axes have a place for: a line does not go on over one they have none for.
  private func runs(
    _ series: Series, _ condition: (Series.Point) -> Bool
  ) -> [[Series.Point]] {
    series.points.split { layout.place($0.x, $0.y) == nil || !condition($0) }.map { Array($0) }
  }

  private mutating func drawMarkers(_ series: Series) {
    guard let marker = series.marker else { return }
    for point in series.points {
      guard let place = layout.place(point.x, point.y), isInside(place) else { continue }
      drawMarker(
        marker, place.x, place.y, colour: series.colour, isHollow: series.isHollow,
        tip: point.tip ?? point.label)
    }
  }

  private func isInside(_ place: (x: Double, y: Double)) -> Bool {
    let plot = layout.plot
    return (plot.x - 1...plot.x + plot.width + 1).contains(place.x)
      && (plot.y - 1...plot.y + plot.height + 1).contains(place.y)
  }

  private mutating func drawBar(_ bar: Bar) {
    guard let middle = layout.down(Double(bar.category)), let start = layout.across(0),
      let end = layout.across(bar.value)
    else { return }
    let half = min(7, layout.plot.height / Double(max(layout.y.ticks.count, 1)) * 0.36)
    let (left, right) = (min(start, end), max(start, end))
    let colour = Palette.className(bar.colour)
    let tip = bar.tip ?? bar.label
    if bar.isOpen {
      svg.add(
        "path",
        [
          "class": colour, "fill": "currentColor", "fill-opacity": "0.18",
          "stroke": "currentColor",
          "d":
            "M\(pixels(start)) \(pixels(middle - half))H\(pixels(end))l5 \(pixels(half))l-5 \(pixels(half))H\(pixels(start))Z",
        ], tip: tip)
    } else {
      svg.add(
        "rect",
        [
          "class": colour, "fill": "currentColor", "x": pixels(left), "y": pixels(middle - half),
          "width": pixels(max(right - left, 0.5)), "height": pixels(2 * half),
        ], tip: tip)
    }
    var labelAt = max(right, start) + (bar.isOpen ? 8 : 0)
    if let interval = bar.interval, let low = layout.across(interval.lower),
      let high = layout.across(interval.upper)
    {
      svg.add(
        "path",
        [
          "class": "axis", "fill": "none",
          "d":
            "M\(pixels(low)) \(pixels(middle))H\(pixels(high))M\(pixels(low)) \(pixels(middle - 3))v6M\(pixels(high)) \(pixels(middle - 3))v6",
        ])
      labelAt = max(labelAt, high)
    }
    if let place = bar.comparison.flatMap(layout.across) {
      svg.add(
        "path",
        [
          "class": Palette.className(1), "fill": "none", "stroke": "currentColor",
          "stroke-width": "2.5",
          "d": "M\(pixels(place)) \(pixels(middle - half - 2))v\(pixels(2 * half + 4))",
        ])
      // A tick just where the label would stand.
      if place > labelAt - 3, place < labelAt + TextWidth.of(bar.label) + 8 { labelAt = place }
    }
    text(bar.label, at: labelAt + 6, middle, class: "ink halo")
  }

  // MARK: Labels

  private mutating func drawLabels() {
    if layout.namesAtEnds { drawNamesAtEnds() }
    let marked = figure.series.flatMap(\.points).compactMap { point in
      layout.place(point.x, point.y).flatMap { isInside($0) ? (point, $0) : nil }
    }
    let labelled = marked.filter { $0.0.label?.isEmpty == false }
    let size = 11.0
    let boxes = LabelPlacement.beside(
      labelled.map(\.1),
      sizes: labelled.map { (TextWidth.of($0.0.label ?? "", size: size), size + 1) }, reach: 5,
      obstacles: marked.filter { $0.0.label == nil }.map {
        Box(x: $0.1.x - 4, y: $0.1.y - 4, width: 8, height: 8)
      }, within: layout.plot)
    for ((point, place), box) in zip(labelled, boxes) {
      let middle = (x: box.x + box.width / 2, y: box.y + box.height / 2)
      let nearest = (
        x: min(max(place.x, box.x), box.x + box.width),
        y: min(max(place.y, box.y), box.y + box.height)
      )
      let distance = hypot(nearest.x - place.x, nearest.y - place.y)
      if distance > 13 {
        svg.add(
          "path",
          [
            "class": "axis", "fill": "none", "stroke-width": "0.75",
            "d": "M\(pixels(place.x)) \(pixels(place.y))L\(pixels(nearest.x)) \(pixels(nearest.y))",
          ])
      }
      text(
        point.label ?? "", at: middle.x, middle.y, class: "ink halo", anchor: "middle", size: size)
    }
    let markers = marked.map { Box(x: $0.1.x - 5, y: $0.1.y - 5, width: 10, height: 10) }
    drawRuleLabels(around: boxes + markers)
  }

  /// At the right ends of the lines, with a thread to a line whose name had to make room.
  private mutating func drawNamesAtEnds() {
    let ends = figure.series.filter { $0.isNamed && !$0.name.isEmpty }.compactMap { series in
      series.points.compactMap { layout.place($0.x, $0.y) }.max { $0.x < $1.x }
        .map { (series: series, place: $0) }
    }
    let heights = LabelPlacement.spread(
      ends.map(\.place.y), spacing: FigureLayout.lineHeight,
      within: layout.plot.y...layout.plot.y + layout.plot.height)
    let x = layout.plot.x + layout.plot.width + 8
    for (end, y) in zip(ends, heights) {
      if abs(y - end.place.y) > 3 || x - end.place.x > 20 {
        path(
          "M\(pixels(end.place.x + 5)) \(pixels(end.place.y))L\(pixels(x - 2)) \(pixels(y))",
          end.series.colour, dash: .dotted, width: 0.75)
      }
      svg.add(
        "text",
        [
          "class": Palette.className(end.series.colour), "fill": "currentColor",
          "x": pixels(x), "y": pixels(y + Self.baseline * 12), "font-weight": "600",
        ], content: end.series.name)
    }
  }

  /// Of vertical lines above the plot, of others beside the line, where there is room.
  private mutating func drawRuleLabels(around obstacles: [Box]) {
    for label in layout.ruleLabels {
      text(label.text, at: label.x, label.y, class: "quiet", anchor: "middle", size: 11)
    }
    let plot = layout.plot
    for rule in figure.rules {
      guard let label = rule.label, !label.isEmpty else { continue }
      let width = TextWidth.of(label, size: 11)
      let steps = (1...40).map { Double($0) / 41 }.reversed()
      let range = layout.x.range
      let along = steps.compactMap { step -> (x: Double, y: Double)? in
        switch rule.place {
        case .x: return nil
        case .y(let value): return layout.down(value).map { (plot.x + step * plot.width, $0) }
        case .line(let intercept, let slope):
          let value = range.lowerBound + (range.upperBound - range.lowerBound) * step
          return layout.place(value, intercept + slope * value)
        }
      }
      let places = along.flatMap { place in
        [-9.0, 9].map {
          Box(x: place.x - ($0 < 0 ? width + 4 : -4), y: place.y + $0 - 6, width: width, height: 12)
        }
      }
      let free = places.filter { box in
        box.overlap(plot) > box.width * box.height - 1
          && obstacles.allSatisfy { $0.overlap(box) == 0 }
      }
      guard let box = free.first ?? places.first(where: { $0.overlap(plot) > 0 }) else { continue }
      text(label, at: box.x, box.y + 6, class: "quiet halo", size: 11)
    }
  }

  // MARK: Primitives

  private mutating func text(
    _ content: String, at x: Double, _ y: Double, class name: String, anchor: String = "start",
    size: Double = 12, tip: String? = nil
  ) {
    svg.add(
      "text",
      [
        "class": name, "x": pixels(x), "y": pixels(y + Self.baseline * size),
        "text-anchor": anchor, "font-size": pixels(size),
      ], content: content, tip: tip)
  }

  private mutating func path(
    _ data: String, _ colour: Int?, dash: Series.Dash = .solid, width: Double = 1.5,
    tip: String? = nil
  ) {
    svg.add(
      "path",
      [
        "class": Palette.className(colour), "fill": "none", "stroke": "currentColor",
        "stroke-width": pixels(width), "stroke-linejoin": "round",
        "stroke-dasharray": dash == .solid ? "none" : dash.rawValue, "d": data,
      ], tip: tip)
  }

  private func polyline(_ points: [(x: Double, y: Double)]) -> String? {
    guard let first = points.first else { return nil }
    return "M\(pixels(first.x)) \(pixels(first.y))"
      + points.dropFirst().map { "L\(pixels($0.x)) \(pixels($0.y))" }.joined()
  }

  private mutating func drawMarker(
    _ marker: Series.Marker, _ x: Double, _ y: Double, colour: Int?, isHollow: Bool, tip: String?
  ) {
    let isStroked = marker == .plus || marker == .cross
    svg.add(
      "path",
      [
        "class": Palette.className(colour) + (isHollow ? " hollow" : ""),
        "fill": isStroked ? "none" : "currentColor", "fill-rule": "evenodd",
        "stroke": "currentColor",
        "stroke-width": isStroked ? "2" : marker == .warning ? "0.5" : "1.25",
        "transform": "translate(\(pixels(x)) \(pixels(y)))", "d": marker.outline,
      ], tip: tip)
  }
}

extension Series.Marker {
  /// Around (0, 0), all of about the same area.
  var outline: String {
    switch self {
    case .circle: "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z"
    case .square: "M-3.5 -3.5h7v7h-7Z"
    case .triangle: "M0 -4.8L4.6 3.4H-4.6Z"
    case .diamond: "M0 -5L5 0L0 5L-5 0Z"
    case .plus: "M-4.5 0h9M0 -4.5v9"
    case .cross: "M-3.5 -3.5l7 7M3.5 -3.5l-7 7"
    case .star:
      "M0 -7L1.7 -2.2L6.7 -2.2L2.7 0.9L4.1 5.7L0 2.8L-4.1 5.7L-2.7 0.9L-6.7 -2.2L-1.7 -2.2Z"
    case .warning: "M0 -11L10 7H-10ZM-1.3 -4.5h2.6v6h-2.6ZM-1.3 3h2.6v2.4h-2.6Z"
    }
  }
}
