import Core

extension ParquetFile {
  /// Every row's value of an INT32 or INT64 column, nil for nulls.
  /// - Throws: `EvalError.malformedData` with file, byte and column.
  package func integers(_ column: ParquetColumn) throws -> [Int?] {
    try check(column, types: [.int32, .int64])
    var values: [Int?] = []
    try forEachChunk(of: column) { reader, pages in
      let dictionary = try pages.dictionary.map(reader.integerDictionary)
      for (page, _) in pages.data {
        values += try reader.integers(page, dictionary: dictionary)
      }
    }
    return values
  }

  /// Every row's value of a BYTE_ARRAY column that holds UTF-8, nil for nulls.
  /// - Throws: `EvalError.malformedData` with file, byte and column; also for texts longer than any path.
  package func texts(_ column: ParquetColumn) throws -> [String?] {
    try check(column, types: [.byteArray])
    var values: [String?] = []
    try forEachChunk(of: column) { reader, pages in
      let dictionary = try pages.dictionary.map(reader.byteArrayDictionary)
      for (page, _) in pages.data {
        let blobs = try reader.byteArrays(page) { dictionary }
        let storage = blobs.storage ?? dictionary?.storage ?? []
        // Rows with one dictionary entry share its text: a small file may name it millions of times.
        var seen: [Int: String] = [:]
        for range in blobs.ranges {
          guard let range else {
            values.append(nil)
            continue
          }
          guard range.count <= Self.longestText else {
            throw EvalError(
              .malformedData,
              "column \(column.name): a text of \(range.count) bytes; at most \(Self.longestText) are read",
              subject: "\(url.path), byte \(page.headerOffset)")
          }
          let text = seen[range.lowerBound] ?? String(decoding: storage[range], as: UTF8.self)
          if blobs.storage == nil { seen[range.lowerBound] = text }
          values.append(text)
        }
      }
    }
    return values
  }

  private static let longestText = 4096

  private func forEachChunk(
    of column: ParquetColumn, _ body: (ParquetColumnReader, ParquetChunkPages) throws -> Void
  ) throws {
    let file = try PositionedFile(url)
    for group in rowGroups {
      let chunk = group.chunks[column.index]
      try body(
        ParquetColumnReader(column, in: chunk, of: file), ParquetChunkPages(chunk, in: file))
    }
  }

  /// That the column is this file's, without lists and of one of the types.
  func check(_ column: ParquetColumn, types: [ParquetType]) throws {
    guard columns.indices.contains(column.index), columns[column.index] == column else {
      throw EvalError(.bug, "column \(column.name) is of another file", subject: url.path)
    }
    guard column.maxRepetition == 0, types.contains(column.type) else {
      let found = column.maxRepetition > 0 ? "lists" : column.type.name
      throw EvalError(
        .malformedData,
        "expected column \(column.name) to hold \(types.map(\.name).joined(separator: " or ")), found \(found)",
        subject: url.path)
    }
  }
}
