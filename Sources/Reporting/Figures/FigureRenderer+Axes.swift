extension FigureRenderer {
  mutating func drawGrid() {
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

  mutating func drawAxes() {
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

  mutating func drawRemarks() {
    for (number, line) in layout.remarks.enumerated() {
      text(
        line, at: FigureLayout.margin,
        layout.remarksTop + Double(number) * FigureLayout.lineHeight, class: "quiet")
    }
  }
}
