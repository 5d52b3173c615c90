import Core
import Foundation
import Imaging
import Overlap
import TestSupport
import Testing

struct ImageSearchTests {
  let expected: Expected
  let queries: ImageCollection
  let references: ImageCollection

  init() throws {
    expected = try Expected()
    queries = try ImageCollection(folder: Expected.folder.appending(path: "queries"))
    references = try ImageCollection(folder: Expected.folder.appending(path: "references"))
  }

  @Test("perceptual hashes are those of Pillow and SciPy, bit for bit")
  func hashes() throws {
    let reader = try ThumbnailReader()
    var pixels = [UInt8](repeating: 0, count: Thumbnail.byteCount)
    #expect(expected.hashes.count == 20)
    for (name, hashes) in expected.hashes {
      let fault = try pixels.withUnsafeMutableBufferPointer {
        try reader.read(
          .file(Expected.folder.appending(path: name)), into: #require($0.baseAddress))
      }
      #expect(fault == nil)
      for (kind, key) in [(PerceptualHash.bits64, "phash-64"), (.bits256, "phash-256")] {
        let words = kind.hash(thumbnail: pixels).map { word in
          String(repeating: "0", count: word.leadingZeroBitCount / 4 - (word == 0 ? 1 : 0))
            + String(word, radix: 16)
        }
        #expect(words == hashes[key], "\(name) \(key)")
      }
    }
  }

  private func pairs(
    _ detector: Detector, threshold: Double? = nil, threads: Int = 2
  ) throws -> [String: String] {
    let outcome = try ImageSearch(
      thresholds: [detector: threshold ?? detector.defaultThreshold], topK: 3, threads: threads
    ).find(queries, in: references)
    #expect(outcome.queries.isEmpty && outcome.references.isEmpty)
    let matches = try #require(outcome.matches[detector])
    return Dictionary(
      matches.map { (references.id($0.reference), queries.id($0.query)) }, uniquingKeysWith: +)
  }

  @Test("registered finds every planted copy and nothing else")
  func registered() throws {
    #expect(try pairs(.registered) == expected.planted)
  }

  @Test("hashes find copies that are not cropped or mirrored and nothing else")
  func hashPairs() throws {
    let upright = expected.planted.filter { !["cropped.jpg", "mirrored.jpg"].contains($0.key) }
    #expect(try pairs(.hash256) == upright)
    #expect(try pairs(.hash64) == upright)
  }

  @Test("cells find copies in views, and rank each copy first")
  func cells() throws {
    let found = try pairs(.cells, threshold: 0.8)
    for (copy, original) in expected.planted { #expect(found[copy] == original) }
  }

  @Test("the number of threads changes nothing")
  func threads() throws {
    var search = ImageSearch(
      thresholds: Dictionary(uniqueKeysWithValues: Detector.ofImages.map { ($0, -1) }), topK: 4,
      threads: 1)
    search.candidates = 5
    let one = try search.find(queries, in: references)
    search.threads = 3
    let three = try search.find(queries, in: references)
    #expect(one.matches == three.matches)
    #expect(one.matches[.hash64]?.count == 4 * queries.count)
    // Best first, ties by number.
    for matches in one.matches.values {
      for (a, b) in zip(matches, matches.dropFirst()) where a.query == b.query {
        #expect(a.score > b.score || (a.score == b.score && a.reference < b.reference))
      }
    }
  }

  @Test("of a set and itself, every image finds itself with score 1")
  func identical() throws {
    let thresholds = Dictionary(
      uniqueKeysWithValues: Detector.ofImages.map { ($0, $0.defaultThreshold) })
    let outcome = try ImageSearch(thresholds: thresholds, topK: 1, threads: 2).find(
      queries, in: queries)
    for detector in Detector.ofImages {
      let matches = try #require(outcome.matches[detector])
      #expect(matches.map(\.query) == Array(0..<queries.count))
      #expect(matches.map(\.reference) == matches.map(\.query))
      #expect(matches.allSatisfy { abs($0.score - 1) < 1e-5 })
    }
    let first = ImageCollection(count: 1, id: queries.id, source: queries.source)
    let alone = try ImageSearch(thresholds: thresholds, topK: nil, threads: 2).find(
      first, in: first)
    for detector in Detector.ofImages { #expect(alone.matches[detector]?.count == 1) }
  }

  @Test("images that cannot be used are told by name, and the others compared")
  func faults() throws {
    let folder = try TemporaryFolder()
    let picture = Expected.folder.appending(path: "queries/picture-1.png")
    let bytes = try Data(contentsOf: picture)
    try bytes.write(to: folder.url.appending(path: "good.png"))
    try bytes.prefix(bytes.count / 2).write(to: folder.url.appending(path: "half.png"))
    try Data().write(to: folder.url.appending(path: "nothing.jpg"))
    try Data("P5 8 8 255\n".utf8 + [UInt8](repeating: 77, count: 64)).write(
      to: folder.url.appending(path: "plain.pgm"))
    let set = try ImageCollection(folder: folder.url)
    let outcome = try ImageSearch(
      thresholds: [.registered: 0.9, .hash64: 0.5, .cells: 0.5], topK: 3, threads: 2
    ).find(set, in: set)
    #expect(outcome.queries.map(\.id) == ["half.png", "nothing.jpg", "plain.pgm"])
    #expect(outcome.references == outcome.queries)
    #expect(outcome.queries.last?.reason.contains("no detail") == true)
    for detector in [Detector.registered, .hash64, .cells] {
      #expect(outcome.matches[detector]?.count == 1)
    }
    let bad = ImageCollection(count: 2, id: { set.id($0 + 1) }, source: { try set.source($0 + 1) })
    let error = #expect(throws: EvalError.self) {
      try ImageSearch(thresholds: [.hash64: 0.9], topK: 1, threads: 1).find(set, in: bad)
    }
    #expect(error?.kind == .malformedData && error?.subject == "half.png")
  }

  @Test("turned copies are found of pictures that are not square too", arguments: [(10.0, 0.6)])
  func turned(degrees: Double, threshold: Double) throws {
    let rotation = try #require(
      Alteration.all.first { $0.kind == .rotation && $0.strength == degrees })
    let copies = ImageCollection(count: queries.count, id: queries.id) { [queries] number in
      .raster(
        try rotation.applied(to: ImageDecoder.decode(queries.source(number)), seed: UInt64(number)))
    }
    let outcome = try ImageSearch(thresholds: [.registered: threshold], topK: 3, threads: 2).find(
      queries, in: copies)
    let matches = try #require(outcome.matches[.registered])
    #expect(matches.map(\.query) == Array(0..<queries.count))
    #expect(matches.map(\.reference) == matches.map(\.query))
  }

  @Test("a search for all pairs has an end")
  func bounded() throws {
    for detector in [Detector.cells, .hash64] {
      var search = ImageSearch(thresholds: [detector: -1], topK: nil, threads: 2)
      search.pairLimit = 8 * 12
      // Every pair once, whatever the views that found it.
      #expect(try search.find(queries, in: references).matches[detector]?.count == 8 * 12)
      search.pairLimit -= 1
      let error = #expect(throws: EvalError.self) { try search.find(queries, in: references) }
      #expect(error?.kind == .usage && error?.message.contains("more than 95 pairs") == true)
    }
  }

  @Test("several sets are one after the other")
  func joined() throws {
    let none = ImageCollection(count: 0, id: queries.id, source: queries.source)
    let both = ImageCollection(joining: [none, queries, none, references])
    #expect(both.count == 20)
    #expect(
      (0..<20).map(both.id)
        == (0..<8).map(queries.id) + (0..<12).map(references.id))
    let outcome = try ImageSearch(thresholds: [.hash256: 1], topK: 1, threads: 2).find(
      both, in: references)
    #expect(outcome.matches[.hash256]?.map(\.query) == Array(8..<20))
  }

  @Test("a search in nothing finds nothing")
  func empty() throws {
    let none = ImageCollection(count: 0, id: queries.id, source: queries.source)
    for (a, b) in [(queries, none), (none, queries)] {
      let outcome = try ImageSearch(
        thresholds: [.registered: 0.9, .hash256: 0.9], topK: 1, threads: 2
      ).find(a, in: b)
      #expect(outcome.matches.values.allSatisfy { $0.isEmpty })
    }
  }
}
