import Foundation
import TensorFiles
import TestSupport
import Testing

/// `run` of suites with datasets of captions.
@Suite struct RetrievalRunTests {
  private static let fixtures = TestPaths.fixtures.appending(path: "Retrieval")

  private func suite(_ entries: String, experiments: String = "retrieval") -> String {
    "suite: captions\nversion: 1\ndescription: Captions.\nexperiments: [\(experiments)]\ndatasets:\n"
      + entries
  }

  private let toy = """
      - dataset: toy
        layout: captions
        path: .
        templates: photo-of

    """

  private func program(_ scene: Scene, cache: String = "cache") throws -> Program {
    try Program(environment: [
      "CLIP_EVAL_CACHE": scene.url.appending(path: cache).path,
      "CLIP_EVAL_PROMPTS": TestPaths.project.appending(path: "Prompts").path,
    ])
  }

  @Test("NumPy's numbers from NumPy's features, joined to the captions by text and image name")
  func importedFeatures() throws {
    struct Side: Decodable {
      var recall: [String: Double]
      var ranks: [Int64]
      var top5: [Int64]
    }
    struct Expected: Decodable {
      var imageToText: Side
      var textToImage: Side
    }
    let expected = try JSONDecoder().decode(
      Expected.self, from: Data(contentsOf: Self.fixtures.appending(path: "expected.json")))
    let scene = try Scene()
    try scene.write(suite(toy), to: "captions.yaml")
    let output = scene.url.appending(path: "RUN")
    let result = try program(scene)(
      "run", scene.url.appending(path: "captions.yaml").path, "--model",
      Self.fixtures.appending(path: "embeddings").path, "--data-root",
      Self.fixtures.appending(path: "data").path, "--output", output.path)
    #expect(result.code == 0, "\(result.errors)")
    let rows = try resultRows(output)
    #expect(rows.count == 6)
    for (prefix, name, side) in [
      ("image-to-text", "image-to-text", expected.imageToText),
      ("text-to-image", "text-to-image", expected.textToImage),
    ] {
      for (k, recall) in side.recall {
        let row = try #require(rows.first { $0["metric"] as? String == "\(prefix)-recall@\(k)" })
        #expect(abs(try #require(row["value"] as? Double) - recall) < 1e-12)
      }
      let file = try SafetensorsFile(
        output.appending(path: "predictions/retrieval/embeddings/toy.\(name).safetensors"))
      #expect(try file.tensor("rank").integers() == side.ranks.map { min($0, 11) })
      #expect(try file.tensor("top5").integers() == side.top5)
    }
    let record = try #require(rows[0]["protocol"] as? [String: Any])
    #expect(record["captions"] as? String == "all")
    #expect((record["captionsHash"] as? String)?.count == 64)
    #expect(record["templateSet"] as? String == "generic/photo-of")
    #expect(record["layout"] as? String == "karpathy-json" && record["split"] as? String == "test")
    #expect(record["classNameSet"] is NSNull && record["ensemble"] is NSNull)
    let report = try String(contentsOf: output.appending(path: "report.md"), encoding: .utf8)
    #expect(report.contains("| toy | image → text | 58.3 | 87.5 | 91.7 |"), "\(report)")
    #expect(report.contains("| toy | text → image | 37.9 | 74.2 | 88.7 |"))
  }

  /// Six images with three captions each, of which some repeat; the last image is damaged.
  private func writeImages(_ scene: Scene) throws -> (texts: [String], owners: [Int]) {
    var table = "filename,caption\n"
    var (texts, owners): ([String], [Int]) = ([], [])
    for image in 0..<6 {
      let name = "images/\(image).ppm"
      let bytes = Scene.ppm(width: 30 + image, height: 40, seed: UInt64(image * 17))
      try scene.write(image == 5 ? Data(bytes.prefix(40)) : bytes, to: "data/mine/\(name)")
      for text in ["a photo \(image).", "one, two and \(image * image)", "noise"] {
        table += "\(name),\"\(text)\"\n"
        texts.append(text)
        owners.append(image)
      }
    }
    try scene.write(table, to: "data/mine/captions.csv")
    try scene.write(
      suite(
        "  - dataset: mine\n    layout: captions\n    path: mine\n    split: all\n"
          + "  - dataset: MNIST\n    classNames: openai-2021\n    templates: bare\n",
        experiments: "zero-shot, retrieval"), to: "mine.yaml")
    return (texts, owners)
  }

  @Test(
    "a model's numbers are those of its features, ranked anew; a second run gives the same bytes")
  func model() throws {
    let scene = try Scene()
    let (texts, owners) = try writeImages(scene)
    let program = try program(scene)
    func run(_ output: String, _ more: [String], _ program: Program) throws -> URL {
      let url = scene.url.appending(path: output)
      let result = try program.run(
        [
          "run", scene.url.appending(path: "mine.yaml").path, "--model", Program.model,
          "--data-root", scene.data.path, "--output", url.path,
        ] + more)
      #expect(result.code == 0, "\(result.errors)")
      return url
    }
    let first = try run("RUN", ["--threads", "1"], program)
    let rows = try resultRows(first)
    #expect(rows.map { $0["experiment"] as? String }.filter { $0 == "retrieval" }.count == 6)
    #expect(rows.contains { $0["experiment"] as? String == "zero-shot" })
    let retrieval = rows.filter { $0["experiment"] as? String == "retrieval" }
    #expect(retrieval[0]["n"] as? Int == 5 && retrieval[0]["nFailed"] as? Int == 1)
    #expect(retrieval[3]["n"] as? Int == 15 && retrieval[3]["nFailed"] as? Int == 3)

    // The features by another command, and every rank by counting.
    let images = scene.url.appending(path: "images.safetensors")
    let captions = scene.url.appending(path: "texts.safetensors")
    let mine = scene.data.appending(path: "mine/images")
    try scene.write(texts.map { $0 + "\n" }.joined(), to: "texts.txt")
    for arguments in [
      ["images"] + (0..<5).map { mine.appending(path: "\($0).ppm").path } + ["-o", images.path],
      ["texts", "--input", scene.url.appending(path: "texts.txt").path, "-o", captions.path],
    ] {
      let result = try program.run(["embed"] + arguments + ["--model", Program.model])
      #expect(result.code == 0, "\(result.errors)")
    }
    func vectors(_ url: URL) throws -> [[Double]] {
      let tensor = try SafetensorsFile(url).tensor("features")
      let (values, width) = (try tensor.floats(), tensor.shape[1])
      return stride(from: 0, to: values.count, by: width).map {
        values[$0..<($0 + width)].map(Double.init)
      }
    }
    let (queries, candidates) = (try vectors(images), try vectors(captions))
    func cosine(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    func rank(_ scores: [Double], right: (Int) -> Bool) -> Int {
      let best = scores.indices.filter(right).map { scores[$0] }.max() ?? 0
      // Features in a batch of another shape differ in their last bits; equal texts do not differ by more.
      return 1 + scores.indices.count { !right($0) && scores[$0] >= best - 1e-6 }
    }
    let imageRanks = queries.indices.map { image in
      rank(candidates.map { cosine(queries[image], $0) }) { owners[$0] == image }
    }
    let captionRanks = texts.indices.filter { owners[$0] < 5 }.map { caption in
      rank(queries.map { cosine(candidates[caption], $0) }) { $0 == owners[caption] }
    }
    for (name, ranks) in [("image-to-text", imageRanks), ("text-to-image", captionRanks)] {
      let file = try SafetensorsFile(
        first.appending(path: "predictions/retrieval/tiny-clip/mine.\(name).safetensors"))
      #expect(try file.tensor("rank").integers() == ranks.map { Int64(min($0, 11)) })
      for k in [1, 5, 10] {
        let row = try #require(retrieval.first { $0["metric"] as? String == "\(name)-recall@\(k)" })
        let expected = Double(ranks.count { $0 <= k }) / Double(ranks.count)
        #expect(abs(try #require(row["value"] as? Double) - expected) < 1e-12)
      }
    }
    let ids = try String(
      contentsOf: first.appending(
        path: "predictions/retrieval/tiny-clip/mine.text-to-image.ids.txt"),
      encoding: .utf8)
    #expect(
      ids.split(separator: "\n").map(String.init)[3...4] == ["images/1.ppm#0", "images/1.ppm#1"])
    let words = try String(
      contentsOf: first.appending(path: "predictions/retrieval/tiny-clip/mine.captions.txt"),
      encoding: .utf8)
    #expect(words == texts.map { $0 + "\n" }.joined())

    // The page shows the images that are missed, each with its own best caption's rank.
    let page = try String(contentsOf: first.appending(path: "report.html"), encoding: .utf8)
    let missed = imageRanks.filter { $0 > 1 }
    #expect(!missed.isEmpty)
    #expect(page.components(separatedBy: "alt=\"Sample images/").count - 1 == missed.count)
    #expect(page.contains("\(missed.count) of \(missed.count) image"))
    for rank in Set(missed) {
      let shown = page.components(separatedBy: "own caption, rank \(rank):").count - 1
      #expect(shown == missed.count { $0 == rank }, "rank \(rank)")
    }

    let other = try self.program(scene, cache: "another")
    #expect(try stableFiles(first) == stableFiles(run("AGAIN", ["--threads", "3"], other)))
  }

  @Test("a plan with captions is checked before any image is read")
  func planChecks() throws {
    let scene = try Scene()
    try scene.write(suite(toy.replacing("photo-of", with: "ImageNet/openai-2021")), to: "many.yaml")
    let many = try program(scene)(
      "run", scene.url.appending(path: "many.yaml").path, "--model", Program.model, "--data-root",
      Self.fixtures.appending(path: "data").path, "--dry-run")
    #expect(many.code == 78)
    #expect(many.errors.contains("captions take one template"), "\(many.errors)")
    try scene.write(suite(toy), to: "one.yaml")
    let one = try program(scene)(
      "run", scene.url.appending(path: "one.yaml").path, "--model", Program.model, "--data-root",
      Self.fixtures.appending(path: "data").path, "--dry-run")
    #expect(one.code == 0, "\(one.errors)")
    #expect(one.text.contains("retrieval") && one.text.contains("24"))
  }
}
