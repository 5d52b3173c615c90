import Core
import Foundation
import TensorFiles

/// The folder that `clip-retrieval inference` writes: `img_emb/img_emb_0.npy`, `text_emb/text_emb_0.npy` and
/// `metadata/metadata_0.parquet`, and so on, their numbers padded with zeros to one width where there are ten
/// parts or more. Rows of equal number in equal parts belong together.
struct ClipRetrievalParts {
  let arrays: [FeatureArray]
  let labels: [Int]?
  let ids: [String]?

  /// Columns that name an image (`image_path` is the writer's own; the others come from the images' JSON), and those
  /// that number its class.
  private static let idColumns = ["image_path", "id", "key", "__key__"]
  private static let labelColumns = ["label", "labels", "class", "cls", "target"]

  init(_ folder: URL, content: FeatureTable.Content) throws {
    let name = content == .images ? "img_emb" : "text_emb"
    let embeddings = try Self.parts(folder.appending(path: name), prefix: "\(name)_", "npy")
    guard !embeddings.isEmpty else {
      throw EvalError(
        .notFound, "expected parts \(name)_0.npy, …", subject: folder.appending(path: name).path)
    }
    arrays = try embeddings.map { try FeatureArray(npy: $0) }
    let metadataFolder = folder.appending(path: "metadata")
    guard isFolder(metadataFolder) else {
      labels = nil
      ids = nil
      return
    }
    let metadata = try Self.parts(metadataFolder, prefix: "metadata_", "parquet")
    guard metadata.count == embeddings.count else {
      throw EvalError(
        .malformedData,
        "expected metadata of \(embeddings.count) parts, as in \(name), found \(metadata.count)",
        subject: metadataFolder.path)
    }
    let tables = try zip(metadata, arrays).map { url, array in
      let table = try ParquetFile(contentsOf: url)
      guard table.rowCount == array.rows else {
        throw EvalError(
          .malformedData,
          "expected \(array.rows) rows, as in \(array.url.lastPathComponent), found \(table.rowCount)",
          subject: url.path)
      }
      return table
    }
    ids = try Self.texts(content == .images ? Self.idColumns : ["caption"], in: tables)
    labels = content == .images ? try Self.integers(Self.labelColumns, in: tables) : nil
  }

  /// The numbered files of a folder in the order of their numbers, which must be 0, 1, 2, ….
  private static func parts(_ folder: URL, prefix: String, _ type: String) throws -> [URL] {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    } catch {
      throw EvalError(.notFound, "expected a folder that can be listed", subject: folder.path)
    }
    var byNumber: [Int: String] = [:]
    for name in names where name.hasPrefix(prefix) && name.hasSuffix(".\(type)") {
      let digits = name.dropFirst(prefix.count).dropLast(type.count + 1)
      guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }),
        let number = Int(digits)
      else { continue }
      if let other = byNumber.updateValue(name, forKey: number) {
        throw EvalError(
          .malformedData, "\(min(name, other)) and \(max(name, other)) are both part \(number)",
          subject: folder.path)
      }
    }
    let numbers = byNumber.keys.sorted()
    if let last = numbers.last, last != numbers.count - 1 {
      let missing = Self.gaps(numbers)
      throw EvalError(
        .malformedData,
        "expected the parts 0 to \(last), found \(numbers.count) of them; missing: \(missing)",
        subject: folder.path, remedy: "Copy the missing files, or compute the features again.")
    }
    return numbers.compactMap { byNumber[$0] }.map { folder.appending(path: $0) }
  }

  /// The first few numbers that are left out, however large the largest is.
  private static func gaps(_ numbers: [Int]) -> String {
    var gaps: [String] = []
    var expected = 0
    for number in numbers {
      while expected < number, gaps.count < 5 {
        gaps.append("\(expected)")
        expected += 1
      }
      if gaps.count == 5 { return gaps.joined(separator: ", ") + ", …" }
      expected = number + 1
    }
    return gaps.joined(separator: ", ")
  }

  /// The first of these columns that every file has, as text, without a null.
  private static func texts(_ names: [String], in tables: [ParquetFile]) throws -> [String]? {
    guard let name = column(names, of: [.byteArray], in: tables) else { return nil }
    return try values(of: name, in: tables) { try $0.texts($1) }
  }

  private static func integers(_ names: [String], in tables: [ParquetFile]) throws -> [Int]? {
    guard let name = column(names, of: [.int32, .int64], in: tables) else { return nil }
    return try values(of: name, in: tables) { try $0.integers($1) }
  }

  private static func column(
    _ names: [String], of types: [ParquetType], in tables: [ParquetFile]
  ) -> String? {
    names.first { name in
      tables.allSatisfy { table in
        table.column([name]).map { types.contains($0.type) && $0.maxRepetition == 0 } ?? false
      }
    }
  }

  private static func values<Value>(
    of name: String, in tables: [ParquetFile],
    _ read: (ParquetFile, ParquetColumn) throws -> [Value?]
  ) throws -> [Value] {
    try tables.flatMap { table in
      guard let column = table.column([name]) else { return [Value]() }
      return try read(table, column).enumerated().map { row, value in
        guard let value else {
          throw EvalError(
            .malformedData, "column \(name) is null here", subject: "\(table.url.path), row \(row)")
        }
        return value
      }
    }
  }
}
