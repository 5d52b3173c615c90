import Core
package import Foundation

/// The footer of a Parquet file (Apache Parquet format 2): its columns and where their pages lie.
///
/// Reads what image datasets are made of: columns without lists, of INT32, INT64 or BYTE_ARRAY, PLAIN or
/// dictionary-encoded (integers also DELTA_BINARY_PACKED), in pages of either version that are uncompressed or
/// compressed with Snappy, gzip or Zstandard. Everything else is refused by name when it is asked for.
package struct ParquetFile: Sendable {
  package let url: URL
  package let rowCount: Int
  /// In schema order.
  package let columns: [ParquetColumn]
  package let keyValues: [String: String]
  let rowGroups: [RowGroup]

  struct RowGroup: Sendable {
    var rowCount = 0
    /// One for each column.
    var chunks: [Chunk] = []
  }

  /// Where the pages of one column in one row group lie.
  struct Chunk: Sendable {
    var type = -1
    var path: [String] = []
    var codec = 0
    var valueCount = -1
    var compressedSize = -1
    var dataOffset = -1
    var dictionaryOffset: Int?
    var externalFile: String?

    /// Of the first page. Old writers leave a 0 where there is no dictionary.
    var start: Int {
      guard let dictionaryOffset, dictionaryOffset > 0 else { return dataOffset }
      return min(dictionaryOffset, dataOffset)
    }
  }

  /// Most rows one file may hold: bounds what a hostile footer can ask memory for.
  static let mostRows = 1 << 24
  private static let longestFooter = 1 << 26
  private static let magic = Array("PAR1".utf8)

  /// - Throws: `EvalError.notFound` when the file cannot be opened, `.malformedData` with the byte offset when it is
  ///   no Parquet file, encrypted, damaged or cut short.
  package init(contentsOf url: URL) throws {
    let file = try PositionedFile(url)
    func fail(_ message: String, at offset: Int) -> EvalError {
      EvalError(
        .malformedData, message, subject: "\(url.path), byte \(offset)",
        remedy: "The file may be cut short; fetch it again.")
    }
    guard file.count >= 12, try file.read(at: 0, count: 4) == Self.magic else {
      throw fail("expected a Parquet file, which begins with PAR1", at: 0)
    }
    let tail = try file.read(at: file.count - 8, count: 8)
    guard tail[4...].elementsEqual(Self.magic) else {
      let isEncrypted = tail[4...].elementsEqual(Array("PARE".utf8))
      throw fail(
        isEncrypted
          ? "the file is encrypted, which is not read" : "expected PAR1 at the end of the file",
        at: file.count - 4)
    }
    let count = tail[..<4].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard count <= file.count - 12, count <= Self.longestFooter else {
      throw fail("a footer of \(count) bytes in a file of \(file.count)", at: file.count - 8)
    }
    let start = file.count - 8 - count
    var reader = ThriftCompactReader(
      try file.read(at: start, count: count), base: start, path: url.path)
    let footer = try Footer(&reader)
    columns = try ParquetSchema.columns(footer.schema, path: url.path)
    try footer.check(columns: columns, dataEnd: start) { fail($0, at: start) }
    self.url = url
    rowCount = footer.rowCount
    rowGroups = footer.rowGroups
    keyValues = footer.keyValues
  }

  /// The column with this path.
  package func column(_ path: [String]) -> ParquetColumn? { columns.first { $0.path == path } }
}
