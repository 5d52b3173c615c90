import Foundation
import TestSupport
import Testing

/// The experiment `prompts` where it is refused, where entries share a dataset, and on features of less precision.
@Suite struct PromptStudyCaseTests {
  @Test("What cannot be compared is told by a dry run, with what to do")
  func refusedFirst() throws {
    let scene = try Scene.templates()
    let data = TestPaths.fixtures.appending(path: "datasets")
    func problem(_ entry: String, in root: URL) throws -> String {
      try scene.write(
        "suite: s\nversion: 1\ndescription: d\nexperiments: [prompts]\ndatasets:\n  - \(entry)\n",
        to: "refused.yaml")
      let plan = try scene.program()(
        "run", scene.url.appending(path: "refused.yaml").path, "--model", Program.model,
        "--data-root", root.path, "--dry-run", "--json")
      #expect(plan.code == 78, "\(plan.errors)")
      let tasks = try #require(try plan.json()["tasks"] as? [[String: Any]])
      return tasks.first?["problem"] as? String ?? ""
    }
    let words = try problem(
      "{dataset: IIIT5K, classNames: dataset, templates: [single]}", in: data)
    #expect(words.contains("each of its samples has its own classes to choose from"), "\(words)")
    #expect(words.contains("zero-shot takes it"), "\(words)")
    let text = try scene.program()(
      "run", scene.url.appending(path: "refused.yaml").path, "--model", Program.model,
      "--data-root", data.path, "--dry-run"
    ).text
    #expect(text.contains("nothing of this plan can run here"), "\(text)")
  }

  @Test("Two entries compare other sets on one dataset: each row finds its own predictions")
  func twoEntries() throws {
    let scene = try Scene.templates()
    try scene.write(
      """
      suite: toys
      version: 1
      description: Templates.
      experiments: [prompts]
      datasets:
        - dataset: CIFAR10
          classNames: tiny
          templates: [single]
        - dataset: CIFAR10
          classNames: tiny
          templates: [many]
          prompts: {select: none}
      """, to: "toys.yaml")
    let result = try scene.program().run(scene.arguments(to: "RUN"))
    #expect(result.code == 0, "\(result.errors)")
    let compared = try scene.program().run([
      "compare", scene.url.appending(path: "RUN").path, "--experiment", "prompts", "--a",
      "templates=generic/single", "--b", "templates=CIFAR10/many", "--b", "ensemble=embedding",
      "--axis", "templates", "--json",
    ])
    #expect(compared.code == 0, "\(compared.errors)")
    let tasks = try #require(try compared.json()["tasks"] as? [[String: Any]])
    let metrics = try #require(tasks.first?["metrics"] as? [[String: Any]])
    let rows = try resultRows(scene.url.appending(path: "RUN")).filter {
      $0["metric"] as? String == "accuracy"
    }
    #expect(metrics.first?["first"] as? Double == rows[0]["value"] as? Double)
    #expect(metrics.first?["second"] as? Double == rows[1]["value"] as? Double)
  }

  @Test("Rows of a bf16 run say how far its features are from float32, in either ensemble")
  func bf16() throws {
    let scene = try Scene.templates()
    let result = try scene.program().run(scene.arguments(to: "RUN", "--precision", "bf16"))
    if result.code == 78, result.errors.contains("AVX512_BF16") {
      return print("SKIPPED: this processor has no bfloat16 arithmetic")
    }
    #expect(result.code == 0, "\(result.errors)")
    let rows = try resultRows(scene.url.appending(path: "RUN"))
    let own = rows.filter { $0["experiment"] as? String == "prompts" }
    #expect(!own.isEmpty)
    for row in own {
      let agreement = try #require(row["precisionAgreement"] as? [String: Any])
      // Of the whole split, of which a selection is scored on one half.
      #expect(agreement["n"] as? Int == 60)
      let cosine = try #require(agreement["minimumCosine"] as? Double)
      #expect(cosine > 0.999 && cosine < 1)
    }
    let zeroShot = rows.filter { $0["experiment"] as? String == "zero-shot" }
    #expect(
      (zeroShot.first?["precisionAgreement"] as? [String: Any])?["sameTop1"] as? Double
        == (own.first?["precisionAgreement"] as? [String: Any])?["sameTop1"] as? Double)
  }
}
