import Core

/// Decodes the pages of one column in one row group.
struct ParquetColumnReader {
  let file: PositionedFile
  let column: ParquetColumn
  let codec: ParquetCodec

  init(_ column: ParquetColumn, in chunk: ParquetFile.Chunk, of file: PositionedFile) {
    self.file = file
    self.column = column
    codec = ParquetCodec(chunk.codec)
  }

  private func body(_ page: ParquetPage) throws -> ParquetPageBody {
    try ParquetPageBody(page, of: column, codec: codec, in: file)
  }

  private func refusal(_ page: ParquetPage, _ body: ParquetPageBody) -> EvalError {
    body.fail("\(column.type.name) values in \(ParquetEncoding.name(page.encoding)) are not read")
  }

  private func noDictionary(_ body: ParquetPageBody) -> EvalError {
    body.fail("dictionary indices, but the column has no dictionary page")
  }

  // MARK: - Byte arrays

  /// The values of a dictionary page.
  func byteArrayDictionary(_ page: ParquetPage) throws -> ParquetBlobs {
    let body = try body(page)
    // PLAIN; format 1 also calls it PLAIN_DICTIONARY.
    guard [.plain, .dictionary].contains(ParquetEncoding(page.encoding)) else {
      throw refusal(page, body)
    }
    return ParquetBlobs(storage: body.values, ranges: try body.byteArrays())
  }

  /// One value for each row of a data page.
  func byteArrays(_ page: ParquetPage, dictionary: () throws -> ParquetBlobs?) throws
    -> ParquetBlobs
  {
    let body = try body(page)
    switch ParquetEncoding(page.encoding) {
    case .plain:
      return ParquetBlobs(
        storage: body.values, ranges: Self.rows(try body.byteArrays(), body.isPresent))
    case .dictionary:
      guard let dictionary = try dictionary() else { throw noDictionary(body) }
      let indices = try body.dictionaryIndices(count: dictionary.ranges.count)
      return ParquetBlobs(
        storage: nil,
        ranges: Self.rows(indices.map { dictionary.ranges[$0] }, body.isPresent))
    default: throw refusal(page, body)
    }
  }

  // MARK: - Integers

  func integerDictionary(_ page: ParquetPage) throws -> [Int] {
    let body = try body(page)
    guard [.plain, .dictionary].contains(ParquetEncoding(page.encoding)) else {
      throw refusal(page, body)
    }
    return try body.integers(width: column.type == .int32 ? 4 : 8)
  }

  /// One value for each row of a data page, nil for nulls.
  func integers(_ page: ParquetPage, dictionary: [Int]?) throws -> [Int?] {
    let body = try body(page)
    let values: [Int]
    switch ParquetEncoding(page.encoding) {
    case .plain: values = try body.integers(width: column.type == .int32 ? 4 : 8)
    case .deltaBinaryPacked:
      values = try ParquetDelta.decode(body.values, count: body.presentCount, fail: body.fail)
    case .dictionary:
      guard let dictionary else { throw noDictionary(body) }
      values = try body.dictionaryIndices(count: dictionary.count).map { dictionary[$0] }
    default: throw refusal(page, body)
    }
    return Self.rows(values, body.isPresent)
  }

  /// Puts the values that are there in their rows.
  private static func rows<Value>(_ values: [Value?], _ isPresent: [Bool]?) -> [Value?] {
    guard let isPresent else { return values }
    var next = values.makeIterator()
    return isPresent.map { $0 ? next.next() ?? nil : nil }
  }
}

/// Byte arrays that share one piece of memory.
struct ParquetBlobs: Sendable {
  /// Nil for those that lie in the dictionary's memory, so that it is not kept by whoever keeps these.
  var storage: ArraySlice<UInt8>?
  /// Into the memory; nil for nulls.
  var ranges: [Range<Int>?]

  /// Memory it takes, for the cache.
  var size: Int { (storage?.count ?? 0) + ranges.count * MemoryLayout<Range<Int>?>.stride }
}
