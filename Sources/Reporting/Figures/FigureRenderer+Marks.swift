extension FigureRenderer {
  mutating func drawRule(_ rule: Rule) {
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

  mutating func drawUncertainty(_ series: Series) {
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
        if let interval = point.yInterval, let low = layout.end(point.x, interval.lower),
          let high = layout.end(point.x, interval.upper)
        {
          data += "M\(pixels(low.x)) \(pixels(low.y))V\(pixels(high.y))"
          data +=
            "M\(pixels(low.x - 3)) \(pixels(low.y))h6M\(pixels(high.x - 3)) \(pixels(high.y))h6"
        }
        if let interval = point.xInterval, let low = layout.end(interval.lower, point.y),
          let high = layout.end(interval.upper, point.y)
        {
          data += "M\(pixels(low.x)) \(pixels(low.y))H\(pixels(high.x))"
          data +=
            "M\(pixels(low.x)) \(pixels(low.y - 3))v6M\(pixels(high.x)) \(pixels(high.y - 3))v6"
        }
      }
      if !data.isEmpty { path(data, series.colour, width: 1.25) }
    }
  }

  mutating func drawLine(_ series: Series) {
    guard let dash = series.line else { return }
    let data = runs(series) { _ in true }.compactMap { run in
      run.count > 1 ? polyline(run.compactMap { layout.place($0.x, $0.y) }) : nil
    }
    if !data.isEmpty {
      path(data.joined(), series.colour, dash: dash, width: 2, tip: series.name)
    }
  }

  /// Stretches of points that the axes have a place for: a line does not go on over one they have none for.
  func runs(
    _ series: Series, _ condition: (Series.Point) -> Bool
  ) -> [[Series.Point]] {
    series.points.split { layout.place($0.x, $0.y) == nil || !condition($0) }.map { Array($0) }
  }

  mutating func drawMarkers(_ series: Series) {
    guard let marker = series.marker else { return }
    for point in series.points {
      guard let place = layout.place(point.x, point.y), isInside(place) else { continue }
      drawMarker(
        marker, place.x, place.y, colour: series.colour, isHollow: series.isHollow,
        tip: point.tip ?? point.label)
    }
  }

  func isInside(_ place: (x: Double, y: Double)) -> Bool {
    let plot = layout.plot
    return (plot.x - 1...plot.x + plot.width + 1).contains(place.x)
      && (plot.y - 1...plot.y + plot.height + 1).contains(place.y)
  }

  mutating func drawBar(_ bar: Bar) {
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
      let data =
        "M\(pixels(low)) \(pixels(middle))H\(pixels(high))M\(pixels(low)) \(pixels(middle - 3))v6M\(pixels(high)) \(pixels(middle - 3))v6"
      // Seen on the bar as beside it.
      svg.add("path", ["class": "halo", "fill": "none", "d": data])
      svg.add("path", ["class": "axis", "fill": "none", "d": data])
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
