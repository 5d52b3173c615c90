import Core
package import Foundation

/// The values of a BYTE_ARRAY column one at a time, without ever holding more than a few of its pages.
///
/// Making one reads page headers only. Rows near each other share a page, so unpacked pages are kept in a cache
/// for the next reader, whichever thread it is on.
package final class ParquetBlobColumn: Sendable {
  package let url: URL
  package let column: ParquetColumn
  package let rowCount: Int
  private let cache: ParquetPageCache
  /// In the cache.
  private let id: Int
  private let pages: [Page]
  /// One for each row group.
  private let chunks: [(chunk: ParquetFile.Chunk, dictionary: ParquetPage?)]

  private struct Page: Sendable {
    var page: ParquetPage
    /// Counted from the file's first row.
    var rows: Range<Int>
    /// Of its row group.
    var group: Int
  }

  /// - Parameter cache: may serve any number of columns.
  /// - Throws: `EvalError.malformedData` with file and byte.
  package init(_ column: ParquetColumn, of parquet: ParquetFile, cache: ParquetPageCache) throws {
    try parquet.check(column, types: [.byteArray])
    let file = try PositionedFile(parquet.url)
    var pages: [Page] = []
    var chunks: [(chunk: ParquetFile.Chunk, dictionary: ParquetPage?)] = []
    var first = 0
    for (number, group) in parquet.rowGroups.enumerated() {
      let chunk = group.chunks[column.index]
      if case .other(let name) = ParquetCodec(chunk.codec) {
        throw EvalError(
          .malformedData,
          "column \(column.name): compression with \(name) is not read (Snappy, gzip and Zstandard are)",
          subject: "\(parquet.url.path), byte \(chunk.start)",
          remedy: "Write the file again with another compression.")
      }
      let found = try ParquetChunkPages(chunk, in: file)
      chunks.append((chunk, found.dictionary))
      pages += found.data.map { page, rows in
        Page(page: page, rows: first + rows.lowerBound..<first + rows.upperBound, group: number)
      }
      first += group.rowCount
    }
    url = parquet.url
    self.column = column
    rowCount = first
    self.cache = cache
    id = cache.newColumn()
    self.pages = pages
    self.chunks = chunks
  }

  /// Calls `body` with a row's bytes, which are valid during the call only.
  /// - Throws: `EvalError.malformedData` when the value is null or its page damaged, `.notFound` when the file is gone.
  package func withBytes<Result>(
    of row: Int, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    let number = try page(of: row)
    let page = pages[number]
    let blobs = try cache.value(.init(column: id, page: number)) { try self.decode(page) }
    guard let range = blobs.ranges[row - page.rows.lowerBound] else {
      throw EvalError(
        .malformedData, "column \(column.name) is null here", subject: "\(url.path), row \(row)")
    }
    guard let storage = try blobs.storage ?? dictionary(page.group)?.storage else {
      throw EvalError(.bug, "values without their memory", subject: "\(url.path), row \(row)")
    }
    return try storage[range].withUnsafeBytes(body)
  }

  /// The bytes of the file that hold a row's page; empty for a row that there is not.
  package func extent(of row: Int) -> Range<Int> {
    guard let page = try? pages[page(of: row)].page else { return 0..<0 }
    return page.headerOffset..<page.bodyOffset + page.compressedSize
  }

  private func decode(_ page: Page) throws -> ParquetBlobs {
    try reader(page.group).byteArrays(page.page) { try dictionary(page.group) }
  }

  /// Nil where the row group has none.
  private func dictionary(_ group: Int) throws -> ParquetBlobs? {
    guard let page = chunks[group].dictionary else { return nil }
    // Dictionaries have the numbers below zero.
    return try cache.value(.init(column: id, page: ~group)) {
      try reader(group).byteArrayDictionary(page)
    }
  }

  private func reader(_ group: Int) throws -> ParquetColumnReader {
    ParquetColumnReader(column, in: chunks[group].chunk, of: try PositionedFile(url))
  }

  private func page(of row: Int) throws -> Int {
    var (low, high) = (0, pages.count)
    while low < high {
      let middle = (low + high) / 2
      if pages[middle].rows.upperBound <= row { low = middle + 1 } else { high = middle }
    }
    guard low < pages.count, pages[low].rows.contains(row) else {
      throw EvalError(.bug, "no row \(row) in \(rowCount)", subject: url.path)
    }
    return low
  }
}
