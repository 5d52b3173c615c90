/// Physical types of Parquet's columns (parquet.thrift, `Type`).
package enum ParquetType: Int, Sendable {
  case boolean, int32, int64, int96, float, double, byteArray, fixedLengthByteArray

  /// As the specification spells it.
  package var name: String {
    switch self {
    case .boolean: "BOOLEAN"
    case .int32: "INT32"
    case .int64: "INT64"
    case .int96: "INT96"
    case .float: "FLOAT"
    case .double: "DOUBLE"
    case .byteArray: "BYTE_ARRAY"
    case .fixedLengthByteArray: "FIXED_LEN_BYTE_ARRAY"
    }
  }
}

/// How a page's values are laid out (parquet.thrift, `Encoding`).
enum ParquetEncoding: Equatable {
  case plain
  /// PLAIN_DICTIONARY and RLE_DICTIONARY: the data are the same.
  case dictionary
  case deltaBinaryPacked
  case other(Int)

  init(_ code: Int) {
    switch code {
    case 0: self = .plain
    case 2, 8: self = .dictionary
    case 5: self = .deltaBinaryPacked
    default: self = .other(code)
    }
  }

  static func name(_ code: Int) -> String {
    let names = [
      "PLAIN", "encoding 1", "PLAIN_DICTIONARY", "RLE", "BIT_PACKED", "DELTA_BINARY_PACKED",
      "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY", "RLE_DICTIONARY", "BYTE_STREAM_SPLIT",
    ]
    return names.indices.contains(code) ? names[code] : "encoding \(code)"
  }
}

/// How pages are compressed (parquet.thrift, `CompressionCodec`).
enum ParquetCodec: Equatable {
  case uncompressed, snappy, gzip, zstd
  /// LZO, Brotli, LZ4 and what may come.
  case other(String)

  init(_ code: Int) {
    switch code {
    case 0: self = .uncompressed
    case 1: self = .snappy
    case 2: self = .gzip
    case 3: self = .other("LZO")
    case 4: self = .other("BROTLI")
    case 5: self = .other("LZ4")
    case 6: self = .zstd
    case 7: self = .other("LZ4_RAW")
    default: self = .other("codec \(code)")
    }
  }
}

/// A column that holds values: a leaf of the schema.
package struct ParquetColumn: Sendable, Equatable {
  /// Names from the top of the schema: `["image", "bytes"]`.
  package var path: [String]
  package var type: ParquetType
  /// Position among the leaves, and so in every row group.
  var index: Int
  /// Number of optional (and repeated) levels; a value is there where its definition level equals it.
  var maxDefinition: Int
  /// Lists have more than 0.
  package var maxRepetition: Int

  package var name: String { path.joined(separator: ".") }
}
