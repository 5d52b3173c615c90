import Core
import Datasets
import DemoWorld
import Foundation
import Imaging
import TestSupport
import Testing

@Suite struct WorldWriterTests {
  private func files(below root: URL) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: root.path) {
      let url = root.appending(path: path)
      if !url.hasDirectoryPath, let data = FileManager.default.contents(atPath: url.path) {
        files[path] = data
      }
    }
    return files
  }

  @Test func secondWritingGivesTheSameBytes() throws {
    let temporary = try TemporaryFolder()
    let folder = temporary.url
    let roots = ["a", "b"].map { folder.appending(path: $0) }
    for root in roots { _ = try WorldWriter(World(), sizes: .tiny, root: root).write() }
    let (first, second) = (try files(below: roots[0]), try files(below: roots[1]))
    #expect(first.count > 2000)
    #expect(first == second)
    // Complete, and not to be written again.
    let writer = WorldWriter(World(), sizes: .tiny, root: roots[0])
    #expect(try writer.existing()?.corpusSHA256 != nil)
    let other = #expect(throws: EvalError.self) {
      try WorldWriter(World(seed: 1), sizes: .tiny, root: roots[0]).existing()
    }
    #expect(other?.kind == .cannotWrite && other?.message.contains("seed 2021") == true)
    // Who wants the evaluation sets alone is served by a folder that has more.
    var sizes = WorldSizes.tiny
    sizes.corpus = 0
    #expect(
      try WorldWriter(World(), sizes: sizes, root: roots[0]).existing() == writer.existing())
    sizes.scenes += 1
    #expect(try WorldWriter(World(), sizes: sizes, root: roots[0]).existing() == nil)
  }

  @Test func nothingOfAnotherWorldStays() throws {
    let temporary = try TemporaryFolder()
    var sizes = WorldSizes.tiny
    sizes.corpus = 0
    _ = try WorldWriter(World(), sizes: sizes, root: temporary.url).write()
    let stale = [
      "DemoNet-A/n90000000/n90000000_999.JPEG", "DemoDigits/raw/train-images-idx3-ubyte.gz",
      "corpus/00007.tar",
    ].map { temporary.url.appending(path: $0) }
    for url in stale { try AtomicFile.write("of another world", to: url) }
    _ = try WorldWriter(World(), sizes: sizes, root: temporary.url).write()
    for url in stale { #expect(!FileManager.default.fileExists(atPath: url.path), "\(url.path)") }
  }

  @Test func ordinaryAdaptersReadTheSets() throws {
    let temporary = try TemporaryFolder()
    let folder = temporary.url
    var sizes = WorldSizes.tiny
    sizes.corpus = 0
    _ = try WorldWriter(World(), sizes: sizes, root: folder).write()
    let broad = try ImageFolder(id: "DemoNet").index(
      root: folder.appending(path: "DemoNet"), split: "val")
    #expect(broad.classes.map(\.id) == World.classes.map(\.id))
    #expect(broad.samples.count == 400)
    let subset = try ImageFolder(id: "DemoNet-R").index(
      root: folder.appending(path: "DemoNet-R"), split: "all")
    #expect(subset.classes.map(\.id) == World.classes.filter(\.isInSubset).map(\.id))
    let counts = try FileList(id: "DemoCounts").index(
      root: folder.appending(path: "DemoCounts"), split: "val")
    #expect(counts.classes.map(\.id) == (1...8).map(String.init))
    #expect(counts.samples.count == 80)
  }

  @Test func plantedCopiesAreListedWithImagesThatAreThere() throws {
    let temporary = try TemporaryFolder()
    let folder = temporary.url
    _ = try WorldWriter(World(), sizes: .tiny, root: folder).write()
    let list = try String(contentsOf: folder.appending(path: "corpus/planted.csv"), encoding: .utf8)
    let rows = list.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
    #expect(rows[0] == ["key", "set", "path", "change", "mild", "quality"])
    #expect(rows.count == 1 + 500 / 250)
    for row in rows.dropFirst() {
      #expect((Int(row[0]) ?? 0) % 250 == 97)
      let ending = row[1].hasPrefix("DemoNet") ? "JPEG" : "jpg"
      #expect(
        FileManager.default.fileExists(
          atPath: folder.appending(path: "\(row[1])/\(row[2]).\(ending)").path))
    }
  }
}
