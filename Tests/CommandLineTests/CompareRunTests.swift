import Foundation
import TensorFiles
import TestSupport
import Testing

/// `compare` on runs that the program has just made.
@Suite struct CompareRunTests {
  /// A run of one split under two prompt sets.
  private func scene() throws -> Scene {
    let scene = try Scene()
    try scene.write(
      "dataset: generic\nset: one\nversion: 1\nsource: a test\ntemplates: [\"no {}.\"]\n",
      to: "prompts/generic/one.yaml")
    try scene.write(
      scene.suiteText([("image-folder", "toys", "toys"), ("MNIST", "test", "digits")]).replacing(
        "templates: generic/two", with: "templates: [generic/two, generic/one]"), to: "toys.yaml")
    return scene
  }

  private func compare(
    _ scene: Scene, _ arguments: String...
  ) throws -> Program.Result {
    try scene.program().run(["compare"] + arguments)
  }

  private func tasks(_ result: Program.Result) throws -> [[String: Any]] {
    try #require(try result.json()["tasks"] as? [[String: Any]], "\(result.errors)")
  }

  @Test("Two prompt sets of a run: what the files say, sample by sample")
  func prompts() throws {
    let scene = try scene()
    let made = try scene.program().run(scene.arguments(to: "RUN", "--quiet"))
    #expect(made.code == 0, "\(made.errors)")
    let run = scene.url.appending(path: "RUN").path
    let result = try compare(
      scene, run, "--a", "templates=generic/two", "--b", "templates=generic/one", "--json",
      "--quiet", "--gate", "none", "--output", scene.url.appending(path: "CMP").path)
    #expect(result.code == 0, "\(result.errors)")
    #expect(try result.json()["axes"] as? [String] == ["templates"])
    let tasks = try tasks(result)
    #expect(tasks.count == 2)
    for task in tasks {
      let subject = try #require(task["subject"] as? [String: Any])
      let dataset = try #require(subject["dataset"] as? String)
      let folder = "\(run)/predictions/zero-shot/tiny-clip"
      let files = try FileManager.default.contentsOfDirectory(atPath: folder)
      func right(_ templates: String) throws -> [Bool] {
        let name = try #require(
          files.first { $0.hasPrefix("\(dataset).") && $0.hasSuffix("\(templates).safetensors") },
          "\(files)")
        let tensors = try SafetensorsFile(URL(filePath: "\(folder)/\(name)"))
        let labels = try tensors.tensor("label").integers()
        return try zip(labels, tensors.tensor("prediction").integers()).map { $0 == $1 }
      }
      let (first, second) = (try right("generic_two"), try right("generic_one"))
      let metrics = try #require(task["metrics"] as? [[String: Any]])
      let accuracy = try #require(metrics.first { $0["metric"] as? String == "accuracy" })
      let share = Double(second.count { $0 } - first.count { $0 }) / Double(first.count)
      #expect(abs((accuracy["difference"] as? Double ?? .nan) - share) < 1e-12)
      let test = try #require(accuracy["mcNemar"] as? [String: Any])
      #expect(test["onlyFirst"] as? Int == zip(first, second).count { $0 && !$1 })
      #expect(test["onlySecond"] as? Int == zip(first, second).count { !$0 && $1 })
      let samples = try #require(task["samples"] as? [String: Any])
      #expect(samples["common"] as? Int == first.count)
    }
    for name in [
      "comparison.md", "comparison.csv", "comparison.json", "classes.csv", "samples.csv",
      "figures/comparison.svg", "figures/comparison.csv",
    ] {
      #expect(
        FileManager.default.fileExists(atPath: scene.url.appending(path: "CMP/\(name)").path),
        "\(name)")
    }
    let written = try Data(contentsOf: scene.url.appending(path: "CMP/comparison.json"))
    #expect(String(decoding: written, as: UTF8.self) + "\n" == result.text)

    // The sides choose, and nothing else does.
    let alone = try compare(scene, run)
    #expect(alone.code == 64 && alone.errors.contains("templates: generic/one, generic/two"))
    let text = try compare(
      scene, run, "--a", "templates=generic/two", "--b", "templates=generic/one", "--samples", "3",
      "--gate", "none", "--quiet")
    #expect(text.code == 0 && text.text.contains("compared: templates"))
  }

  @Test("Two runs: refused where the protocol differs, 2 where the gate finds a difference")
  func runs() throws {
    let scene = try scene()
    let program = try scene.program()
    #expect(try program.run(scene.arguments(to: "A", "--quiet")).code == 0)
    #expect(try program.run(scene.arguments(to: "B", "--quiet")).code == 0)
    let (a, b) = (scene.url.appending(path: "A").path, scene.url.appending(path: "B").path)
    let same = try compare(scene, a, b, "--gate", "any", "--quiet")
    #expect(same.code == 0, "\(same.errors)")
    #expect(same.text.contains("compared: nothing in the protocols differs"))

    // A layout that both have does not tell them apart.
    let data = try compare(scene, a, b, "--axis", "data", "--dataset", "image-folder", "--quiet")
    #expect(data.text.hasPrefix("A  A\nB  B\ncompared: data\n"), "\(data.text)\(data.errors)")

    let refused = try compare(
      scene, a, b, "--a", "templates=generic/two", "--b", "templates=generic/one", "--axis",
      "precision", "--quiet")
    #expect(refused.code == 64)
    #expect(refused.errors.contains("templateSet: generic/two | generic/one"))
    #expect(refused.errors.contains("--axis precision --axis templates"))

    // One answer that is another: the results no longer fit, and say so.
    let file = "predictions/zero-shot/tiny-clip/MNIST.test.MNIST.generic_one.safetensors"
    let place = try #require(
      FileManager.default.enumerator(atPath: b)?.compactMap { $0 as? String }.first {
        $0.contains("MNIST") && $0.hasSuffix("generic_one.safetensors")
      }, "no file like \(file)")
    let old = URL(filePath: b).appending(path: place)
    let tensors = try SafetensorsFile(old)
    let labels = try tensors.tensor("label").integers()
    var bytes = try Data(contentsOf: old)
    let predictions = try tensors.tensor("prediction").integers()
    let wrong = predictions.indices.first { predictions[$0] != labels[$0] } ?? 0
    let begin = try #require(
      Self.offset(of: "prediction", in: bytes).map { $0 + 8 * wrong })
    bytes.replaceSubrange(begin..<begin + 8, with: withUnsafeBytes(of: labels[wrong]) { Data($0) })
    try bytes.write(to: old)
    let damaged = try compare(scene, a, b, "--quiet")
    #expect(damaged.code == 1)
    #expect(damaged.text.contains("not compared: zero-shot MNIST accuracy"))
    #expect(damaged.text.contains("its results say"))

    let missing = try compare(scene, a, scene.url.appending(path: "none").path)
    #expect(missing.code == 66)
    #expect(try compare(scene, a, b, "--axis", "colour").code == 64)
    for (option, name, told) in [
      ("--dataset", "CIFAR10", "There are MNIST, image-folder."),
      ("--experiment", "zero-shots", "Did you mean zero-shot?"),
      ("--metric", "acuracy", "Did you mean accuracy"),
    ] {
      let unknown = try compare(scene, a, b, option, name)
      #expect(unknown.code == 66 && unknown.errors.contains("\(option) \(name): no result"))
      #expect(unknown.errors.contains(told), "\(unknown.errors)")
    }
    let unmatched = try compare(scene, a, b, "--a", "templates=generic/three")
    #expect(unmatched.code == 66)
    #expect(unmatched.errors.contains("no result of A has --a templateSet=generic/three"))
    #expect(unmatched.errors.contains("It has templateSet: generic/one, generic/two."))
  }

  /// Where a tensor's bytes begin in a safetensors file.
  private static func offset(of name: String, in bytes: Data) -> Int? {
    let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = try? JSONSerialization.jsonObject(with: bytes[8..<8 + length]) as? [String: Any]
    let entry = header?[name] as? [String: Any]
    return (entry?["data_offsets"] as? [Int])?.first.map { 8 + length + $0 }
  }

  @Test("The gate")
  func gate() throws {
    let scene = try scene()
    #expect(try scene.program().run(scene.arguments(to: "RUN", "--quiet")).code == 0)
    let run = scene.url.appending(path: "RUN").path
    let sides = ["--a", "templates=generic/two", "--b", "templates=generic/one"]
    let program = try scene.program()
    let any = try program.run(["compare", run] + sides + ["--gate", "any"])
    #expect(any.code == 2, "\(any.text)")
    #expect(any.errors.contains("gate `any`"))
    let strict = try program.run(
      ["compare", run] + sides + ["--alpha", "0.0000000001", "--quiet"])
    #expect(strict.code == 0)
    #expect(try program.run(["compare", run] + sides + ["--gate", "nothing"]).code == 64)
  }
}
