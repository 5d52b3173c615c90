import Foundation

extension FigureRenderer {
  mutating func drawLabels() {
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
  mutating func drawNamesAtEnds() {
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
      drawSample(end.series, x, y, width: 14)
      text(end.series.name, at: x + 18, y, class: "ink")
    }
  }

  /// Of vertical lines above the plot, of others beside the line, where there is room.
  mutating func drawRuleLabels(around obstacles: [Box]) {
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
}
