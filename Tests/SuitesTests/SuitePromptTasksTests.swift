import CLIPModels
import Core
import Foundation
import Prompts
import Suites
import TestSupport
import Testing

/// The experiment `prompts` in suites.
@Suite struct SuitePromptTasksTests {
  private let folder: TemporaryFolder
  private let library: PromptLibrary

  init() throws {
    folder = try TemporaryFolder()
    let prompts = folder.url.appending(path: "prompts/MNIST")
    try FileManager.default.createDirectory(at: prompts, withIntermediateDirectories: true)
    library = try PromptLibrary(roots: [folder.url.appending(path: "prompts")])
  }

  private func plan(_ top: String, _ entry: String = "", dataset: String = "MNIST") throws -> Plan {
    let url = folder.url.appending(path: "suite.yaml")
    try Data(
      "suite: s\nversion: 1\ndescription: d\n\(top)datasets:\n  - dataset: \(dataset)\n\(entry)"
        .utf8
    ).write(to: url)
    return try Plan(
      suites: [SuiteFile(contentsOf: url)], models: [LocatedModel(path: "m")], datasets: [],
      limit: nil, prompts: library)
  }

  private func message(_ top: String, _ entry: String = "", dataset: String = "MNIST") -> String {
    do {
      _ = try plan(top, entry, dataset: dataset)
      return "nothing"
    } catch {
      return "\(error)"
    }
  }

  @Test("Without a word: the bare name, one template and the dataset's own, selected on one half")
  func defaults() throws {
    let plan = try plan("experiments: [prompts]\n")
    let task = try #require(plan.tasks.first)
    let prompts = try #require(task.prompts)
    #expect(plan.tasks.count == 1 && task.classNames == "openai-2021" && task.templates.isEmpty)
    #expect(prompts.sets == ["generic/bare", "generic/single", "openai-2021"])
    #expect(prompts.base == "generic/single" && prompts.from == nil)
    #expect(prompts.selectOn == "half" && prompts.seed == 1 && prompts.size == nil)
    #expect(task.splitNames == ["test"])
  }

  @Test("What a suite says, and what an entry says in its place")
  func settings() throws {
    let top =
      "experiments: [zero-shot, prompts]\ntemplates: [x, y]\nprompts: {base: y, size: 3, seed: 7}\n"
    let plan = try plan(
      top, "    classNames: [a, b]\n    prompts: {from: w.yaml, select: train, size: 5}\n")
    let tasks = plan.tasks.filter { $0.prompts != nil }
    #expect(plan.tasks.count == 6 && tasks.map(\.classNames) == ["a", "b"])
    let prompts = try #require(tasks.first?.prompts)
    let file = folder.url.appending(path: "w.yaml").path
    #expect(prompts.sets == ["x", "y", file] && prompts.base == "y" && prompts.from == file)
    #expect(prompts.selectOn == "train" && prompts.seed == nil && prompts.size == 5)
    #expect(tasks.first?.splitNames == ["train", "test"])
    #expect(tasks.first?.parts.map(\.split) == ["train", "test"])
    let places = plan.places.filter { !$0.sets.isEmpty }
    #expect(
      places.first?.sets.map { $0.split(separator: ":").dropFirst().joined(separator: ":") }
        == ["5:13", "5:16", "10:21"])
    let none = try self.plan(top, "    prompts: {select: none}\n").tasks.compactMap(\.prompts)
    #expect(none.first?.selectOn == nil && none.first?.size == nil && none.first?.seed == nil)
  }

  @Test("Other tasks hash as ever")
  func otherTasks() throws {
    let task = try #require(try plan("experiments: [zero-shot]\n").tasks.first)
    #expect(!(try CanonicalJSON.string(task)).contains("\"prompts\""))
  }

  @Test("What does not go together is told with its place")
  func faults() {
    let one = "experiments: [prompts]\n"
    func expect(
      _ text: String, _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) {
      for part in parts {
        #expect(text.contains(part), "\(text)", sourceLocation: sourceLocation)
      }
    }
    expect(message(one, "    prompts: {select: test}\n"), "suite.yaml:6", "scored on, test")
    expect(message(one, "    prompts: {select: validation}\n"), "suite.yaml:6", "validation")
    expect(
      message(one, "    prompts: {select: none, size: 3}\n"), "suite.yaml:7", "size has no use")
    expect(message(one, "    prompts: {size: 0}\n"), "suite.yaml:7", "number of templates")
    expect(message(one, "    prompts: {base: [a, b]}\n"), "suite.yaml:7", "one template set")
    expect(message(one, "    prompts: {sets: a}\n"), "suite.yaml:7", "sets")
    expect(message(one, "    eachTemplate: true\n"), "suite.yaml:7", "eachTemplate has no use")
    expect(message("experiments: [zero-shot]\nprompts: {}\n"), "prompts")
    expect(
      message("experiments: [zero-shot]\n", "    prompts: {size: 3}\n"), "none of the experiments")
    expect(message(one, dataset: "Flickr30k"), "no experiment of the suite is one for it")
  }
}
