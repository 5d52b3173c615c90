extension Shape {
  /// The figure, drawn in a square from −1 to 1, y down.
  func drawn() -> Figure {
    isGeometric ? geometric() : (isAnimal ? animal() : thing())
  }

  private var isGeometric: Bool { kind == "shape" }

  private static func points(_ values: (Float, Float)...) -> Primitive {
    .polygon(values.map { Point($0.0, $0.1) })
  }

  private static func line(
    _ x: Float, _ y: Float, _ x2: Float, _ y2: Float, _ radius: Float, _ end: Float? = nil
  ) -> Primitive {
    .capsule(Point(x, y), Point(x2, y2), radius, end ?? radius)
  }

  private static func disc(_ x: Float, _ y: Float, _ radius: Float) -> Primitive {
    .circle(Point(x, y), radius)
  }

  private static func regular(_ corners: Int, _ radius: Float, inner: Float? = nil) -> Primitive {
    let count = inner == nil ? corners : 2 * corners
    return .polygon(
      (0..<count).map { i in
        let r = i % 2 == 1 ? inner ?? radius : radius
        return Trigonometry.unitVector(turns: Float(i) / Float(count) - 0.25) * r
      })
  }

  private func geometric() -> Figure {
    switch self {
    case .square: Figure(parts: [.add(.box(0, 0, 0.8, 0.8))])
    case .triangle: Figure(parts: [.add(Self.points((0, -0.92), (0.95, 0.76), (-0.95, 0.76)))])
    case .star: Figure(parts: [.add(Self.regular(5, 1, inner: 0.42))])
    case .heart:
      Figure(parts: [
        .add(Self.disc(-0.44, -0.32, 0.48)), .add(Self.disc(0.44, -0.32, 0.48)),
        .add(Self.points((-0.87, -0.1), (0, -0.5), (0.87, -0.1), (0, 0.95))),
      ])
    case .cross: Figure(parts: [.add(.box(0, 0, 0.9, 0.29)), .add(.box(0, 0, 0.29, 0.9))])
    case .ring: Figure(parts: [.add(Self.disc(0, 0, 0.92)), .cut(Self.disc(0, 0, 0.52))])
    case .arrow:
      Figure(parts: [
        .add(.box(-0.4, 0, 0.55, 0.2)), .add(Self.points((0.1, -0.62), (0.98, 0), (0.1, 0.62))),
      ])
    case .moon: Figure(parts: [.add(Self.disc(0, 0, 0.92)), .cut(Self.disc(0.42, -0.14, 0.74))])
    case .diamond:
      Figure(parts: [.add(Self.points((0, -0.98), (0.64, 0), (0, 0.98), (-0.64, 0)))])
    case .hexagon: Figure(parts: [.add(Self.regular(6, 0.95))])
    case .drop:
      Figure(parts: [
        .add(Self.disc(0, 0.34, 0.58)), .add(Self.points((0, -0.98), (0.53, 0.1), (-0.53, 0.1))),
      ])
    default: Figure(parts: [.add(Self.disc(0, 0, 0.9))])
    }
  }

  private func animal() -> Figure {
    switch self {
    case .craneBird:
      Figure(
        parts: [
          .add(.ellipse(Point(-0.12, 0.08), 0.48, 0.27)),
          .add(Self.line(0.2, 0.02, 0.42, -0.6, 0.09)),
          .add(Self.disc(0.46, -0.68, 0.16)),
          .add(Self.points((0.55, -0.78), (0.98, -0.62), (0.55, -0.58))),
          .add(Self.points((-0.42, -0.06), (-0.95, 0.3), (-0.4, 0.27))),
          .add(Self.line(-0.12, 0.3, -0.18, 0.95, 0.055)),
          .add(Self.line(0.06, 0.3, 0.1, 0.95, 0.055)),
        ], marks: [Self.disc(0.48, -0.7, 0.05)])
    case .batAnimal:
      Figure(
        parts: [
          .add(.ellipse(Point(0, 0.06), 0.2, 0.4)), .add(Self.disc(0, -0.34, 0.2)),
          .add(Self.points((-0.19, -0.38), (-0.15, -0.72), (-0.02, -0.48))),
          .add(Self.points((0.19, -0.38), (0.15, -0.72), (0.02, -0.48))),
          .add(Self.wing(side: -1)), .add(Self.wing(side: 1)),
        ], marks: [Self.disc(-0.08, -0.36, 0.05), Self.disc(0.08, -0.36, 0.05)])
    case .mouseAnimal:
      Figure(
        parts: [
          .add(.ellipse(Point(-0.1, 0.28), 0.6, 0.42)), .add(.ellipse(Point(0.48, 0.2), 0.4, 0.28)),
          .add(Self.disc(0.22, -0.2, 0.27)), .add(Self.line(-0.6, 0.4, -0.95, -0.25, 0.06)),
        ],
        marks: [
          Self.disc(0.86, 0.22, 0.08), Self.disc(0.55, 0.12, 0.06), Self.disc(0.22, -0.2, 0.13),
        ])
    case .fish:
      Figure(
        parts: [
          .add(.ellipse(Point(0.15, 0), 0.68, 0.42)),
          .add(Self.points((-0.35, 0), (-0.95, -0.48), (-0.8, 0), (-0.95, 0.48))),
          .add(Self.points((-0.1, -0.3), (0.1, -0.72), (0.4, -0.3))),
        ], marks: [Self.disc(0.52, -0.1, 0.07)])
    case .duck:
      Figure(
        parts: [
          .add(.ellipse(Point(-0.12, 0.36), 0.68, 0.4)), .add(Self.disc(0.38, -0.34, 0.31)),
          .add(Self.line(0.32, -0.2, 0.25, 0.3, 0.18)),
          .add(Self.points((0.62, -0.48), (1, -0.28), (0.62, -0.18))),
          .add(Self.points((-0.6, 0.3), (-0.98, -0.1), (-0.45, 0.1))),
        ], marks: [Self.disc(0.45, -0.42, 0.06)])
    default:
      Figure(
        parts: [
          .add(Self.line(-0.85, 0.45, -0.5, -0.35, 0.12, 0.15)),
          .add(Self.line(-0.5, -0.35, -0.1, 0.35, 0.15)),
          .add(Self.line(-0.1, 0.35, 0.3, -0.35, 0.15)),
          .add(Self.line(0.3, -0.35, 0.62, 0.25, 0.15)), .add(Self.disc(0.72, 0.3, 0.23)),
        ], marks: [Self.disc(0.78, 0.24, 0.06)])
    }
  }

  private static func wing(side: Float) -> Primitive {
    .polygon(
      [
        (0.1, -0.24), (0.55, -0.55), (1, -0.12), (0.86, 0.4), (0.64, 0.12), (0.42, 0.46),
        (0.24, 0.18),
        (0.1, 0.3),
      ].map { Point(side * $0.0, $0.1) })
  }

  private func thing() -> Figure {
    switch self {
    case .flower:
      Figure(
        parts: (0..<6).map { i in
          let center = Trigonometry.unitVector(turns: Float(i) / 6) * 0.58
          return .add(.circle(center, 0.37))
        } + [.add(Self.disc(0, 0, 0.4))], marks: [Self.disc(0, 0, 0.26)])
    case .house:
      Figure(
        parts: [
          .add(.box(0, 0.38, 0.66, 0.52)),
          .add(Self.points((0, -0.92), (0.95, -0.1), (-0.95, -0.1))),
          .add(.box(0.5, -0.6, 0.12, 0.28)),
        ], marks: [.box(-0.2, 0.6, 0.16, 0.3), .box(0.3, 0.3, 0.14, 0.14)])
    case .tree:
      Figure(parts: [
        .add(Self.points((0, -0.98), (0.5, -0.3), (-0.5, -0.3))),
        .add(Self.points((0, -0.6), (0.75, 0.45), (-0.75, 0.45))), .add(.box(0, 0.68, 0.13, 0.28)),
      ])
    case .key:
      Figure(parts: [
        .add(Self.disc(-0.56, 0, 0.4)), .cut(Self.disc(-0.6, 0, 0.19)),
        .add(.box(0.35, 0, 0.6, 0.11)),
        .add(.box(0.84, 0.2, 0.1, 0.2)), .add(.box(0.5, 0.17, 0.09, 0.17)),
      ])
    case .craneMachine:
      Figure(parts: [
        .add(.box(-0.35, 0.05, 0.11, 0.9)), .add(.box(0.1, -0.72, 0.88, 0.1)),
        .add(.box(-0.7, -0.48, 0.17, 0.24)), .add(Self.line(0.7, -0.7, 0.7, 0.1, 0.045)),
        .add(Self.disc(0.7, 0.22, 0.15)), .add(.box(-0.35, 0.88, 0.48, 0.1)),
      ])
    case .batClub:
      Figure(parts: [
        .add(Self.line(-0.68, 0.75, 0.6, -0.62, 0.09, 0.27)), .add(Self.disc(-0.74, 0.82, 0.16)),
      ])
    default:
      Figure(
        parts: [
          .add(Self.line(0, 0, 0, 0.44, 0.5)), .add(Self.line(0, -0.45, 0.3, -0.95, 0.06)),
        ],
        marks: [Self.line(0, -0.48, 0, -0.02, 0.035), Self.line(-0.48, 0, 0.48, 0, 0.035)])
    }
  }
}
