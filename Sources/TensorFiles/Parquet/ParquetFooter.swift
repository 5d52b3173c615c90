import Core

extension ParquetFile {
  /// parquet.thrift's `FileMetaData`, as far as it is used.
  struct Footer {
    var schema: [ParquetSchema.Element] = []
    var rowCount = -1
    var rowGroups: [RowGroup] = []
    var keyValues: [String: String] = [:]

    init(_ reader: inout ThriftCompactReader) throws {
      var footer = self
      try reader.structure { reader, field in
        switch field.id {
        case 2:
          var element = ParquetSchema.Element()
          try reader.structures(field) {
            try ParquetSchema.element(&$0, $1, into: &element)
          } end: {
            footer.schema.append(element)
            element = ParquetSchema.Element()
          }
        case 3: footer.rowCount = try reader.integer(field)
        case 4:
          var group = RowGroup()
          try reader.structures(field) {
            try Self.rowGroup(&$0, $1, into: &group)
          } end: {
            footer.rowGroups.append(group)
            group = RowGroup()
          }
        case 5:
          var pair: (key: String?, value: String?)
          try reader.structures(field) { reader, field in
            switch field.id {
            case 1: pair.key = try reader.text(field)
            case 2: pair.value = try reader.text(field)
            default: try reader.skip(field.kind)
            }
          } end: {
            if let key = pair.key, let value = pair.value { footer.keyValues[key] = value }
            pair = (nil, nil)
          }
        case 8: throw reader.fail("the file is encrypted, which is not read")
        default: try reader.skip(field.kind)
        }
      }
      self = footer
    }

    private static func rowGroup(
      _ reader: inout ThriftCompactReader, _ field: ThriftCompactReader.Field,
      into group: inout RowGroup
    ) throws {
      switch field.id {
      case 1:
        var chunk = Chunk()
        try reader.structures(field) { reader, field in
          switch field.id {
          case 1: chunk.externalFile = try reader.text(field)
          case 3: try reader.structure(in: field) { try Self.chunk(&$0, $1, into: &chunk) }
          default: try reader.skip(field.kind)
          }
        } end: {
          group.chunks.append(chunk)
          chunk = Chunk()
        }
      case 3: group.rowCount = try reader.integer(field)
      default: try reader.skip(field.kind)
      }
    }

    /// `ColumnMetaData`.
    private static func chunk(
      _ reader: inout ThriftCompactReader, _ field: ThriftCompactReader.Field,
      into chunk: inout Chunk
    ) throws {
      switch field.id {
      case 1: chunk.type = try reader.integer(field)
      case 3: chunk.path = try reader.texts(field)
      case 4: chunk.codec = try reader.integer(field)
      case 5: chunk.valueCount = try reader.integer(field)
      case 7: chunk.compressedSize = try reader.integer(field)
      case 9: chunk.dataOffset = try reader.integer(field)
      case 11: chunk.dictionaryOffset = try reader.integer(field)
      default: try reader.skip(field.kind)
      }
    }

    /// Holds the parts against each other, so that later code can rely on them.
    func check(columns: [ParquetColumn], dataEnd: Int, fail: (String) -> EvalError) throws {
      // Runs can make any number of equal rows out of a few bytes, but images take more than a byte each.
      guard rowCount >= 0, rowCount <= ParquetFile.mostRows, rowCount <= max(1 << 16, dataEnd)
      else {
        throw fail(
          "the footer announces \(rowCount) rows in \(dataEnd) bytes; at most \(ParquetFile.mostRows) are read"
        )
      }
      var left = rowCount
      for (number, group) in rowGroups.enumerated() {
        guard group.rowCount >= 0, group.rowCount <= left, group.chunks.count == columns.count
        else {
          throw fail("row group \(number) does not fit the file's rows or columns")
        }
        left -= group.rowCount
        for (column, chunk) in zip(columns, group.chunks) {
          let place = "column \(column.name) of row group \(number)"
          guard chunk.externalFile == nil else { throw fail("\(place) lies in another file") }
          guard chunk.type == column.type.rawValue, chunk.path == column.path else {
            throw fail("\(place) does not match the schema")
          }
          // Lists have more values than rows; their pages are never read.
          guard column.maxRepetition > 0 || chunk.valueCount == group.rowCount else {
            throw fail("\(place) has \(chunk.valueCount) values for \(group.rowCount) rows")
          }
          let isInside =
            chunk.start >= 4 && chunk.start <= dataEnd && chunk.compressedSize >= 0
            && chunk.compressedSize <= dataEnd - chunk.start
          guard isInside || group.rowCount == 0 else {
            throw fail("\(place) lies outside the file's data")
          }
        }
      }
      guard left == 0 else {
        throw fail("the row groups hold \(rowCount - left) rows, the file announces \(rowCount)")
      }
    }
  }
}
