package import Statistics

/// A chart: what is drawn, in values; where it goes on the paper is `FigureRenderer`'s business.
package struct Figure: Sendable {
  package enum Naming: Sendable {
    /// The names of lines stand at their right ends, where they fit; else a legend.
    case direct
    case legend
    case none
  }

  /// Of the file, and of the ids within it: lower-case letters, digits and hyphens.
  package var name: String
  package var title: String
  /// For those who do not see it: what the chart shows and what comes out.
  package var description: String
  /// Under the title.
  package var subtitle: String?
  /// Under the axes.
  package var remarks: [String] = []
  package var x: Axis
  package var y: Axis
  /// Drawn in this order, reference lines below them.
  package var series: [Series] = []
  package var bars: [Bar] = []
  package var rules: [Rule] = []
  package var naming = Naming.direct
  package var width = 720.0
  /// Of the whole; nil for what the marks need.
  package var height: Double?
  /// As high as wide between the axes.
  package var isSquare = false

  package init(
    name: String, title: String, description: String, subtitle: String? = nil, x: Axis, y: Axis
  ) {
    self.name = FigureFile.name(name)
    self.title = title
    self.description = description
    self.subtitle = subtitle
    self.x = x
    self.y = y
  }
}

/// Points of one kind, with or without a line through them.
package struct Series: Sendable {
  package enum Marker: Sendable, CaseIterable {
    case circle, square, triangle, diamond, plus, cross, star
    /// A triangle with an exclamation mark.
    case warning
  }

  package enum Dash: String, Sendable, CaseIterable {
    case solid
    case dashed = "6 4"
    case dotted = "2 3"
  }

  /// What is drawn of the points' `yInterval`.
  package enum Uncertainty: Sendable { case band, bars }

  package struct Point: Sendable {
    package var x: Double
    package var y: Double
    package var xInterval: Interval?
    package var yInterval: Interval?
    /// Written beside it.
    package var label: String?
    /// Shown when the pointer rests on it.
    package var tip: String?

    package init(
      _ x: Double, _ y: Double, xInterval: Interval? = nil, yInterval: Interval? = nil,
      label: String? = nil, tip: String? = nil
    ) {
      self.x = x
      self.y = y
      self.xInterval = xInterval
      self.yInterval = yInterval
      self.label = label
      self.tip = tip
    }
  }

  package var name: String
  /// Number of a colour of the palette; nil for grey.
  package var colour: Int?
  package var line: Dash?
  package var marker: Marker?
  package var isHollow = false
  package var uncertainty = Uncertainty.bars
  /// Whether a legend or a label names it.
  package var isNamed = true
  /// Its points are those of other series; the numbers beside the figure do not repeat them.
  package var isRepeated = false
  package var points: [Point]

  package init(
    _ name: String, colour: Int?, line: Dash? = nil, marker: Marker? = nil, points: [Point]
  ) {
    self.name = name
    self.colour = colour
    self.line = line
    self.marker = marker
    self.points = points
  }
}

/// A horizontal bar, on a category of the y axis.
package struct Bar: Sendable {
  /// Index of the category.
  package var category: Int
  /// From 0.
  package var value: Double
  package var interval: Interval?
  /// Another's value, as a tick across the bar.
  package var comparison: Double?
  /// Beside it.
  package var label: String
  package var tip: String?
  package var colour: Int?
  /// It goes on beyond what is known: drawn hollow, with a point at its end.
  package var isOpen = false

  package init(_ category: Int, _ value: Double, label: String, colour: Int? = 0) {
    self.category = category
    self.value = value
    self.label = label
    self.colour = colour
  }
}

/// A reference line.
package struct Rule: Sendable {
  package enum Place: Sendable {
    case x(Double)
    case y(Double)
    case line(intercept: Double, slope: Double)
  }

  package var place: Place
  package var label: String?
  package var dash: Series.Dash
  /// nil for grey.
  package var colour: Int?

  package init(_ place: Place, label: String?, dash: Series.Dash = .dashed, colour: Int? = nil) {
    self.place = place
    self.label = label
    self.dash = dash
    self.colour = colour
  }
}
