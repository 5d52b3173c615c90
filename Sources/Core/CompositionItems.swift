/// One question of a test of composition: images and captions of the same things put together differently.
package struct CompositionItem: Sendable, Equatable {
  /// `add_att#17`.
  package var id: String
  /// Of several kinds that are reported apart; the same text for all where there is one kind.
  package var kind: String
  /// One image, whose caption is the first; or two, each with the caption of its place. Numbers of samples.
  package var images: [Int]
  /// Two captions: numbers in `CompositionItems.captions`.
  package var captions: [Int]

  package init(id: String, kind: String, images: [Int], captions: [Int]) {
    self.id = id
    self.kind = kind
    self.images = images
    self.captions = captions
  }
}

/// The questions of a split, and the texts they ask about.
package struct CompositionItems: Sendable, Equatable {
  package var items: [CompositionItem]
  /// Different ones: each is embedded once.
  package var captions: [String]
  /// Questions of the complete split; nil where their number is not known.
  package var expectedCount: Int?

  package init(_ items: [CompositionItem], captions: [String]) {
    self.items = items
    self.captions = captions
  }

  /// Kinds in the order in which they come.
  package var kinds: [String] {
    var seen: Set<String> = []
    return items.map(\.kind).filter { seen.insert($0).inserted }
  }

  /// The questions about some of the samples alone, which become samples 0, 1, ….
  package func restricted(to samples: [Int]) -> CompositionItems {
    let position = Dictionary(uniqueKeysWithValues: samples.enumerated().map { ($1, $0) })
    var result = self
    result.items = items.compactMap { item in
      let images = item.images.compactMap { position[$0] }
      guard images.count == item.images.count else { return nil }
      var item = item
      item.images = images
      return item
    }
    result.expectedCount = expectedCount ?? items.count
    return result
  }

  /// SHA-256 over the ordered lines `id\0kind\0image ids…\0captions…\n`.
  package func hash(imageIDs: [String]) -> SHA256Digest {
    var hasher = SHA256()
    for item in items {
      let fields =
        [item.id, item.kind] + item.images.map { imageIDs[$0] }
        + item.captions.map { captions[$0] }
      hasher.update(fields.joined(separator: "\0") + "\n")
    }
    return hasher.finalize()
  }
}
