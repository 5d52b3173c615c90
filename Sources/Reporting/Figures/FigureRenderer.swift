/// Draws a figure as SVG 1.1 text: the same figure gives the same bytes.
struct FigureRenderer {
  let figure: Figure
  let layout: FigureLayout
  var svg = SVGText()

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

  mutating func draw() {
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

  func pixels(_ value: Double) -> String { FixedPoint.coordinate(value) }

  mutating func drawHeading() {
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

  /// Line and marker of a series, beside its name.
  mutating func drawSample(
    _ series: Series, _ x: Double, _ y: Double, width: Double = 28
  ) {
    if let dash = series.line {
      path("M\(pixels(x)) \(pixels(y))h\(pixels(width))", series.colour, dash: dash, width: 2)
    }
    if let marker = series.marker {
      drawMarker(
        marker, x + width / 2, y, colour: series.colour, isHollow: series.isHollow, tip: nil)
    }
  }

  // MARK: Primitives

  mutating func text(
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

  mutating func path(
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

  func polyline(_ points: [(x: Double, y: Double)]) -> String? {
    guard let first = points.first else { return nil }
    return "M\(pixels(first.x)) \(pixels(first.y))"
      + points.dropFirst().map { "L\(pixels($0.x)) \(pixels($0.y))" }.joined()
  }

  mutating func drawMarker(
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
