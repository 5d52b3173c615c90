import Core
import Foundation
import TestSupport
import Testing

/// Datasets as users list, fetch and examine them.
@Suite struct DatasetCatalogTests {
  private let folder: TemporaryFolder
  private let program: Program
  private var data: URL { folder.url.appending(path: "data") }

  init() throws {
    folder = try TemporaryFolder()
    program = try Program(environment: [
      "CLIP_EVAL_DATA": nil, "CLIP_EVAL_SPLITS": nil, "http_proxy": nil, "HTTP_PROXY": nil,
      "ALL_PROXY": nil, "all_proxy": nil,
    ])
  }

  private static let eurosat = [
    "AnnualCrop", "Forest", "HerbaceousVegetation", "Highway", "Industrial", "Pasture",
    "PermanentCrop", "Residential", "River", "SeaLake",
  ]

  private func write(_ bytes: Data, _ path: String) throws {
    let url = data.appending(path: path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try bytes.write(to: url)
  }

  /// Three images a class.
  private func makeEuroSAT() throws {
    let jpeg = try Data(contentsOf: TestPaths.fixtures.appending(path: "datasets/tiny.jpg"))
    for name in Self.eurosat {
      for number in 1...3 { try write(jpeg, "eurosat/2750/\(name)/\(name)_\(number).jpg") }
    }
  }

  @Test("list datasets --json is the whole catalog")
  func catalog() throws {
    let document = try program("list", "datasets", "--json").json()
    #expect(document["kind"] as? String == "datasets")
    #expect(document["schemaVersion"] as? Int == 1)
    let datasets = try #require(document["datasets"] as? [[String: Any]])
    let eurosat = try #require(datasets.first { $0["id"] as? String == "EuroSAT" })
    #expect(eurosat["defaultSplit"] as? String == "openai/test")
    #expect((eurosat["paper"] as? [String: Int]) == ["train": 10_000, "test": 5000])
    let presets = try #require(eurosat["presets"] as? [[String: Any]])
    let openai = try #require(presets.first { $0["name"] as? String == "openai" })
    #expect(openai["isDefault"] as? Bool == true && openai["version"] as? Int == 1)
    let parts = try #require(openai["parts"] as? [[String: Any]])
    #expect(parts.map { $0["name"] as? String } == ["openai/train", "openai/test"])
    #expect(parts.last?["made"] as? String == "500 a class of all, seed 0, after train")
    let source = try #require(eurosat["source"] as? [String: Any])
    let file = try #require((source["files"] as? [[String: Any]])?.first)
    #expect(file["md5"] as? String == "c8fa014336c82ac7804f0398fcb19387")
    let generic = try #require(datasets.first { $0["id"] as? String == "image-folder" })
    #expect(generic["source"] is NSNull && generic["classCount"] is NSNull)
  }

  @Test("list datasets NAME says what is known of one")
  func one() throws {
    let text = try program("list", "datasets", "eurosat_rgb").text
    for line in [
      "EuroSAT: EuroSAT (RGB)", "10000 train, 5000 test", "openai/test", "vtab/test", "EuroSAT.zip",
      "MD5", "is not published",
    ] {
      #expect(text.contains(line), "\(line)")
    }
    #expect(try program("list", "datasets", "EuroSTA").code == 64)
  }

  @Test("doctor and run --dry-run know parts of presets")
  func presets() throws {
    try makeEuroSAT()
    let doctor = try program(
      "doctor", "EuroSAT", "--data-root", data.path, "--split", "openai/train", "--decode",
      "--json", "--quiet")
    #expect(doctor.code == 0, "\(doctor.errors)")
    let split = try #require((doctor.json()["splits"] as? [[String: Any]])?.first)
    #expect(split["split"] as? String == "openai/train" && split["samples"] as? Int == 30)
    #expect(split["undecodable"] as? [String] == [])
    let suite = folder.url.appending(path: "suite.yaml")
    try Data(
      """
      suite: mine
      version: 1
      description: A part of a preset.
      experiments: [zero-shot]
      datasets:
        - dataset: EuroSAT
          split: openai/train
          classNames: words.yaml
          templates: generic/bare

      """.utf8
    ).write(to: suite)
    // The tiny model's context is short.
    let words = Self.eurosat.enumerated().map { "  \($1): w\($0)\n" }.joined()
    try Data("dataset: EuroSAT\nset: words\nversion: 1\nsource: a test\nclasses:\n\(words)".utf8)
      .write(to: folder.url.appending(path: "words.yaml"))
    let dry = try program(
      "run", suite.path, "--model", Program.model, "--data-root", data.path, "--dry-run")
    #expect(dry.code == 0 && dry.text.contains("openai/train"), "\(dry.errors)")
    let run = try program(
      "run", suite.path, "--model", Program.model, "--data-root", data.path, "--output",
      folder.url.appending(path: "run").path, "--quiet")
    #expect(run.code == 0, "\(run.errors)")
    let row = try String(
      contentsOf: folder.url.appending(path: "run/results.jsonl"), encoding: .utf8)
    #expect(row.contains(#""split":"openai/train""#) && row.contains(#""partial":true"#))
    #expect(row.contains(#""nExpected":10000"#))

    try Data(
      String(decoding: Data(contentsOf: suite), as: UTF8.self)
        .replacing("openai/train", with: "openai/trian").utf8
    ).write(to: suite)
    let wrong = try program(
      "run", suite.path, "--model", Program.model, "--data-root", data.path, "--dry-run")
    #expect(wrong.code == 78 && wrong.errors.contains("openai/train"), "\(wrong.errors)")
  }

  @Test("Presets of one's own, in a folder that is named")
  func ownPresets() throws {
    try makeEuroSAT()
    let splits = folder.url.appending(path: "Splits/EuroSAT")
    try FileManager.default.createDirectory(at: splits, withIntermediateDirectories: true)
    let yaml = """
      dataset: EuroSAT
      preset: tiny
      version: 3
      source: a test
      parts: {test: {choose: {from: all, perClass: 1, seed: 7}, count: 10}}

      """
    try Data(yaml.utf8).write(to: splits.appending(path: "tiny.yaml"))
    let root = splits.deletingLastPathComponent().path
    let doctor = try program(
      "doctor", "EuroSAT", "--data-root", data.path, "--split", "tiny", "--splits", root)
    #expect(doctor.code == 0 && doctor.text.contains("10 samples of 10 expected"))
    try Data((yaml + "oops: 1\n").utf8).write(to: splits.appending(path: "tiny.yaml"))
    let broken = try program("list", "datasets", "EuroSAT", "--splits", root)
    #expect(broken.code == 65 && broken.errors.contains("tiny.yaml:6:1"), "\(broken.errors)")
    #expect(try program("list", "datasets", "--splits", root + "/none").code == 66)
  }

  @Test("download dataset: what would be fetched, what is fetched by hand, wrong bytes")
  func download() throws {
    let list = try program("download", "dataset", "mnist", "--list")
    #expect(list.code == 0 && list.text.contains("train-images-idx3-ubyte.gz"))
    #expect(list.text.contains("ossci-datasets") && list.text.contains("yann.lecun.com"))

    let byHand = try program("download", "dataset", "ImageNet", "--data-root", data.path, "--quiet")
    #expect(byHand.code == 66 && byHand.text.contains("by hand: Register at image-net.org"))
    #expect(byHand.text.contains("ILSVRC2012_img_val.tar"))
    let nowhere = try program("download", "dataset", "ImageNet")
    #expect(nowhere.code == 66 && nowhere.text.contains("by hand: Register at image-net.org"))

    let server = try HTTPTestServer { request, _ in
      .file(Data("not a zip".utf8), for: request, tag: "\"1\"")
    }
    let wrong = try program(
      "download", "dataset", "EuroSAT", "--data-root", data.path, "--mirror", server.address,
      "--quiet")
    #expect(wrong.code == 65 && wrong.errors.contains("expected MD5 c8fa0143"), "\(wrong.errors)")
    #expect(server.requests.map(\.path) == ["/EuroSAT.zip"])
    #expect(
      !FileManager.default.fileExists(
        atPath: data.appending(path: ".downloads/EuroSAT/EuroSAT.zip").path))

    let generic = try program("download", "dataset", "csv", "--data-root", data.path)
    #expect(generic.code == 66 && generic.errors.contains("data of one's own"))
  }

  @Test("doctor says what to do where nothing is found")
  func remedies() throws {
    try write(Data("x".utf8), "EuroSAT.zip")
    let doctor = try program("doctor", "EuroSAT", "--data-root", data.path)
    #expect(doctor.code == 66)
    #expect(doctor.text.contains("to do: EuroSAT.zip is there and still packed"))
    let idx = try program("doctor", "idx", "--data-root", data.path)
    #expect(idx.code == 66 && idx.text.contains("idx: not found"), "\(idx.text)")
  }

  @Test("A folder of datasets is not taken for a folder of classes")
  func folderOfDatasets() throws {
    let jpeg = try Data(contentsOf: TestPaths.fixtures.appending(path: "datasets/tiny.jpg"))
    for path in ["one/test/cat/a.jpg", "one/test/dog/b.jpg", "two/hat/c.jpg", "two/tie/d.jpg"] {
      try write(jpeg, path)
    }
    let document = try program("inspect", data.path, "--json").json()
    let found = try #require(document["datasets"] as? [[String: Any]])
    #expect(found.map { $0["folder"] as? String } == ["one", "two"])
    #expect(found.map { $0["classes"] as? Int } == [2, 2])
    let text = try program("inspect", data.path).text
    #expect(text.contains("one/") && text.contains("two/"))
  }
}
