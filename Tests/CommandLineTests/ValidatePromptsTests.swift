import Foundation
import TestSupport
import Testing

/// `validate prompts`, and the prompts that a suite takes where it names none.
@Suite struct ValidatePromptsTests {
  @Test("What comes with the program has no error, and the known notices")
  func shipped() throws {
    let program = try Program(environment: [
      "CLIP_EVAL_PROMPTS": TestPaths.project.appending(path: "Prompts").path
    ])
    let all = try program("validate", "prompts", "--json")
    #expect(all.code == 0, "\(all.text)")
    let sets = try #require(try all.json()["sets"] as? [[String: Any]])
    func kinds(_ set: String) throws -> [String] {
      let entry = try #require(sets.first { $0["set"] as? String == set })
      let findings = try #require(entry["findings"] as? [[String: Any]])
      #expect(findings.allSatisfy { $0["severity"] as? String == "notice" })
      return findings.compactMap { $0["kind"] as? String }
    }
    #expect(try kinds("ImageNet/openai-2021") == ["duplicate-name", "duplicate-name"])
    #expect(try kinds("Caltech101/openai-2021") == ["spaces"])
    #expect(try kinds("CIFAR10/openai-2021").isEmpty)
    let one = try program("validate", "prompts", "ImageNet/openai-2021")
    #expect(one.code == 0)
    #expect(
      one.text.contains(
        "ImageNet/openai-2021.yaml:750: notice: 2 classes are called \"missile\": n03773504, n04008634"
      ))
    #expect(
      one.text.hasSuffix("1 set, 0 compared with the dataset on disk: 0 errors, 2 notices\n"))
  }

  @Test("Classes are compared with a dataset on the disk; errors have a place and the exit code 65")
  func compared() throws {
    let scene = try Scene()
    let program = try scene.program()
    let cifar = try program(
      "validate", "prompts", "CIFAR10", "--data-root", scene.data.path, "--json")
    #expect(cifar.code == 0, "\(cifar.text)\(cifar.errors)")
    let set = try #require((try cifar.json()["sets"] as? [[String: Any]])?.first)
    #expect(set["compared"] as? String == "test" && set["notCompared"] is NSNull)

    let head = "dataset: CIFAR10\nset: mine\nversion: 1\nsource: a test\n"
    try scene.write(head + "classes: {airplane: a, frogg: frogg, bird: b}\n", to: "names.yaml")
    try scene.write(head + "templates:\n  - \"a {}\"\n  - \"a {c}\"\n", to: "templates.yaml")
    let names = scene.url.appending(path: "names.yaml").path
    let templates = scene.url.appending(path: "templates.yaml").path
    let bad = try program(
      "validate", "prompts", names, templates, "--data-root", scene.data.path)
    #expect(bad.code == 65)
    #expect(bad.text.contains("\(names): error: CIFAR10: 8 of 10 classes do not join"))
    #expect(bad.text.contains("\"frog\" – near: frogg"))
    #expect(
      bad.text.contains(
        "\(templates):7:5: error: expected one {} for the class name in the template, found 0: "
          + "\"a {c}\". Write {} where {c} stands."))
    #expect(
      bad.text.hasSuffix("2 sets, 1 compared with the dataset on disk: 2 errors, 0 notices\n"))

    // Without the disk, what is known is how many classes there are.
    let unseen = try program("validate", "prompts", names)
    #expect(unseen.code == 0)
    #expect(unseen.text.contains("\(names): notice: CIFAR10 has 10 classes, the set 3"))
    let absent = try program(
      "validate", "prompts", names, "--data-root", scene.data.appending(path: "toys").path)
    #expect(absent.text.contains("not compared: CIFAR10 is not below"))
  }

  @Test("Sets that do not exist are not found, with near misses")
  func notFound() throws {
    let scene = try Scene()
    let program = try scene.program()
    for (name, hint) in [
      ("CIFAR1", "Did you mean CIFAR10?"), ("CIFAR10/tny", "Did you mean tiny?"),
      ("MNIST/a/b", "no prompt set \"a/b\""), ("nowhere.yaml", "nowhere.yaml"),
    ] {
      let result = try program("validate", "prompts", name)
      #expect(result.code == 66 && result.errors.contains(hint), "\(result.errors)")
    }
  }

  @Test("An entry without sets takes the paper's prompts, and says so where there are none")
  func defaults() throws {
    let scene = try Scene()
    try scene.write(
      "suite: d\nversion: 1\ndescription: d\nexperiments: [zero-shot]\ndatasets:\n  - dataset: CIFAR10\n",
      to: "toys.yaml")
    let none = try scene.program().run(scene.arguments(to: "RUN"))
    #expect(none.code == 78)
    #expect(
      none.errors.contains(
        "toys.yaml:6:5: CIFAR10 takes the default prompts, and there are none: no prompt set \"openai-2021\" for the dataset \"CIFAR10\""
      ), "\(none.errors)")
    #expect(none.errors.contains("Say classNames and templates in the entry."))
    #expect(!none.errors.contains("classNames: dataset"))
    // Its classes are words of its own lists, for which nobody can have made a set.
    try scene.write(
      "suite: d\nversion: 1\ndescription: d\nexperiments: [zero-shot]\ndatasets:\n  - dataset: IIIT5K\n",
      to: "toys.yaml")
    let words = try scene.program().run(scene.arguments(to: "RUN"))
    #expect(words.code == 78)
    #expect(words.errors.contains("`classNames: dataset` takes the names"), "\(words.errors)")
    try scene.write(
      "suite: d\nversion: 1\ndescription: d\nexperiments: [zero-shot]\ndatasets:\n  - dataset: CIFAR10\n",
      to: "toys.yaml")

    let tiny = try String(
      contentsOf: scene.prompts.appending(path: "CIFAR10/tiny.yaml"), encoding: .utf8)
    try scene.write(
      tiny.replacing("set: tiny", with: "set: openai-2021") + "templates: [\"a {}.\"]\n",
      to: "prompts/CIFAR10/openai-2021.yaml")
    let result = try scene.program().run(scene.arguments(to: "RUN"))
    #expect(result.code == 0, "\(result.errors) \(result.text)")
    let row = try #require(try resultRows(scene.url.appending(path: "RUN")).first)
    let made = try #require(row["protocol"] as? [String: Any])
    #expect(made["classNameSet"] as? String == "CIFAR10/openai-2021")
    #expect(made["templateSet"] as? String == "CIFAR10/openai-2021")
  }

  @Test("A set of templates is no set of class names; the place is the key's")
  func places() throws {
    let scene = try Scene()
    let good = try String(contentsOf: scene.suite, encoding: .utf8)
    for (text, replacement, message) in [
      (
        "classNames: digits", "classNames: generic/two",
        "MNIST: the prompt set generic/two has templates only, and no class names"
      ),
      ("classNames: digits", "classNames: [digits, digit]", "MNIST: no prompt set \"digit\""),
    ] {
      try scene.write(good.replacing(text, with: replacement, maxReplacements: 1), to: "toys.yaml")
      let result = try scene.program().run(scene.arguments(to: "RUN"))
      let column = replacement.contains("[") ? 26 : 17
      #expect(result.code == 78)
      #expect(result.errors.contains("toys.yaml:15:\(column): \(message)"), "\(result.errors)")
    }
  }
}
