import Core
import Foundation
import TensorFiles
import TestSupport
import Testing

private let fixtures = TestPaths.fixtures.appending(path: "parquet")

/// Files by pyarrow, with what pyarrow reads from them (Tools/make-parquet-fixtures.py).
@Suite struct ParquetTests {
  private struct Expected: Decodable {
    var rows: Int
    var labels: [Int?]
    /// First eight digits of SHA-256.
    var images: [String?]
    var paths: [String?]
  }

  private let expected: [String: Expected]

  init() throws {
    expected = try JSONDecoder().decode(
      [String: Expected].self, from: Data(contentsOf: fixtures.appending(path: "expected.json")))
  }

  private static let readable =
    ["none", "snappy", "gzip", "zstd"].flatMap { codec in
      ["v1-dict", "v1-plain", "v2-dict", "v2-plain"].map { "\(codec)-\($0).parquet" }
    } + [
      "pages.parquet", "shared.parquet", "nulls.parquet", "no-nulls-in-schema.parquet",
      "delta.parquet", "delta-long.parquet", "checksums.parquet",
    ]

  private func images(_ file: ParquetFile, cache: ParquetPageCache = ParquetPageCache()) throws
    -> ParquetBlobColumn
  {
    let column = try #require(file.column(["image", "bytes"]) ?? file.column(["jpg"]))
    return try ParquetBlobColumn(column, of: file, cache: cache)
  }

  @Test(arguments: readable) func readsWhatPyarrowReads(name: String) throws {
    let expected = try #require(expected[name])
    let file = try ParquetFile(contentsOf: fixtures.appending(path: name))
    #expect(file.rowCount == expected.rows)
    let labels = try #require(file.column(["label"]) ?? file.column(["cls"]))
    #expect(try file.integers(labels) == expected.labels)
    if let paths = file.column(["image", "path"]) {
      #expect(try file.texts(paths) == expected.paths)
    }
    // Backwards, and with room for one page only: nothing may depend on the order or on what is kept.
    for cache in [ParquetPageCache(), ParquetPageCache(budget: 0)] {
      let images = try images(file, cache: cache)
      #expect(images.rowCount == expected.rows)
      for row in (0..<expected.rows).reversed() {
        if let hash = expected.images[row] {
          let found = try images.withBytes(of: row) { SHA256.hash($0).hex.prefix(8) }
          #expect(found == hash, "row \(row)")
        } else {
          let error = #expect(throws: EvalError.self) { try images.withBytes(of: row) { $0.count } }
          #expect(error?.message == "column image.bytes is null here")
          #expect(error?.subject?.hasSuffix("nulls.parquet, row \(row)") == true)
        }
      }
    }
  }

  @Test func threadsShareAColumn() async throws {
    let expected = try #require(expected["pages.parquet"])
    let file = try ParquetFile(contentsOf: fixtures.appending(path: "pages.parquet"))
    let images = try images(file, cache: ParquetPageCache(budget: 1000))
    let hashes = try await withThrowingTaskGroup(of: (Int, String).self) { group in
      for row in 0..<expected.rows {
        group.addTask {
          (row, try images.withBytes(of: row) { String(SHA256.hash($0).hex.prefix(8)) })
        }
      }
      return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    #expect((0..<expected.rows).map { hashes[$0] } == expected.images)
  }

  /// A page's bytes in the file lie after those of the pages before it.
  @Test func extentsAreThoseOfPages() throws {
    let file = try ParquetFile(contentsOf: fixtures.appending(path: "pages.parquet"))
    let images = try images(file)
    let extents = (0..<45).map(images.extent)
    #expect(Set(extents).count > 10)
    #expect(
      zip(extents, extents.dropFirst()).allSatisfy { $0 == $1 || $0.upperBound <= $1.lowerBound })
    #expect(images.extent(of: 45).isEmpty)
  }

  @Test func columnsAndMetadata() throws {
    let file = try ParquetFile(contentsOf: fixtures.appending(path: "pages.parquet"))
    #expect(file.columns.map(\.name) == ["image.bytes", "image.path", "label"])
    #expect(file.columns.map(\.type) == [.byteArray, .byteArray, .int64])
    #expect(file.keyValues["huggingface"]?.hasPrefix(#"{"info": {"features""#) == true)
    let error = #expect(throws: EvalError.self) { try file.integers(file.columns[0]) }
    #expect(
      error?.message
        == "expected column image.bytes to hold INT32 or INT64, found BYTE_ARRAY")
  }

  @Test(arguments: [
    ("lz4.parquet", "LZ4"), ("delta-bytes.parquet", "DELTA_LENGTH_BYTE_ARRAY"),
  ]) func refusesByName(file: String, what: String) throws {
    let parquet = try ParquetFile(contentsOf: fixtures.appending(path: file))
    let error = #expect(throws: EvalError.self) {
      try images(parquet).withBytes(of: 0) { $0.count }
    }
    #expect(error?.kind == .malformedData)
    #expect(error?.message.contains(what) == true)
  }

  @Test func aFlippedBitBreaksThePageChecksum() throws {
    let folder = try TemporaryFolder()
    var data = try Data(contentsOf: fixtures.appending(path: "checksums.parquet"))
    let png = try #require(data.firstRange(of: Data("IHDR".utf8)))
    data[png.lowerBound] ^= 1
    let url = folder.url.appending(path: "x.parquet")
    try data.write(to: url)
    let error = #expect(throws: EvalError.self) {
      try images(ParquetFile(contentsOf: url)).withBytes(of: 0) { $0.count }
    }
    #expect(error?.message == "the page does not match its checksum")
  }

  @Test(arguments: [
    ("", "byte 0"), ("PAR1PAR1", "byte 0"), ("PAR1\0\0\0\0PARE", "byte 8"),
    ("PAR1\0\0\0\0PARX", "byte 8"), ("PAR1\u{1}\0\0\0PAR1", "byte 4"),
    ("PAR1\0\0\0\0PAR1", "byte 4"),
    ("PAR1\0\u{1}\0\0\0PAR1", "x.parquet"),
  ]) func refusesOtherFiles(text: String, place: String) throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appending(path: "x.parquet")
    try Data(text.utf8).write(to: url)
    let error = #expect(throws: EvalError.self) { try ParquetFile(contentsOf: url) }
    #expect(error?.kind == .malformedData)
    #expect(error?.subject?.hasSuffix(place) == true)
  }

  /// Every damaged file is read or refused as malformed; the process surviving is most of the test.
  @Test func mutatedFilesAreReadOrRefused() throws {
    // More with CLIP_EVAL_MUTATIONS, to look for new ways to fall over.
    let wanted =
      ProcessInfo.processInfo.environment["CLIP_EVAL_MUTATIONS"].flatMap { Int($0) } ?? 15
    let folder = try TemporaryFolder()
    let url = folder.url.appending(path: "x.parquet")
    var random = SplitMix(state: 20_250_701)
    var (read, refused) = (0, 0)
    for name in Self.readable {
      let original = [UInt8](try Data(contentsOf: fixtures.appending(path: name)))
      for round in 0..<wanted {
        var bytes = original
        for _ in 0...Int.random(in: 0..<4, using: &random) {
          let at = Int.random(in: 0..<bytes.count, using: &random)
          switch Int.random(in: 0..<6, using: &random) {
          case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
          case 1: bytes[at] = [0, 1, 0x7F, 0x80, 0xFF][Int.random(in: 0..<5, using: &random)]
          case 2: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
          case 3: bytes.insert(0xFF, at: at)
          case 4: bytes.remove(at: at)
          // The footer and page headers are small against the images: aim at them as well.
          default:
            let near = max(0, bytes.count - 700)
            bytes[Int.random(in: near..<bytes.count, using: &random)] ^= 0x55
          }
        }
        if round % 8 == 7 { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
        try Data(bytes).write(to: url)
        do {
          let file = try ParquetFile(contentsOf: url)
          for column in file.columns where column.maxRepetition == 0 {
            if column.type == .byteArray {
              let blobs = try ParquetBlobColumn(column, of: file, cache: ParquetPageCache())
              for row in stride(from: 0, to: min(blobs.rowCount, 300), by: 3) {
                _ = try? blobs.withBytes(of: row) { $0.count }
              }
              _ = try file.texts(column)
            } else {
              _ = try file.integers(column)
            }
          }
          read += 1
        } catch let error as EvalError where error.kind == .malformedData {
          refused += 1
        }
      }
    }
    // Both happen, so the mutations are neither harmless nor always fatal at the first byte.
    #expect(read > Self.readable.count && refused > 10 * Self.readable.count)
  }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers in every run.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
