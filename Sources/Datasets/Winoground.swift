import Core
package import Foundation
import TensorFiles

/// Winoground (Thrush et al. 2022): 400 times two images and two captions of the same words in another order; each caption is of one of
/// the images.
///
/// Read are the hub's Parquet files and its older `examples.jsonl` beside a folder of images.
package struct Winoground: DatasetAdapter {
  package init() {}

  package let info = DatasetInfo(
    id: "Winoground", aliases: ["facebook/winoground"], title: "Winoground", task: .composition,
    metric: "group-score", classCount: nil,
    splits: [SplitInfo(name: "test", variants: [SplitVariant("official", count: 800)])],
    defaultSplit: "test")

  private static let folders = ["winoground", "Winoground", "facebook--winoground"]
  private static let questions = 400

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let split = try info.split(named: name)
    for base in candidateFolders(root, Self.folders) {
      if var draft = try listed(base) ?? parquet(base, split: split.name) {
        draft.composition?.expectedCount = Self.questions
        return try draft.finish(info, split: split, sorted: false)
      }
    }
    throw datasetNotFound(
      info, split: split.name, root: root,
      lookedFor: ["winoground/data/test-*.parquet", "winoground/data/examples.jsonl with images/"])
  }

  // MARK: - Parquet

  /// Nil where there are no such files; a data folder may hold other datasets' Parquet files.
  private func parquet(_ base: URL, split: String) throws -> IndexDraft? {
    guard let shards = try ParquetShards.find(in: base, split: [split]) else { return nil }
    let cache = ParquetPageCache()
    var questions = CompositionDraft()
    var samples: [DatasetSample] = []
    for file in shards.names {
      let url = base.appending(path: file)
      let table = try ParquetFile(contentsOf: url)
      guard let captions = Self.columns("caption", of: table, [[]]) else { return nil }
      guard let images = Self.columns("image", of: table, [["bytes"], []]) else {
        throw EvalError(
          .malformedData, "expected the columns image_0 and image_1 of bytes", subject: url.path)
      }
      let stores = try images.map { try ParquetBlobColumn($0, of: table, cache: cache) }
      let texts = try captions.map { try table.texts($0) }
      for row in 0..<table.rowCount {
        let place = "\(url.path), row \(row)"
        guard let first = texts[0][row], let second = texts[1][row] else {
          throw EvalError(.malformedData, "a caption is null here", subject: place)
        }
        let images = stores.indices.map { samples.count + $0 }
        for (number, store) in stores.enumerated() {
          samples.append(
            DatasetSample(
              id: "\(file)#\(row)/image_\(number)", label: 0, source: .stored(store, index: row)))
        }
        try questions.add(
          id: "\(file)#\(row)", kind: Self.kind, images: images, captions: [first, second],
          at: place)
      }
    }
    var draft = questions.index(layout: "parquet", samples: samples)
    draft.notes += shards.notes
    return draft
  }

  private static let kind = "all"

  /// The columns `name_0` and `name_1`, each at the first of some paths below it.
  private static func columns(
    _ name: String, of table: ParquetFile, _ below: [[String]]
  ) -> [ParquetColumn]? {
    let found = (0...1).compactMap { number in
      below.lazy.compactMap { table.column(["\(name)_\(number)"] + $0) }
        .first { $0.type == .byteArray && $0.maxRepetition == 0 }
    }
    return found.count == 2 ? found : nil
  }

  // MARK: - Lines of JSON

  private struct Example: Decodable {
    var image_0: String
    var image_1: String
    var caption_0: String
    var caption_1: String
  }

  private func listed(_ base: URL) throws -> IndexDraft? {
    let list = ["examples.jsonl", "data/examples.jsonl", "winoground.jsonl"]
      .map { base.appending(path: $0) }.first(where: isFile)
    guard let list else { return nil }
    let folder = list.deletingLastPathComponent()
    var files = ListedFiles(base: folder)
    var questions = CompositionDraft()
    for (line, text) in try numberedLines(list) {
      let place = "\(list.path):\(line)"
      let example: Example
      do {
        example = try JSONDecoder().decode(Example.self, from: Data(text.utf8))
      } catch let error as DecodingError {
        throw EvalError(
          .malformedData,
          "expected {\"image_0\", \"image_1\", \"caption_0\", \"caption_1\"}: \(error.place)",
          subject: place)
      }
      let first = files.count
      for name in [example.image_0, example.image_1] {
        try files.add(Self.path(of: name, in: folder), label: 0, at: place)
      }
      try questions.add(
        id: "\(line)", kind: Self.kind, images: [first, first + 1],
        captions: [example.caption_0, example.caption_1], at: place)
    }
    return questions.index(layout: "examples.jsonl", samples: files.samples)
  }

  /// The list has names without folder and ending (`ex_0_img_0`).
  private static func path(of name: String, in folder: URL) -> String {
    let names = ImageFiles.fileExtension(name) == nil ? ["\(name).png", "\(name).jpg"] : [name]
    let paths = names.map { "images/\($0)" } + names
    return paths.first { isFile(URL(filePath: folder.path + "/" + $0)) } ?? paths[0]
  }
}
