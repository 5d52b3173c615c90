import Core

/// Collects the questions of a composition dataset and the images they are about.
struct CompositionDraft {
  private(set) var items: [CompositionItem] = []
  private(set) var captions: [String] = []
  private var numbers: [[UInt8]: Int] = [:]

  /// - Throws: `EvalError.malformedData` for captions without words, and for two that are the same.
  mutating func add(
    id: String, kind: String, images: [Int], captions texts: [String], at place: String
  ) throws {
    let texts = texts.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
    guard texts.allSatisfy({ !$0.isEmpty }) else {
      throw EvalError(.malformedData, "a caption is empty", subject: place)
    }
    guard Set(texts.map { Array($0.utf8) }).count == texts.count else {
      throw EvalError(
        .malformedData, "both captions are `\(texts[0])`: they cannot be told apart", subject: place
      )
    }
    let own = texts.map { text in
      let key = Array(text.utf8)
      if let known = numbers[key] { return known }
      numbers[key] = captions.count
      captions.append(text)
      return captions.count - 1
    }
    items.append(CompositionItem(id: id, kind: kind, images: images, captions: own))
  }

  /// One class without a name, as for captions.
  func index(layout: String, samples: [DatasetSample]) -> IndexDraft {
    var draft = IndexDraft(layout: layout, classes: [DatasetClass(id: "", name: "")])
    draft.samples = samples
    draft.composition = CompositionItems(items, captions: captions)
    let kinds = Set(items.map(\.kind)).count
    draft.notes = ["\(items.count) questions" + (kinds > 1 ? " of \(kinds) kinds" : "")]
    return draft
  }
}
