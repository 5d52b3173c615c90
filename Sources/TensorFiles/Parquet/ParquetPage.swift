import Core

/// A page of a column: what its header says, and where its body lies in the file.
struct ParquetPage: Sendable {
  enum Kind: Sendable, Equatable {
    case data
    /// With the bytes of definition and repetition levels that precede the values, uncompressed.
    case data2(definitionBytes: Int, repetitionBytes: Int, isCompressed: Bool)
    case dictionary
    /// An index, or a kind of page to come: passed over.
    case other
  }

  var kind: Kind
  var headerOffset: Int
  var bodyOffset: Int
  var compressedSize: Int
  var uncompressedSize: Int
  /// Nulls included.
  var valueCount: Int
  var encoding: Int
  /// Of a `data` page: 3 for RLE.
  var levelEncoding: Int
  var crc: Int?

  /// Most bytes a page may unpack to; those of image datasets hold tens to a hundred megabytes.
  static let largest = 1 << 30

  /// Reads the header at `offset`, whose page must end by `end`.
  init(in file: PositionedFile, at offset: Int, end: Int) throws {
    // Headers take some thirty bytes, more where they hold the smallest and largest value.
    for window in [1 << 9, 1 << 14, 1 << 20] {
      let count = min(window, end - offset)
      var reader = ThriftCompactReader(
        try file.read(at: offset, count: count), base: offset, path: file.url.path)
      do {
        var header = Header()
        try reader.structure { try header.read(&$0, $1) }
        try self.init(header, at: offset, headerCount: reader.position, end: end) {
          reader.fail($0)
        }
        return
      } catch {
        if count == end - offset || window == 1 << 20 { throw error }
      }
    }
    throw EvalError(.bug, "no page header was read", subject: file.url.path)
  }

  private init(
    _ header: Header, at offset: Int, headerCount: Int, end: Int, fail: (String) -> EvalError
  ) throws {
    headerOffset = offset
    bodyOffset = offset + headerCount
    compressedSize = header.compressedSize
    uncompressedSize = header.uncompressedSize
    valueCount = header.valueCount
    encoding = header.encoding
    levelEncoding = header.levelEncoding
    crc = header.crc
    switch header.type {
    case 0: kind = .data
    case 2: kind = .dictionary
    case 3:
      kind = .data2(
        definitionBytes: header.definitionBytes, repetitionBytes: header.repetitionBytes,
        isCompressed: header.isCompressed)
    default: kind = .other
    }
    guard compressedSize >= 0, compressedSize <= end - bodyOffset else {
      throw fail("a page of \(compressedSize) bytes with \(end - bodyOffset) left in its column")
    }
    guard uncompressedSize >= 0, uncompressedSize <= Self.largest else {
      throw fail("a page of \(uncompressedSize) bytes; at most \(Self.largest) are read")
    }
    if kind == .other { return }
    guard valueCount >= 0, valueCount <= ParquetFile.mostRows, encoding >= 0 else {
      throw fail("a page of \(valueCount) values in encoding \(encoding)")
    }
    if case .data2(let definitions, let repetitions, _) = kind {
      guard definitions >= 0, repetitions >= 0, definitions <= compressedSize,
        repetitions <= compressedSize - definitions,
        definitions + repetitions <= uncompressedSize
      else { throw fail("levels of \(definitions) and \(repetitions) bytes do not fit the page") }
    }
  }

  /// parquet.thrift's `PageHeader` and the header of the kind in it.
  private struct Header {
    var type = -1
    var uncompressedSize = -1
    var compressedSize = -1
    var crc: Int?
    var valueCount = -1
    var encoding = -1
    var levelEncoding = 3
    var definitionBytes = -1
    var repetitionBytes = -1
    var isCompressed = true

    mutating func read(
      _ reader: inout ThriftCompactReader, _ field: ThriftCompactReader.Field
    ) throws {
      switch field.id {
      case 1: type = try reader.integer(field)
      case 2: uncompressedSize = try reader.integer(field)
      case 3: compressedSize = try reader.integer(field)
      case 4: crc = try reader.integer(field)
      case 5, 7:
        let isData = field.id == 5
        try reader.structure(in: field) { try readSimple(&$0, $1, isData: isData) }
      case 8: try reader.structure(in: field) { try readVersion2(&$0, $1) }
      default: try reader.skip(field.kind)
      }
    }

    private mutating func readSimple(
      _ reader: inout ThriftCompactReader, _ field: ThriftCompactReader.Field, isData: Bool
    ) throws {
      switch field.id {
      case 1: valueCount = try reader.integer(field)
      case 2: encoding = try reader.integer(field)
      case 3 where isData: levelEncoding = try reader.integer(field)
      default: try reader.skip(field.kind)
      }
    }

    private mutating func readVersion2(
      _ reader: inout ThriftCompactReader, _ field: ThriftCompactReader.Field
    ) throws {
      switch field.id {
      case 1: valueCount = try reader.integer(field)
      case 4: encoding = try reader.integer(field)
      case 5: definitionBytes = try reader.integer(field)
      case 6: repetitionBytes = try reader.integer(field)
      case 7: isCompressed = try reader.boolean(field)
      default: try reader.skip(field.kind)
      }
    }
  }
}

/// The pages of one column in one row group, found by hopping from header to header.
struct ParquetChunkPages: Sendable {
  var dictionary: ParquetPage?
  /// With the rows they hold, counted from the row group's first.
  var data: [(page: ParquetPage, rows: Range<Int>)] = []

  init(_ chunk: ParquetFile.Chunk, in file: PositionedFile) throws {
    guard chunk.valueCount > 0 else { return }
    var offset = chunk.start
    let end = chunk.start + chunk.compressedSize
    var rows = 0
    while rows < chunk.valueCount {
      guard offset < end else {
        throw EvalError(
          .malformedData,
          "the pages of column \(chunk.path.joined(separator: ".")) hold \(rows) of \(chunk.valueCount) values",
          subject: "\(file.url.path), byte \(offset)")
      }
      // A page takes a byte at least, so this comes to an end.
      let page = try ParquetPage(in: file, at: offset, end: end)
      func fail(_ message: String) -> EvalError {
        EvalError(.malformedData, message, subject: "\(file.url.path), byte \(offset)")
      }
      switch page.kind {
      case .dictionary:
        guard dictionary == nil, data.isEmpty else { throw fail("a second dictionary page") }
        dictionary = page
      case .data, .data2:
        guard page.valueCount <= chunk.valueCount - rows else {
          throw fail(
            "a page of \(page.valueCount) values where \(chunk.valueCount - rows) are left")
        }
        if page.valueCount > 0 { data.append((page, rows..<rows + page.valueCount)) }
        rows += page.valueCount
      case .other: break
      }
      offset = page.bodyOffset + page.compressedSize
    }
  }
}
