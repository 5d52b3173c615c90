import Core
package import Foundation

/// Hateful Memes (Kiela et al. 2020): JSON lines `{"id", "img": "img/42953.png", "label": 0, "text"}`.
///
/// The first release (2020) has `dev.jsonl` and a `test.jsonl` without labels; the later one `dev_seen`, the same images as `dev`,
/// `dev_unseen`, `test_seen` and `test_unseen`. The paper reports on the 500 of `dev`.
package struct HatefulMemes: DatasetAdapter {
  package init() {}

  package let info = DatasetInfo(
    id: "HatefulMemes",
    aliases: ["hateful-memes", "hateful_memes", "hateful-meme"],
    title: "Hateful Memes", metric: "ROC-AUC", classCount: 2,
    splits: [
      SplitInfo(name: "train", variants: [SplitVariant("official", count: 8500)]),
      SplitInfo(
        name: "dev", aliases: ["val", "validation"],
        variants: [SplitVariant("official", count: 500)]),
      SplitInfo(name: "dev_seen", variants: [SplitVariant("official", count: 500)]),
      SplitInfo(name: "dev_unseen", variants: [SplitVariant("official", count: 540)]),
      SplitInfo(name: "test", variants: [SplitVariant("official", count: 1000)]),
      SplitInfo(name: "test_seen", variants: [SplitVariant("official", count: 1000)]),
      SplitInfo(name: "test_unseen", variants: [SplitVariant("official", count: 2000)]),
    ], defaultSplit: "dev")

  private static let classes = [
    DatasetClass(id: "0", name: "not hateful"), DatasetClass(id: "1", name: "hateful"),
  ]
  private static let folders = [
    "hateful_memes", "hateful-memes", "HatefulMemes", "hatefulmemes", "hateful_memes/data",
    "facebook-hateful-meme-dataset/data", "hateful_memes/defaults", "data",
  ]

  private static func fileNames(_ split: String) -> [String] {
    switch split {
    case "dev", "test": ["\(split).jsonl", "\(split)_seen.jsonl"]
    default: ["\(split).jsonl"]
    }
  }

  package var canonicalClasses: [DatasetClass]? { Self.classes }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let split = try info.split(named: name)
    let names = Self.fileNames(split.name)
    for folder in candidateFolders(root, Self.folders) {
      // MMF keeps lists and images apart.
      for (lists, images) in [
        (folder, folder), (folder.appending(path: "annotations"), folder.appending(path: "images")),
      ] {
        guard let list = names.map({ lists.appending(path: $0) }).first(where: isFile) else {
          continue
        }
        return try draft(list, base: images).finish(info, split: split, sorted: true)
      }
    }
    throw datasetNotFound(
      info, split: split.name, root: root,
      lookedFor: (Self.folders + ["."]).map { "\($0)/\(names[0])" })
  }

  private struct Line: Decodable {
    var img: String
    var label: Int?
  }

  private func draft(_ list: URL, base: URL) throws -> IndexDraft {
    var draft = IndexDraft(layout: "hateful-memes-jsonl", classes: Self.classes)
    var files = ListedFiles(base: base)
    for (number, text) in try numberedLines(list) {
      let place = "\(list.path):\(number)"
      let line: Line
      do {
        line = try JSONDecoder().decode(Line.self, from: Data(text.utf8))
      } catch let error as DecodingError {
        throw EvalError(
          .malformedData,
          "expected {\"img\": …, \"label\": 0 or 1, …}: \(error.place)", subject: place)
      }
      guard let label = line.label else {
        throw EvalError(
          .notFound,
          "no label for \(line.img): \(list.lastPathComponent) of 2020 was published without labels",
          subject: place,
          remedy: "Take the split dev, which the paper reports on, or the later release's "
            + "test_seen.jsonl with labels.")
      }
      guard (0...1).contains(label) else {
        throw EvalError(.malformedData, "expected a label 0 or 1, found \(label)", subject: place)
      }
      try files.add(line.img, label: label, at: place)
    }
    guard !files.isEmpty else {
      throw EvalError(.malformedData, "the list holds no images", subject: list.path)
    }
    draft.samples = files.samples
    draft.notes = ["read from \(list.lastPathComponent)"]
    return draft
  }
}
