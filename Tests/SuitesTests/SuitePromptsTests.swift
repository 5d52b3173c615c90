import CLIPModels
import Core
import Foundation
import Prompts
import Suites
import TestSupport
import Testing

/// Entries with several class-name and template sets, and the tasks that follow from them.
@Suite struct SuitePromptsTests {
  private let folder: TemporaryFolder
  private let library: PromptLibrary

  init() throws {
    let folder = try TemporaryFolder()
    self.folder = folder
    func write(_ path: String, _ dataset: String, _ set: String, _ templates: [String]) throws {
      let url = folder.url.appending(path: path)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      let list = templates.map { "\"\($0)\"" }.joined(separator: ", ")
      let text =
        "dataset: \(dataset)\nset: \(set)\nversion: 1\nsource: x\nclasses: [a]\ntemplates: [\(list)]\n"
      try Data(text.utf8).write(to: url)
    }
    try write("prompts/MNIST/three.yaml", "MNIST", "three", ["a {}", "b {}", "c {}"])
    try write("prompts/generic/one.yaml", "generic", "one", ["{}"])
    try write("birds.yaml", "birds", "birds", ["a {}", "b {}"])
    library = try PromptLibrary(roots: [folder.url.appending(path: "prompts")])
  }

  private func suite(_ keys: String, dataset: String = "MNIST") throws -> SuiteFile {
    let url = folder.url.appending(path: "suite.yaml")
    try Data(
      "suite: s\nversion: 1\ndescription: d\nexperiments: [zero-shot]\ndatasets:\n  - dataset: \(dataset)\n\(keys)"
        .utf8
    ).write(to: url)
    return try SuiteFile(contentsOf: url)
  }

  private func plan(_ keys: String) throws -> Plan {
    try Plan(
      suites: [suite(keys)], models: [LocatedModel(path: "m")], datasets: [], limit: nil,
      prompts: library)
  }

  private func prompts(_ plan: Plan) -> [String] {
    plan.tasks.map { "\($0.classNames ?? "–") \($0.templates)" }
  }

  @Test("A task for each combination, class names outermost")
  func combinations() throws {
    let plan = try plan("    classNames: [x, y]\n    templates: [one, three]\n")
    #expect(prompts(plan) == ["x one", "x three", "y one", "y three"])
    func ends(_ place: String?, _ text: String) -> Bool {
      place?.hasSuffix("suite.yaml:" + text) == true
    }
    #expect(plan.places.allSatisfy { ends($0.entry, "6:5") })
    #expect(ends(plan.places[0].classNames, "7:18") && ends(plan.places[3].classNames, "7:21"))
    #expect(ends(plan.places[0].templates, "8:17") && ends(plan.places[3].templates, "8:22"))
    let single = try self.plan("    classNames: x\n    templates: one\n")
    #expect(prompts(single) == ["x one"])
  }

  @Test("eachTemplate adds every template of a set that has several, after the set")
  func eachTemplate() throws {
    let plan = try plan(
      "    classNames: x\n    templates: [one, three, generic/one, MNIST/three#2, birds.yaml]\n    eachTemplate: true\n"
    )
    let birds = folder.url.appending(path: "birds.yaml").path
    #expect(
      prompts(plan) == [
        "x one", "x three", "x three#1", "x three#2", "x three#3", "x generic/one",
        "x MNIST/three#2", "x \(birds)", "x \(birds)#1", "x \(birds)#2",
      ])
    #expect(plan.notices.isEmpty)
    let useless = try self.plan(
      "    classNames: x\n    templates: [one, three#2]\n    eachTemplate: true\n")
    #expect(prompts(useless) == ["x one", "x three#2"] && useless.notices.count == 1)
    #expect(useless.notices.first?.contains("suite.yaml:6:5: MNIST: eachTemplate adds") == true)
    let without = try self.plan(
      "    classNames: x\n    templates: three\n    eachTemplate: false\n")
    #expect(prompts(without) == ["x three"])
  }

  @Test("A single template of a file is named relative to the suite")
  func singleOfAFile() throws {
    let suite = try suite("    classNames: x\n    templates: birds.yaml#2\n")
    let path = folder.url.appending(path: "birds.yaml").path
    #expect(suite.entries[0].templates.map(\.text) == ["\(path)#2"])
  }

  @Test("A set that cannot be found is an error that names the entry")
  func unknownSet() throws {
    let error = #expect(throws: EvalError.self) {
      try plan("    classNames: x\n    templates: thre\n    eachTemplate: true\n")
    }
    #expect(error?.kind == .badSuite)
    #expect(error?.subject?.hasSuffix("suite.yaml:8:16") == true)
    #expect(error?.remedy == "Did you mean three?")
  }

  @Test("What an entry leaves out is openai-2021, at the entry's place")
  func defaults() throws {
    let none = try suite("    split: test\n").entries[0]
    #expect(none.classNames.map(\.text) == ["openai-2021"])
    #expect(none.templates.map(\.text) == ["openai-2021"])
    #expect(none.classNames[0].place == none.place && none.templates[0].place == none.place)
    let names = try suite("    classNames: x\n").entries[0]
    #expect(names.classNames.map(\.text) == ["x"])
    #expect(names.templates.map(\.text) == ["openai-2021"])
  }

  @Test("Data of one's own have no default", arguments: ["classNames", "templates"])
  func ownDataNeedPrompts(key: String) throws {
    let other = key == "templates" ? "classNames" : "templates"
    let error = #expect(throws: EvalError.self) {
      try suite("    layout: image-folder\n    path: p\n    \(other): x\n", dataset: "mine")
    }
    #expect(error?.message == "the key \"\(key)\" is missing")
  }

  @Test(arguments: [
    ("    classNames: []\n    templates: one\n", ":7:17", "at least one class-name set"),
    ("    classNames: x\n    templates: [one, one]\n", ":8:22", "listed twice"),
    ("    classNames: x#1\n    templates: one\n", ":7:17", "expected a class-name set"),
    ("    classNames: x\n    templates: one#first\n", ":8:16", "the number of a template from 1"),
    ("    classNames: x\n    templates: {one: two}\n", ":8:16", "a template set or a list of them"),
    (
      "    classNames: x\n    templates: one\n    eachTemplate: yes\n", ":9:19",
      "expected true or false"
    ),
  ])
  func complaints(keys: String, place: String, message: String) throws {
    let error = #expect(throws: EvalError.self) { try suite(keys) }
    #expect(error?.kind == .badSuite)
    #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    #expect(error?.subject?.hasSuffix("suite.yaml\(place)") == true, "\(String(describing: error))")
  }
}
