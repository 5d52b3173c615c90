package import Core
package import Datasets
package import EmbeddingStore
package import LinearAlgebra
package import Prompts

/// Text features made elsewhere: of prompts, found by their text, or a classifier with one row a class.
package enum ImportedTexts: Sendable {
  case prompts(FeatureTable)
  case classifier(FeatureTable)

  package var table: FeatureTable {
    switch self {
    case .prompts(let table), .classifier(let table): table
    }
  }

  /// The text features of a dataset: prompts before a classifier, the dataset's own before the folder's, and last the captions
  /// of a split in clip-retrieval's layout.
  /// - Throws: `EvalError.notFound` saying what is looked for, or what reading throws.
  package init(_ folder: EmbeddingsFolder, info: DatasetInfo, images: FeatureSource) throws {
    let dataset = folder.dataset(info)
    if let source = dataset?.prompts {
      self = .prompts(try FeatureTable(source, content: .texts))
    } else if let source = dataset?.classes {
      self = .classifier(try FeatureTable(source, content: .texts))
    } else if let source = folder.prompts {
      self = .prompts(try FeatureTable(source, content: .texts))
    } else if case .clipRetrieval(let url) = images.layout,
      isFolder(url.appending(path: "text_emb"))
    {
      self = .prompts(try FeatureTable(FeatureSource(images.layout), content: .texts))
    } else {
      throw EvalError(
        .notFound,
        "no text features for \(info.id): expected \(info.id)/prompts.safetensors, .npy or a folder of that name (features of the prompts), or \(info.id)/classes.safetensors or .npy (one row a class)",
        subject: folder.url.path,
        remedy: "`clip-eval embed texts --input prompts.txt` writes the former.")
    }
  }

  /// The rows of prompts, in their order. Prompts that stand several times in the file take the first.
  /// - Throws: `EvalError.malformedData` naming prompts that are not there.
  package static func features(
    of prompts: [String], in table: FeatureTable
  ) throws(EvalError) -> Matrix {
    guard let texts = table.ids else {
      throw EvalError(
        .malformedData, "expected the text of each row: in ids, ids.txt or metadata's caption",
        subject: table.parts.first?.file.path)
    }
    let row = Dictionary(
      texts.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let missing = prompts.filter { row[$0] == nil }
    if let first = missing.first {
      throw EvalError(
        .malformedData,
        "\(missing.count) of \(prompts.count) prompts have no row, the first \"\(first)\"",
        subject: table.parts.first?.file.path,
        remedy:
          NearMiss.hint(for: first, among: Array(texts.prefix(1000)))
          ?? "Embed the prompts of the suite's class names and templates.")
    }
    return table.rows(prompts.compactMap { row[$0] })
  }

  /// A classifier's rows in the order of the dataset's classes: by name where the file names its rows, else in the
  /// order of the class-name set.
  ///
  /// - Throws: `EvalError.malformedData` for a class without a row, a row that two classes claim, or another number of
  ///   rows than the set has classes.
  package static func classifier(
    _ table: FeatureTable, classes: [DatasetClass], names set: PromptSet, join: ClassJoin
  ) throws(EvalError) -> Matrix {
    let place = table.parts.first?.file.path
    guard let rowNames = table.ids ?? table.classIDs else {
      guard table.count == set.classes.count else {
        throw EvalError(
          .malformedData,
          "expected \(set.classes.count) rows, one for each class of \(set.reference); found \(table.count)",
          subject: place, remedy: "Name the rows in classes.txt, one class id a line.")
      }
      return table.rows(join.positions)
    }
    guard rowNames.count == table.count else {
      throw EvalError(
        .malformedData, "expected \(table.count) class ids, one a row, found \(rowNames.count)",
        subject: place)
    }
    let rows = try rowsOfClasses(rowNames, classes: classes, join: join, place: place)
    return table.rows(rows)
  }

  private static func rowsOfClasses(
    _ rowNames: [String], classes: [DatasetClass], join: ClassJoin, place: String?
  ) throws(EvalError) -> [Int] {
    var byName: [String: [Int]] = [:]
    for (row, name) in rowNames.enumerated() { byName[normalized(name), default: []].append(row) }
    var owner: [Int: String] = [:]
    var rows: [Int] = []
    for (entry, names) in zip(classes, join.names) {
      // The id first: two classes may share a name.
      let found =
        ([[entry.id], [entry.name], names] as [[String]]).lazy
        .map { Set($0.flatMap { byName[normalized($0)] ?? [] }) }.first { !$0.isEmpty } ?? []
      guard found.count == 1, let row = found.first else {
        throw EvalError(
          .malformedData,
          found.isEmpty
            ? "no row is named for the class \(entry.id) (\(names.joined(separator: ", ")))"
            : "rows \(found.sorted().map(String.init).joined(separator: " and ")) are both named for the class \(entry.id)",
          subject: place, remedy: NearMiss.hint(for: entry.name, among: rowNames))
      }
      if let other = owner.updateValue(entry.id, forKey: row) {
        throw EvalError(
          .malformedData,
          "the row \"\(rowNames[row])\" is named for both classes \(other) and \(entry.id)",
          subject: place, remedy: "Name the rows by class ids.")
      }
      rows.append(row)
    }
    return rows
  }

  private static func normalized(_ text: String) -> String {
    text.lowercased().split { $0 == "_" || $0 == "-" || $0.isWhitespace }.joined(separator: " ")
  }
}
