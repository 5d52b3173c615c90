/// The broad set, its natural shifts, and the pairs that training never showed.
extension World {
  /// How a shift draws an object, when it differs from the broad set in one thing only.
  package enum Shift: String, CaseIterable, Sendable {
    /// Drawn anew, with smaller and larger objects than the broad set's: ImageNetV2's role.
    case redrawn = "DemoNetV2"
    case sketch = "DemoNet-Sketch"
    /// Flat cartoons, of the classes of the subset: ImageNet-R's role.
    case rendition = "DemoNet-R"
    case blurred = "DemoNet-Blur"
    /// Turned, leaning, among clutter: ObjectNet's role.
    case cluttered = "DemoNet-Cluttered"
  }

  static let broadSet = "DemoNet"
  static let heldOutSet = "DemoPairs"
  static let hardSet = "DemoNet-A"

  private func broadItem(
    _ set: String, _ folder: String, _ kind: PairClass, _ number: Int,
    scene: @escaping @Sendable (inout Random) -> Scene
  ) -> EvaluationItem {
    item(
      set: set, path: "\(folder)\(kind.id)/\(kind.id)_\(Numbers.padded(number, 3))", label: kind.id,
      mayBePlanted: !kind.isHeldOut && folder != "train/", scene: scene,
      caption: { CaptionWriter().single($0, &$1) })
  }

  /// `DemoNet/<split>/<id>/…`, as ImageNet has it.
  func broad(split: String, perClass: Int) -> [EvaluationItem] {
    Self.classes.flatMap { kind in
      (0..<perClass).map { number in
        broadItem(Self.broadSet, "\(split)/", kind, number) {
          SceneMaker().single(kind.shape, kind.color, &$0)
        }
      }
    }
  }

  /// The images of `val` whose classes are in the subset, as `DemoNet/val-subset`: what shifts of the subset compare with.
  func broadSubset(perClass: Int) -> [EvaluationItem] {
    let ids = Set(Self.classes.filter(\.isInSubset).map(\.id))
    return broad(split: "val", perClass: perClass).filter { ids.contains($0.label) }.map { item in
      EvaluationItem(
        set: item.set, path: item.path.replacing("val/", with: "val-subset/"), label: item.label,
        mayBePlanted: false, draw: item.draw, caption: item.caption)
    }
  }

  func shifted(_ shift: Shift, perClass: Int) -> [EvaluationItem] {
    Self.classes.filter { shift != .rendition || $0.isInSubset }.flatMap { kind in
      (0..<perClass).map { number in
        broadItem(shift.rawValue, "", kind, number) { Self.scene(shift, kind, &$0) }
      }
    }
  }

  private static func scene(_ shift: Shift, _ kind: PairClass, _ random: inout Random) -> Scene {
    let maker = SceneMaker()
    switch shift {
    case .redrawn:
      return SceneMaker(contrast: 0.3).single(
        kind.shape, kind.color, radius: random.chance(0.5) ? 7...11 : 22...29, turn: 0.08, &random)
    case .sketch: return maker.single(kind.shape, kind.color, style: .sketch, &random)
    case .rendition: return maker.single(kind.shape, kind.color, style: .cartoon, &random)
    case .blurred:
      var scene = maker.single(kind.shape, kind.color, &random)
      scene.blur = 2
      scene.noise = 0.09
      return scene
    case .cluttered:
      var scene = maker.single(kind.shape, kind.color, radius: 11...20, turn: 0.2, &random)
      scene.objects[0].slant = random.uniform(-0.4...0.4)
      scene.clutter = random.integer(8...14)
      return scene
    }
  }

  /// More images of the pairs that training never showed: a class each.
  func heldOut(perClass: Int) -> [EvaluationItem] {
    Self.classes.filter(\.isHeldOut).flatMap { kind in
      (0..<perClass).map { number in
        broadItem(Self.heldOutSet, "", kind, number) {
          SceneMaker().single(kind.shape, kind.color, &$0)
        }
      }
    }
  }

  /// Images that a weak baseline gets most wrong, of the classes of the subset: ImageNet-A's role.
  ///
  /// - Parameters:
  ///   - perClass: images to keep of each class.
  ///   - candidates: images of each class to choose from.
  func hard(perClass: Int, candidates: Int) throws -> [EvaluationItem] {
    let kinds = Self.classes.filter(\.isInSubset)
    let training = kinds.flatMap { kind in
      (0..<20).map { number in
        broadItem(Self.hardSet, "baseline/", kind, number) {
          SceneMaker().single(kind.shape, kind.color, &$0)
        }
      }
    }
    let pool = kinds.flatMap { kind in
      (0..<candidates).map { number in
        broadItem(Self.hardSet, "", kind, number) {
          SceneMaker(contrast: 0.25).single(kind.shape, kind.color, radius: 8...25, turn: 0.1, &$0)
        }
      }
    }
    let baseline = try NearestMean(training)
    let margins = try inParallel(pool.count) { baseline.margin(of: pool[$0]) }
    return (0..<kinds.count).flatMap { label in
      let range = label * candidates..<(label + 1) * candidates
      // Ties fall to the earlier image.
      let hardest = range.sorted { (margins[$0], $0) < (margins[$1], $1) }.prefix(perClass)
      return hardest.sorted().map { pool[$0] }
    }
  }
}
