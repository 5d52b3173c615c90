import Core
package import Foundation

/// SugarCrepe (Hsieh et al. 2023): images of COCO val2017, each with its caption and one that differs in a word or their order, in
/// seven kinds.
///
/// Samples are the images that any question is about, each once.
package struct SugarCrepe: DatasetAdapter {
  package init() {}

  /// The publisher's counts.
  package static let kinds = [
    ("add_att", 692), ("add_obj", 2062), ("replace_att", 788), ("replace_obj", 1652),
    ("replace_rel", 1406), ("swap_att", 666), ("swap_obj", 245),
  ]

  package let info = DatasetInfo(
    id: "SugarCrepe", aliases: ["sugar-crepe", "sugar_crepe"], title: "SugarCrepe",
    task: .composition, metric: "macro-accuracy", classCount: nil,
    splits: [SplitInfo(name: "test", aliases: ["all"])], defaultSplit: "test")

  private static let folders = [
    "sugar-crepe", "sugarcrepe", "sugar_crepe", "SugarCrepe", "sugar-crepe-main",
  ]
  private static let imageFolders = [
    "val2017", "images", "images/val2017", "coco/val2017", "coco/images/val2017",
    "coco2017/val2017", "COCO/val2017", "COCO2017/val2017", "",
  ]

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let split = try info.split(named: name)
    for base in candidateFolders(root, Self.folders) {
      let lists = ["data", ""].map { $0.isEmpty ? base : base.appending(path: $0) }
        .first { folder in
          Self.kinds.contains { isFile(folder.appending(path: "\($0.0).json")) }
        }
      guard let lists else { continue }
      return try draft(lists, base: base, root: root).finish(info, split: split, sorted: false)
    }
    throw datasetNotFound(
      info, split: split.name, root: root,
      lookedFor: Self.folders.map { "\($0)/data/add_att.json" } + [
        "add_att.json", "data/add_att.json",
      ])
  }

  private struct Entry: Decodable {
    var filename: String
    var caption: String
    var negative_caption: String
  }

  private func draft(_ lists: URL, base: URL, root: URL) throws -> IndexDraft {
    var questions = CompositionDraft()
    var paths: [String] = []
    var samples: [String: Int] = [:]
    var notes: [String] = []
    for (kind, expected) in Self.kinds {
      let url = lists.appending(path: "\(kind).json")
      guard isFile(url) else {
        notes.append("\(kind).json is absent")
        continue
      }
      let entries = try Self.read(url)
      if entries.count != expected {
        notes.append("\(kind) has \(entries.count) questions, expected \(expected)")
      }
      for (key, entry) in entries {
        let place = "\(url.path), entry \"\(key)\""
        let name = entry.filename
        guard !name.isEmpty, !name.contains("\0"), !name.hasPrefix("/") else {
          throw EvalError(
            .malformedData, "expected the name of an image, found `\(name)`", subject: place)
        }
        let sample = samples[name] ?? paths.count
        if sample == paths.count {
          samples[name] = sample
          paths.append(name)
        }
        try questions.add(
          id: "\(kind)#\(key)", kind: kind, images: [sample],
          captions: [entry.caption, entry.negative_caption], at: place)
      }
    }
    let images = Self.imageBase(of: paths, near: [base, base.deletingLastPathComponent(), root])
    var files = ListedFiles(base: images)
    for path in paths { try files.add(path, label: 0, at: lists.path) }
    var draft = questions.index(layout: "sugar-crepe", samples: files.samples)
    let missing = draft.samples.count { $0.byteCount == nil }
    if missing > 0 {
      notes.append(
        "\(missing) of \(paths.count) images are not in \(images.path): they are COCO's val2017")
    }
    draft.notes += notes
    draft.composition?.expectedCount = Self.kinds.reduce(0) { $0 + $1.1 }
    return draft
  }

  /// In the order of their keys, which are numbers.
  private static func read(_ url: URL) throws -> [(key: String, entry: Entry)] {
    do {
      let entries = try JSONDecoder().decode([String: Entry].self, from: readFile(url))
      return ClassFolders.sortedClassNames(entries.keys).compactMap { key in
        entries[key].map { (key, $0) }
      }
    } catch let error as DecodingError {
      throw EvalError(
        .malformedData,
        "expected {\"0\": {\"filename\", \"caption\", \"negative_caption\"}, …}: \(error.place)",
        subject: url.path)
    }
  }

  /// The folder that has any of the first images.
  private static func imageBase(of paths: [String], near bases: [URL]) -> URL {
    for base in bases {
      for folder in imageFolders {
        let candidate = folder.isEmpty ? base : base.appending(path: folder)
        let isThere = paths.prefix(16).contains {
          isFile(URL(filePath: candidate.path + "/" + $0, directoryHint: .notDirectory))
        }
        if isThere { return candidate }
      }
    }
    return bases[0].appending(path: imageFolders[0])
  }
}
