/// How many images of each kind are drawn.
package struct WorldSizes: Codable, Equatable, Sendable {
  /// Pairs of the corpus; 0 leaves it out.
  package var corpus = 120_000
  /// Images of a class in the broad set's `val`, and half as many of each shift's.
  package var perClass = 10
  /// Images of a class in the broad set's `train`, for probes.
  package var trainPerClass = 20
  /// Scenes, captioned images and digits.
  package var scenes = 500

  package init() {}

  /// A few of everything, for tests.
  package static let tiny: WorldSizes = {
    var sizes = WorldSizes()
    sizes.corpus = 500
    sizes.perClass = 2
    sizes.trainPerClass = 1
    sizes.scenes = 8
    return sizes
  }()
}

extension World {
  /// Every evaluation image, set by set, in the sets' own order; the broad set's training split and the like included.
  package func evaluationItems(_ sizes: WorldSizes) throws -> [EvaluationItem] {
    let half = max(1, sizes.perClass / 2)
    var items = broad(split: "val", perClass: sizes.perClass)
    items += broad(split: "train", perClass: sizes.trainPerClass)
    items += broadSubset(perClass: sizes.perClass)
    for shift in Shift.allCases {
      items += shifted(shift, perClass: shift == .rendition ? sizes.perClass : half)
    }
    items += try hard(perClass: sizes.perClass, candidates: 6 * sizes.perClass)
    items += heldOut(perClass: 2 * sizes.perClass)
    items += animalItems(split: "test", perClass: 5 * sizes.perClass)
    items += animalItems(split: "train", perClass: 2 * sizes.trainPerClass)
    items += textureItems(split: "test", perClass: 3 * sizes.perClass)
    items += textureItems(split: "train", perClass: 2 * sizes.trainPerClass)
    items += countItems(split: "val", perClass: 5 * sizes.perClass)
    items += countItems(split: "train", perClass: 2 * sizes.trainPerClass)
    items += wordItems(split: "test", perClass: 20 * sizes.perClass)
    items += wordItems(split: "train", perClass: 10 * sizes.trainPerClass)
    items += sceneItems(split: "test", count: sizes.scenes)
    items += sceneItems(split: "trainval", count: sizes.scenes)
    items += captionItems(count: sizes.scenes)
    return items
  }

  /// Test images in the order in which altered copies of them enter the corpus: each set in turn.
  func plantingOrder(_ items: [EvaluationItem]) -> [EvaluationItem] {
    var random = random("planting")
    let sets = Dictionary(grouping: items.filter(\.mayBePlanted), by: \.set)
    var queues = sets.sorted { $0.key < $1.key }.map {
      random.sample($0.value.count, of: $0.value)[...]
    }
    var order: [EvaluationItem] = []
    while !queues.isEmpty {
      for i in queues.indices { if let next = queues[i].popFirst() { order.append(next) } }
      queues.removeAll(where: \.isEmpty)
    }
    return order
  }
}
