import CLIPModels
import Core
import Datasets
import Foundation
import Prompts
import Suites
import TestSupport
import Testing

@Suite("Suites made of others") struct SuitePartsTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @discardableResult
  private func write(_ name: String, _ text: String) throws -> URL {
    let url = folder.url.appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: url, atomically: true, encoding: .utf8)
    return url
  }

  private func whole(_ name: String, _ parts: [String]) -> String {
    """
    suite: \(name)
    version: 1
    description: Others.
    makes: [Table 10, Figure 5]
    suites: [\(parts.joined(separator: ", "))]
    """
  }

  private func plain(_ name: String, _ dataset: String) -> String {
    """
    suite: \(name)
    version: 1
    description: One dataset.
    experiments: [zero-shot]
    datasets:
      - dataset: \(dataset)
    """
  }

  @Test("each part once, in order, files relative to the suite that names them")
  func expands() throws {
    try write("b/one.yaml", plain("one", "MNIST"))
    try write("b/two.yaml", plain("two", "DTD"))
    try write("b/both.yaml", whole("both", ["one.yaml", "two.yaml"]))
    let url = try write("all.yaml", whole("all", ["b/both.yaml", "b/one.yaml", "first-light"]))
    let suite = try SuiteFile(contentsOf: url)
    #expect(suite.entries.isEmpty && suite.makes == ["Table 10", "Figure 5"])
    let parts = try suite.expanded()
    #expect(parts.map(\.name) == ["all", "both", "one", "two", "first-light"])
    let plan = try Plan(
      suites: parts, models: [LocatedModel(path: "m")], datasets: ["MNIST", "DTD"], limit: nil)
    #expect(plan.tasks.map(\.dataset) == ["MNIST", "DTD"])
    let named = try SuiteFile.named([url.path, "first-light"])
    #expect(named.map(\.name) == parts.map(\.name))
  }

  @Test(
    "what leads nowhere, in a circle, or does not go together is told with its place",
    arguments: [
      ("[missing.yaml]", ":5:10", "no suite file"),
      ("[figure-5]", ":5:10", "no suite \"figure-5\""),
      ("[all.yaml]", ":5:10", "made of this suite"),
      ("[b.yaml]", "b.yaml:5:10", "made of this suite"),
      ("[]", ":5:9", "at least one suite"), ("x", ":5:9", "expected a list of suites"),
      ("[first-light]\nexperiments: [zero-shot]", ":6:14", "has no \"experiments\" of its own"),
      ("[first-light]\ndatasets:\n  - dataset: MNIST", ":7:3", "has no \"datasets\" of its own"),
    ])
  func complaints(list: String, place: String, message: String) throws {
    try write("b.yaml", whole("b", ["all.yaml"]))
    let text = whole("all", ["X"]).replacing("[X]", with: list)
    let url = try write("all.yaml", text)
    let error = #expect(throws: EvalError.self) { try SuiteFile(contentsOf: url).expanded() }
    #expect(error?.kind == .badSuite)
    #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    #expect(error?.subject?.hasSuffix(place) == true, "\(String(describing: error))")
  }

  @Test("templates beside the experiments are for entries that name none")
  func templates() throws {
    let url = try write(
      "t.yaml",
      """
      suite: t
      version: 1
      description: Templates.
      experiments: [zero-shot, retrieval]
      templates: [generic/bare, openai-2021]
      datasets:
        - dataset: MNIST
        - dataset: DTD
          templates: generic/single
        - dataset: Flickr30k
      """)
    let suite = try SuiteFile(contentsOf: url)
    #expect(
      suite.entries.map { $0.templates.map(\.text) }
        == [["generic/bare", "openai-2021"], ["generic/single"], ["generic/bare"]])
    #expect(suite.entries[0].templates[1].place.hasSuffix("t.yaml:5:27"))
    #expect(suite.entries[0].classNames.map(\.text) == ["openai-2021"])
  }

  /// As `run` checks before any image is read.
  @Test("every suite that comes with the program reads, plans, and names prompts there are")
  func shipped() throws {
    let suites = try SuiteFile.all()
    let library = try PromptLibrary(roots: [TestPaths.project.appending(path: "Prompts")])
    #expect(suites.count > 20)
    for suite in suites {
      let parts = try suite.expanded()
      let plan = try Plan(
        suites: parts, models: [LocatedModel(path: "m")], datasets: [], limit: nil,
        prompts: library)
      #expect(!plan.tasks.isEmpty && plan.notices.isEmpty, "\(suite.name)")
      if suite.name.hasPrefix("paper/") { #expect(!suite.makes.isEmpty, "\(suite.name)") }
      for task in plan.tasks where !task.templates.isEmpty {
        if let names = task.classNames, !task.takesNamesOfDataset {
          #expect(try !library.resolve(names, dataset: task.dataset).classes.isEmpty)
        }
        let templates = try library.resolve(task.templates, dataset: task.dataset)
        #expect(!templates.templates.isEmpty, "\(suite.name) \(task.dataset)")
      }
    }
    let names = Set(suites.map(\.name))
    let tables = [1, 10, 11, 13, 14, 15, 16].map { "paper/table-\($0)" }
    let figures = ((4...15) + [17]).map { "paper/figure-\($0)" }
    #expect(names.isSuperset(of: tables + figures + ["quick", "all", "demo", "first-light"]))
  }

  private func datasets(_ name: String) throws -> Set<String> {
    Set(try SuiteFile(named: name).expanded().flatMap(\.entries).map(\.dataset))
  }

  @Test("suites of figures have the datasets that the paper averages over")
  func lists() throws {
    let all = Set(PaperSizes.table9.keys)
    for name in ["figure-5", "figure-8", "figure-10", "figure-11", "figure-12"] {
      #expect(try datasets("paper/\(name)") == all, "\(name)")
    }
    let zeroShot = try datasets("paper/figure-4")
    #expect(zeroShot.count == 35 && zeroShot.intersection(all).count == 25)
    #expect(all.subtracting(zeroShot) == ["KITTI", "STL10"])
    #expect(try datasets("paper/figure-9") == zeroShot)
    // The analysis of overlap finds predictions by the dataset's name alone, which one choice of prompts gives them.
    let overlap = try SuiteFile(named: "paper/figure-17")
    #expect(Set(overlap.entries.map(\.dataset)) == zeroShot && overlap.entries.count == 35)
    #expect(overlap.entries.allSatisfy { $0.templates.count <= 1 && $0.classNames.count <= 1 })
    #expect(try datasets("paper/table-1") == ["aYahoo", "ImageNet", "SUN"])
    #expect(try datasets("quick").isSubset(of: all))
    let everything = try SuiteFile(named: "all").expanded().map(\.name)
    #expect(everything.count == 12 && Set(everything).count == 12)
  }
}
