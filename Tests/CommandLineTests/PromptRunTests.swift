import Foundation
import TensorFiles
import TestSupport
import Testing

/// One split under several prompts: the tasks, their files, and what they share.
@Suite struct PromptRunTests {
  private func scene() throws -> Scene {
    let scene = try Scene()
    try scene.write(
      "dataset: generic\nset: one\nversion: 1\nsource: a test\ntemplates: [\"a {}.\"]\n",
      to: "prompts/generic/one.yaml")
    try scene.write(
      scene.suiteText([("image-folder", "toys", "toys")]).replacing(
        "templates: generic/two", with: "templates: [two, one]\n    eachTemplate: true"),
      to: "toys.yaml")
    return scene
  }

  @Test("A template alone predicts as a set that has no other, and the images are read once")
  func singles() throws {
    let scene = try scene()
    let result = try scene.program().run(scene.arguments(to: "RUN", "--fresh"))
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.text.contains("not shown: 2 results of single templates\n"))
    let run = scene.url.appending(path: "RUN")
    let rows = try resultRows(run).map { try #require($0["protocol"] as? [String: Any]) }
    let sets = rows.map { $0["templateSet"] as? String }
    #expect(sets == ["generic/two", "generic/two#1", "generic/two#2", "generic/one"])
    #expect(rows[1]["templatesHash"] as? String == rows[3]["templatesHash"] as? String)
    #expect(Set(rows.compactMap { $0["hash"] as? String }).count == 4)

    let predictions = run.appending(path: "predictions/zero-shot/tiny-clip")
    // Single templates are not asked how sure they are.
    func bytes(_ templates: String) throws -> [Data] {
      let file = try SafetensorsFile(
        predictions.appending(path: "image-folder.toys.toys.\(templates).safetensors"))
      return try ["index", "label", "prediction", "top5", "score"].map {
        Data(try file.tensor($0).bytes)
      }
    }
    #expect(try bytes("two#1") == bytes("one"))
    #expect(try bytes("two#1") != bytes("two#2"))

    let timings = try String(contentsOf: run.appending(path: "timings.jsonl"), encoding: .utf8)
      .split(separator: "\n").map {
        try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      }
    #expect(timings.map { $0["imagesComputed"] as? Int } == [14, 0, 0, 0])

    let report = try String(contentsOf: run.appending(path: "report.md"), encoding: .utf8)
    #expect(report.contains("### Prompt comparison"))
    #expect(report.contains("generic/two, each of 2 templates alone"))

    // The same bytes from the cache, too.
    let expected = try stableFiles(run)
    let again = try scene.program().run(scene.arguments(to: "AGAIN", "--quiet"))
    #expect(again.code == 0, "\(again.errors)")
    #expect(try stableFiles(scene.url.appending(path: "AGAIN")) == expected)
  }

  @Test("A number beyond the set is told before any work")
  func beyond() throws {
    let scene = try scene()
    try scene.write(
      scene.suiteText([("image-folder", "toys", "toys")]).replacing(
        "templates: generic/two", with: "templates: two#3"), to: "toys.yaml")
    let result = try scene.program().run(scene.arguments(to: "RUN"))
    #expect(result.code == 78)
    #expect(result.errors.contains("no template 3 in generic/two: it has 2 templates"))
  }
}
