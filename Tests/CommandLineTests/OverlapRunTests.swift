import Foundation
import Overlap
import TensorFiles
import TestSupport
import Testing

/// `overlap` from images and features on disk to its files.
@Suite struct OverlapRunTests {
  private let fixtures = TestPaths.fixtures.appending(path: "overlap")
  private let scratch: TemporaryFolder
  private let program: Program

  init() throws {
    scratch = try TemporaryFolder()
    program = try Program()
  }

  private func path(_ name: String) -> String { scratch.url.appending(path: name).path }

  private func planted() throws -> [String: String] {
    let data = try Data(contentsOf: fixtures.appending(path: "expected.json"))
    let json = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    return try #require(json["planted"] as? [String: String])
  }

  @Test("the planted copies of a folder of images: pairs, review page and record")
  func images() throws {
    let output = path("run")
    let result = try program(
      "overlap", "--query", fixtures.appending(path: "queries").path, "--reference",
      fixtures.appending(path: "references").path, "--output", output, "--threads", "2")
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.text.contains("registered") && result.text.contains("75.00 %"))
    let pairs = try PairsFile.read(URL(filePath: output).appending(path: "pairs.csv"))
    #expect(pairs.allSatisfy { $0.detector == "registered" })
    #expect(
      Dictionary(pairs.map { ($0.reference, $0.query) }, uniquingKeysWith: +) == (try planted()))
    let page = try String(
      contentsOf: URL(filePath: output).appending(path: "review.html"), encoding: .utf8)
    #expect(page.contains("picture-0.png") && page.contains("/9j/"))
    let record = try #require(
      JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(filePath: output).appending(path: "overlap.json")))
        as? [String: Any])
    #expect(record["kind"] as? String == "overlap" && record["pairs"] is NSNull)
    let query = try #require(record["query"] as? [String: Any])
    #expect(query["count"] as? Int == 8 && query["indexFingerprint"] is String)
    #expect(query["featuresSHA256"] is NSNull && (query["unusable"] as? [Any])?.isEmpty == true)
    let detectors = try #require(record["detectors"] as? [[String: Any]])
    #expect(detectors.count == 1 && detectors[0]["pairs"] as? Int == 6)
  }

  @Test("tar shards, a broken image in one, and CSV on standard output")
  func shards() throws {
    let folder = scratch.url.appending(path: "shards")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let copy = try Data(contentsOf: fixtures.appending(path: "references/recompressed.jpg"))
    try TarBytes.file([
      TarBytes.member("000.jpg", bytes: copy), TarBytes.member("000.txt", "a caption"),
      TarBytes.member("001.jpg", bytes: copy.prefix(60)),
    ]).write(to: folder.appending(path: "00000.tar"))
    let result = try program(
      "overlap", "--query", fixtures.appending(path: "queries").path, "--reference", folder.path,
      "--detector", "phash-256", "--quiet")
    #expect(result.code == 0, "\(result.errors)")
    let lines = result.text.split(whereSeparator: \.isNewline)
    #expect(lines.count == 2 && lines.first == "query,reference,score,detector")
    #expect(lines.last?.hasPrefix("picture-0.png,00000.tar#000.jpg,0.9") == true)
    #expect(result.errors.contains("not compared: 00000.tar#001.jpg"))
    #expect(result.errors.contains("1 of 2 reference images"))
  }

  @Test("feature files, and images beside them through a model")
  func features() throws {
    let (a, b) = (path("a.npy"), path("b.safetensors"))
    try NPYFile.write(shape: [2, 3], values: [1, 0, 0, 0, 1, 1], to: URL(filePath: a))
    try SafetensorsFile.write(
      [
        TensorPayload(name: "features", shape: [3, 3], floats: [0, 2, 2, 0, 1, 0, 0.5, 0, 0]),
        TensorPayload(name: "ids", type: .uint8, shape: [5], bytes: Data("x\ny\nz".utf8)),
      ], metadata: [:], to: URL(filePath: b))
    let result = try program(
      "overlap", "--query", a, "--reference", b, "--threshold", "0.7", "--json", "--quiet")
    #expect(result.code == 0, "\(result.errors)")
    let pairs = try #require(try result.json()["pairs"] as? [[String: Any]])
    #expect(
      pairs.map { "\($0["query"] ?? "")-\($0["reference"] ?? "")" }
        == ["row 0-z", "row 1-x", "row 1-y"])
    #expect(abs((pairs[2]["score"] as? Double ?? 0) - 0.5.squareRoot()) < 1e-9)
    let queries = fixtures.appending(path: "queries").path
    let images = try program(
      "overlap", "--query", queries, "--reference", queries, "--detector", "embedding",
      "--detector", "phash-64", "--model", Program.model, "--top-k", "1", "--json", "--quiet")
    #expect(images.code == 0, "\(images.errors)")
    let record = try images.json()
    let found = try #require(record["pairs"] as? [[String: Any]])
    #expect(
      found.count == 16 && found.allSatisfy { $0["query"] as? String == $0["reference"] as? String }
    )
    let embedding = try #require((record["detectors"] as? [[String: Any]])?.last)
    #expect(embedding["detector"] as? String == "embedding")
    #expect((embedding["weightsSHA256"] as? String)?.count == 64)
  }

  @Test("the detectors on altered copies, as Markdown, CSV and JSON")
  func evaluation() throws {
    let output = path("evidence")
    let result = try program(
      "overlap", "--evaluate", fixtures.appending(path: "queries").path, "--detector", "phash-64",
      "--limit", "4", "--output", output, "--quiet")
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.text.contains("| jpeg 75 | yes | 100.0 | 100.0 | 0.0 |"))
    for name in ["detectors.md", "detectors.csv", "detectors.json"] {
      #expect(FileManager.default.fileExists(atPath: "\(output)/\(name)"))
    }
  }

  /// A file of predictions as a run folder holds it.
  private func predictions(_ name: String, ids: [String], right: [Bool]) throws -> String {
    let file = scratch.url.appending(path: "\(name).safetensors")
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try SafetensorsFile.write(
      [
        TensorPayload(name: "label", shape: [ids.count], integers: ids.map { _ in 1 }),
        TensorPayload(name: "prediction", shape: [ids.count], integers: right.map { $0 ? 1 : 0 }),
      ], to: file)
    try Data(ids.map { $0 + "\n" }.joined().utf8).write(
      to: scratch.url.appending(path: "\(name).ids.txt"))
    return file.path
  }

  @Test("what duplicates do to accuracy: a search joined to predictions, tables and both panels")
  func effect() throws {
    let folder = scratch.url.appending(path: "images")
    try FileManager.default.copyItem(at: fixtures.appending(path: "queries"), to: folder)
    // Neither the search nor the evaluation can read it.
    try Data("junk".utf8).write(to: folder.appending(path: "broken.png"))
    let found = path("found")
    let search = try program(
      "overlap", "--query", folder.path, "--reference",
      fixtures.appending(path: "references").path, "--output", found, "--quiet")
    #expect(search.code == 0, "\(search.errors)")
    // Six are planted; of them five are right, of the two others one.
    let ids = (0..<8).map { "test/picture-\($0).png" }
    let copied = Set(try planted().values)
    let clean = ids.indices.filter { !copied.contains("picture-\($0).png") }
    let wrong = [clean[0], ids.indices.first { !clean.contains($0) }]
    let file = try predictions(
      "RUN/X/Set", ids: ids, right: ids.indices.map { !wrong.contains($0) })
    let output = path("effect")
    let result = try program(
      "overlap", "--pairs", found, "--predictions", file, "--output", output)
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.text.contains("| Set | 0.8 | 8 | 6 | 75.0 | 75.0 | 50.0 | 83.3 |"))
    for name in ["overlap-effect.md", "overlap-effect.csv", "overlap-summary.csv"] {
      #expect(FileManager.default.fileExists(atPath: "\(output)/\(name)"))
    }
    for name in ["overlap-difference-x", "overlap-change-x"] {
      #expect(FileManager.default.fileExists(atPath: "\(output)/figures/\(name).svg"))
    }
    let named = try program(
      "overlap", "--pairs", found, "--predictions", file, "--threshold", "0.9", "--threshold",
      "Set=1", "--quiet")
    #expect(named.text.contains("| Set | 1 | 8 | 0 | 0.0 |"), "\(named.text)\(named.errors)")
    func refused(_ arguments: [String], code: Int32, saying words: String) throws {
      let result = try program.run(["overlap", "--quiet"] + arguments)
      #expect(result.code == code && result.errors.contains(words), "\(result.errors)")
    }
    try refused(
      ["--pairs", found, "--predictions", file, "--threshold", "Sat=0.9"], code: 64, saying: "Sat")
    try refused(
      ["--pairs", found, "--predictions", file, "--threshold", "0.7"], code: 64,
      saying: "0.7 is below 0.8")
    let half = try predictions(
      "RUN/X/Half", ids: ids + ["more.png"], right: ids.map { _ in true } + [true])
    try refused(
      ["--pairs", found, "--predictions", half], code: 65, saying: "images that were searched for")
    try refused(["--pairs", path("RUN"), "--predictions", file], code: 66, saying: "overlap.json")
    // A folder of searches and one of predictions, joined by name.
    let many = scratch.url.appending(path: "many")
    try FileManager.default.createDirectory(at: many, withIntermediateDirectories: true)
    for name in ["Other", "Set"] {
      try FileManager.default.copyItem(
        at: URL(filePath: found), to: many.appending(path: name))
    }
    _ = try predictions("RUN/X/Other.test", ids: ids, right: ids.map { _ in true })
    let both = try program(
      "overlap", "--pairs", many.path, "--predictions", path("RUN/X"), "--threshold", "Set=1",
      "--quiet")
    #expect(both.text.contains("| Other.test | 0.8 | 8 | 6 |"), "\(both.text)\(both.errors)")
    #expect(both.text.contains("| Set | 1 | 8 | 0 |"))
    try refused(["--pairs", many.path, "--predictions", file], code: 64, saying: "folder")
    try FileManager.default.copyItem(at: URL(filePath: found), to: many.appending(path: "Zebra"))
    try refused(
      ["--pairs", many.path, "--predictions", path("RUN/X")], code: 66, saying: "Zebra")
  }

  @Test("several datasets in one search, each with what a search of its own finds")
  func datasets() throws {
    let root = TestPaths.fixtures.appending(path: "datasets")
    let found = path("found")
    let search = try program(
      "overlap", "--dataset", "CIFAR10", "--dataset", "STL10", "--data-root", root.path,
      "--reference", fixtures.appending(path: "references").path, "--detector", "phash-64",
      "--detector", "cells", "--threshold", "phash-64=0.3", "--threshold", "cells=0.2", "--output",
      found, "--quiet")
    #expect(search.code == 0, "\(search.errors)")
    var counts: [Int] = []
    for name in ["CIFAR10", "STL10"] {
      let record = try #require(
        JSONSerialization.jsonObject(
          with: Data(contentsOf: URL(filePath: "\(found)/\(name)/overlap.json")))
          as? [String: Any])
      let query = try #require(record["query"] as? [String: Any])
      let alone = try program(
        "overlap", "--dataset", name, "--data-root", root.path, "--reference",
        fixtures.appending(path: "references").path, "--detector", "phash-64", "--detector",
        "cells", "--threshold", "phash-64=0.3", "--threshold", "cells=0.2", "--output",
        path("alone"), "--quiet")
      #expect(alone.code == 0, "\(alone.errors)")
      // Apart from rounding of products in other blocks.
      func pairs(_ folder: String) throws -> [String] {
        try PairsFile.read(URL(filePath: "\(folder)/pairs.csv")).filter { $0.detector != "cells" }
          .map { "\($0)" }
      }
      #expect(try pairs("\(found)/\(name)") == pairs(path("alone")))
      counts.append(try #require(query["count"] as? Int))
      #expect((query["kind"] as? String)?.hasPrefix("\(name) ") == true)
    }
    #expect(counts.allSatisfy { $0 > 0 })
    let several = try program(
      "overlap", "--dataset", "CIFAR10", "--dataset", "STL10", "--data-root", root.path,
      "--reference", root.path, "--quiet")
    #expect(several.code == 64 && several.errors.contains("--output"))
  }

  @Test("what cannot be done is told, with the exit code of its kind")
  func refusals() throws {
    let queries = fixtures.appending(path: "queries").path
    func run(_ arguments: String..., code: Int32, saying words: String) throws {
      let result = try program.run(["overlap"] + arguments + ["--quiet"])
      #expect(result.code == code, "\(arguments): \(result.errors)")
      #expect(result.errors.contains(words), "\(result.errors)")
    }
    try run("--query", queries, code: 64, saying: "--reference")
    try run(
      "--query", queries, "--reference", queries, "--threshold", "2", code: 64, saying: "-1 to 1")
    try run(
      "--query", queries, "--reference", queries, "--detector", "embedding", code: 64,
      saying: "--model")
    try run(
      "--query", queries, "--reference", queries, "--detector", "cells", "--threshold",
      "registred=0.5", code: 64, saying: "registred")
    try run(
      "--query", queries, "--reference", queries, "--threshold", "phash-256=0.9", code: 64,
      saying: "the search uses registered")
    try run(
      "--query", queries, "--reference", queries, "--model", Program.model, "--threshold", "0.9",
      code: 64, saying: "NAME=NUMBER")
    try run("--evaluate", queries, "--threshold", "0.9", code: 64, saying: "--threshold")
    try run("--query", queries, "--reference", path("none"), code: 66, saying: "no such")
    let empty = scratch.url.appending(path: "empty")
    try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
    try run("--query", empty.path, "--reference", queries, code: 66, saying: "no image")
    try run(
      "--query", queries, "--reference", queries, "--output",
      fixtures.appending(path: "expected.json").path, code: 73,
      saying: "cannot write")
    try Data("junk".utf8).write(to: empty.appending(path: "x.png"))
    try run("--query", queries, "--reference", empty.path, code: 65, saying: "x.png")
    let (a, b) = (path("a.npy"), path("b.npy"))
    try NPYFile.write(shape: [1, 3], values: [1, 0, 0], to: URL(filePath: a))
    try NPYFile.write(shape: [2, 3], values: [1, 0, 0, .nan, 0, 0], to: URL(filePath: b))
    try run("--query", a, "--reference", b, code: 65, saying: "not finite")
    try NPYFile.write(shape: [1, 2], values: [1, 0], to: URL(filePath: b))
    try run("--query", a, "--reference", b, code: 65, saying: "one width")
    try run("--query", a, "--reference", b, "--detector", "cells", code: 64, saying: "images")
  }
}
