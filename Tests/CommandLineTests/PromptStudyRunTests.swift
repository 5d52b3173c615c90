import Core
import Experiments
import Foundation
import TensorFiles
import TestSupport
import Testing

/// The experiment `prompts` from images and from features made elsewhere.
@Suite struct PromptStudyRunTests {
  private func study(_ run: URL, _ path: String) throws -> PromptStudy {
    try JSONDecoder().decode(
      PromptStudy.self, from: Data(contentsOf: run.appending(path: "prompts/\(path).json")))
  }

  private func predictions(_ run: URL, _ name: String) throws -> (labels: [Int], found: [Int]) {
    let file = try SafetensorsFile(
      run.appending(path: "predictions/prompts/tiny-clip/\(name).safetensors"))
    return (
      try file.tensor("label").integers().map { Int($0) },
      try file.tensor("prediction").integers().map { Int($0) }
    )
  }

  @Test("Sets, single templates and a selection, from features alone, the same bytes again")
  func run() throws {
    let scene = try Scene.templates()
    let result = try scene.program().run(scene.arguments(to: "RUN", "--fresh"))
    #expect(result.code == 0, "\(result.errors)")
    let run = scene.url.appending(path: "RUN")
    let rows = try resultRows(run)
    let own = rows.filter { $0["experiment"] as? String == "prompts" }
    let main = own.filter { $0["metric"] as? String == "accuracy" }
    let protocols = try main.map { try #require($0["protocol"] as? [String: Any]) }
    #expect(
      protocols.map { $0["ensemble"] as? String } == [
        "embedding", "embedding", "probability", "embedding",
      ])
    let study = try study(run, "tiny-clip/CIFAR10")
    #expect(study.sets.map(\.set) == ["generic/single", "CIFAR10/many", "CIFAR10/many"])
    #expect(study.sets.map(\.value) == main.prefix(3).map { $0["value"] as? Double })

    // What zero-shot says of the same words.
    let zeroShot = rows.filter {
      $0["experiment"] as? String == "zero-shot" && $0["metric"] as? String == "accuracy"
    }
    #expect(
      zeroShot.map { $0["value"] as? Double } == main.prefix(2).map { $0["value"] as? Double })
    for name in ["single", "many"] {
      let place = run.appending(
        path: "predictions/zero-shot/tiny-clip/CIFAR10.test.tiny.\(name).safetensors")
      let expected = try SafetensorsFile(place)
      let set = name == "single" ? "generic_single" : "CIFAR10_many"
      let found = try SafetensorsFile(
        run.appending(path: "predictions/prompts/tiny-clip/CIFAR10.\(set).embedding.safetensors"))
      for tensor in ["label", "prediction", "top5", "score"] {
        #expect(
          try Data(expected.tensor(tensor).bytes) == Data(found.tensor(tensor).bytes), "\(tensor)")
      }
    }

    // Paired counts, anew from the predictions.
    let base = try predictions(run, "CIFAR10.generic_single.embedding")
    let other = try predictions(run, "CIFAR10.CIFAR10_many.probability")
    let pairs = zip(zip(base.labels, base.found), other.found).map { pair, found in
      (pair.0 == pair.1, pair.0 == found)
    }
    let difference = try #require(study.sets[2].difference)
    #expect(difference.mcNemar?.onlyFirst == pairs.count { $0 && !$1 })
    #expect(difference.mcNemar?.onlySecond == pairs.count { !$0 && $1 })
    #expect(study.sets[0].difference == nil)

    // Classes have their names beside each file of predictions, as those of zero-shot.
    let folder = run.appending(path: "predictions")
    let names = try Data(
      contentsOf: folder.appending(
        path: "zero-shot/tiny-clip/CIFAR10.test.tiny.many.classes.tsv"))
    for place in ["generic_single.embedding", "CIFAR10_many.probability", "selected"] {
      #expect(
        try Data(
          contentsOf: folder.appending(path: "prompts/tiny-clip/CIFAR10.\(place).classes.tsv"))
          == names)
    }

    // Templates alone are sets of one, and the selection is scored on what it was not made on.
    let candidates = try #require(study.candidates)
    #expect(candidates.templates.count == 5 && candidates.value == study.sets[1].value)
    for template in candidates.templates {
      let own = try #require(template.difference)
      let value = try #require(template.value)
      #expect(abs(own.value - (value - (study.sets[0].value ?? .nan))) < 1e-12)
      #expect((own.holm ?? -1) >= (own.pValue ?? 2))
    }
    #expect(candidates.intervalMethod?.hasPrefix("paired-bootstrap-percentile") == true)
    let selection = try #require(study.selection)
    #expect(selection.selectedCount == 30 && selection.scoredCount == 30)
    let chosen = selection.path.templates
    #expect(selection.set == "CIFAR10/many[\(chosen.map(String.init).joined(separator: "+"))]")
    #expect(selection.path.steps.last?.scored == selection.value)
    let record = try #require(protocols.last)
    #expect(record["templateSet"] as? String == selection.set && record["seed"] as? Int == 1)
    let text = try #require(record["selection"] as? String)
    #expect(text.hasPrefix("greedy-forward from=CIFAR10/many hash="))
    #expect(text.contains(" on=half scored=other-half "))
    #expect(main.last?["partial"] as? Bool == true && main.last?["n"] as? Int == 30)
    #expect(protocols.dropLast().allSatisfy { $0["selection"] == nil })
    let scored = try predictions(run, "CIFAR10.selected")
    #expect(scored.labels.count == 30)

    let report = try String(contentsOf: run.appending(path: "report.md"), encoding: .utf8)
    #expect(report.contains("## Prompt sets and templates"))
    #expect(report.contains("flattering"))
    let page = try String(contentsOf: run.appending(path: "report.html"), encoding: .utf8)
    #expect(page.contains("Templates alone: tiny-clip on CIFAR10"))
    let table = try String(
      contentsOf: run.appending(path: "prompts/tiny-clip/CIFAR10.csv"), encoding: .utf8)
    let lines = table.split(separator: "\r\n").map { $0.split(separator: ",").count }
    #expect(table.hasPrefix("model,dataset,options,split,classNames,metric,part,set,ensemble,"))
    #expect(lines.count > 20)

    // Again: no image tower, no text tower, and the same bytes.
    let timings = try String(contentsOf: run.appending(path: "timings.jsonl"), encoding: .utf8)
      .split(separator: "\n").map {
        try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      }
    #expect(timings.map { $0["imagesComputed"] as? Int } == [60, 0, 0])
    let again = try scene.program().run(scene.arguments(to: "AGAIN", "--threads", "1"))
    #expect(again.code == 0, "\(again.errors)")
    #expect(again.errors.contains("CIFAR10 images: 60/60, 60 from the cache"))
    #expect(again.errors.contains("CIFAR10 prompts: 50/50, 50 from the cache"))
    #expect(
      try stableFiles(scene.url.appending(path: "AGAIN")) == stableFiles(run))

    // A run's report is made again from its folder, and two of its sets are compared.
    let page1 = try Data(contentsOf: run.appending(path: "report.html"))
    #expect(try scene.program()("report", run.path).code == 0)
    #expect(try Data(contentsOf: run.appending(path: "report.html")) == page1)
    let compared = try scene.program().run([
      "compare", run.path, "--experiment", "prompts", "--metric", "accuracy", "--a",
      "templates=generic/single", "--b", "templates=CIFAR10/many", "--b", "ensemble=probability",
      "--axis", "templates", "--axis", "ensemble", "--json",
    ])
    #expect(compared.code == 0, "\(compared.errors)")
  }

  @Test(
    "Selected on the training split, the whole test split is scored; a set without templates is told first"
  )
  func training() throws {
    let scene = try Scene.templates()
    var records: [UInt8] = []
    for batch in 1...5 {
      records = []
      var noise = Noise(seed: UInt64(batch))
      for record in 0..<10 { records += [UInt8(record)] + noise.bytes(3072) }
      try scene.write(Data(records), to: "data/cifar-10-batches-bin/data_batch_\(batch).bin")
    }
    let text = try String(contentsOf: scene.suite, encoding: .utf8)
    try scene.write(
      text.replacing(
        "experiments: [zero-shot, prompts]",
        with: "experiments: [prompts]\nprompts: {select: train, size: 2}"),
      to: "toys.yaml")
    let result = try scene.program().run(scene.arguments(to: "RUN"))
    #expect(result.code == 0, "\(result.errors)")
    let selection = try #require(
      try study(scene.url.appending(path: "RUN"), "tiny-clip/CIFAR10").selection)
    #expect(selection.on == "train" && selection.seed == nil && selection.size == 2)
    #expect(selection.selectedCount == 50 && selection.scoredCount == 60)
    #expect(selection.path.steps.count <= 2)

    try scene.write(text.replacing("[single, many]", with: "[single, missing]"), to: "toys.yaml")
    let missing = try scene.program().run(scene.arguments(to: "OTHER"))
    #expect(missing.code == 78 && missing.errors.contains("toys.yaml:8:25"), "\(missing.errors)")
  }

  @Test("From features made elsewhere: with those of single prompts, not with a classifier's")
  func embeddings() throws {
    let scene = try Scene()
    let fixtures = TestPaths.fixtures.appending(path: "embeddings")
    try scene.write(
      """
      dataset: toys
      set: animals
      version: 1
      source: a test
      classes: {ant: ant, bee: bee, cow: cow}
      templates: ["a photo of a {}.", "{}"]
      """, to: "prompts/toys/animals.yaml")
    try scene.write(
      """
      suite: animals
      version: 1
      description: Features made by numpy.
      experiments: [prompts]
      datasets:
        - dataset: toys
          layout: image-folder
          path: toys
          split: test
          classNames: animals
          templates: ["animals#1", animals]
      """, to: "animals.yaml")
    func run(_ name: String) throws -> (Program.Result, URL) {
      let output = scene.url.appending(path: "RUN-\(name)")
      return (
        try scene.program()(
          "run", scene.url.appending(path: "animals.yaml").path, "--model",
          fixtures.appending(path: name).path, "--data-root", scene.data.path, "--output",
          output.path), output
      )
    }
    let (result, output) = try run("arrays")
    #expect(result.code == 0, "\(result.errors)")
    struct Expected: Decodable {
      struct Result: Decodable { var accuracy: Double }
      var results: [String: Result]
    }
    let expected = try JSONDecoder().decode(
      Expected.self, from: Data(contentsOf: fixtures.appending(path: "expected.json")))
    let study = try study(output, "arrays/toys")
    #expect(study.base == "toys/animals#1")
    let all = try #require(study.sets.first { $0.set == "toys/animals" }?.value)
    #expect(abs(all - (expected.results["arrays"]?.accuracy ?? 0)) < 1e-12)

    let (refused, _) = try run("classifier")
    #expect(refused.code != 0)
    #expect(refused.errors.contains("no features of single prompts"), "\(refused.errors)")
  }
}
