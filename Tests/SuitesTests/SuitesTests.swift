import CLIPModels
import Core
import Foundation
import Datasets
import Metrics
import Prompts
import Suites
import TestSupport
import Testing

@Suite("Suite files") struct SuiteFileTests {
  private let valid = """
    suite: small
    version: 2
    description: Two datasets.
    experiments: [zero-shot]
    datasets:
      - dataset: cifar10
        split: test
        classNames: openai-2021
        templates: generic/single
      - dataset: MNIST
        classNames: openai-2021
        templates: openai-2021
    """

  private func read(_ text: String) throws -> SuiteFile {
    let folder = try TemporaryFolder()
    let url = folder.url.appending(path: "suite.yaml")
    try text.write(to: url, atomically: true, encoding: .utf8)
    return try SuiteFile(contentsOf: url)
  }

  @Test func reads() throws {
    let suite = try read(valid)
    #expect(suite.name == "small" && suite.version == 2)
    #expect(suite.experiments == [.zeroShot])
    #expect(suite.entries.map(\.dataset) == ["cifar10", "MNIST"])
    #expect(suite.entries.map(\.split) == ["test", nil])
    #expect(suite.entries[0].templates.map(\.text) == ["generic/single"])
    #expect(suite.text == valid)
  }

  @Test(arguments: [
    ("experiments: [zero-shot]", "experiments: [zeroshot]", ":4:15", "unknown experiment"),
    ("    split: test", "    splt: test", ":7:5", "unknown key"),
    ("version: 2", "version: two", ":2:10", "expected a version"),
    ("suite: small", "suite: [", ":", "not valid YAML"),
  ])
  func complaints(from: String, to: String, place: String, message: String) throws {
    let broken = valid.replacingOccurrences(of: from, with: to)
    #expect(broken != valid)
    let error = #expect(throws: EvalError.self) { try read(broken) }
    #expect(error?.kind == .badSuite)
    #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    #expect(error?.subject?.contains("suite.yaml\(place)") == true, "\(String(describing: error))")
  }

  @Test(arguments: SuiteFile.OwnDataset.Layout.allCases)
  func everyLayoutHasItsAdapter(layout: SuiteFile.OwnDataset.Layout) throws {
    let suite = try read(
      valid + """

          - dataset: mine
            layout: \(layout.rawValue)
            path: below
            \(layout == .captions ? "experiments: [retrieval]" : "classNames: openai-2021")
            templates: single
        """)
    let plan = try Plan(
      suites: [suite], models: [LocatedModel(path: "m")], datasets: ["mine"], limit: nil)
    let generic = try DatasetRegistry.adapter(named: layout.rawValue).info
    let own = try plan.tasks[0].adapter().info
    #expect(own.id == "mine" && own.title == generic.title && own.metric == generic.metric)
    #expect(
      own.metric
        == [
          DatasetTask.classification: "accuracy", .multiLabel: "11-point-mAP",
          .captions: "image-to-text-recall@1",
        ][layout.task])
  }

  @Test func dataOfOnesOwn() throws {
    let suite = try read(
      valid + """

          - dataset: my-birds
            layout: image-folder
            path: birds
            metric: mean-per-class
            split: test
            classNames: birds.yaml
            templates: single
        """)
    let own = try #require(suite.entries[2].own)
    #expect(own.layout == .imageFolder && own.path == "birds" && own.metric == .meanPerClass)
    // Prompt files are named relative to the suite.
    #expect(suite.entries[2].classNames.map { $0.text.hasSuffix("/birds.yaml") } == [true])
    #expect(suite.entries[2].templates.map(\.text) == ["single"])
    let plan = try Plan(
      suites: [suite], models: [LocatedModel(path: "m")], datasets: ["my-birds"], limit: nil)
    #expect(plan.tasks.map(\.dataset) == ["my-birds"])
    #expect(try plan.tasks[0].adapter().info.metric == "mean-per-class")

    let data = try TemporaryFolder()
    let image = data.url.appending(path: "birds/test/wren/1.ppm")
    try FileManager.default.createDirectory(
      at: image.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data("P6\n1 1\n255\nabc".utf8).write(to: image)
    let index = try plan.tasks[0].index(dataRoot: data.url)
    #expect(index.dataset == "my-birds" && index.samples.map(\.id) == ["test/wren/1.ppm"])
  }

  @Test func aSuitesOwnEmbeddingsStandInForModels() throws {
    let text = valid.replacingOccurrences(
      of: "datasets:", with: "models:\n  - embeddings: features/a\n  - embeddings: /b\ndatasets:")
    let suite = try read(text)
    #expect(suite.models.map { URL(filePath: $0).lastPathComponent } == ["a", "b"])
    #expect(suite.models[0].hasSuffix("/features/a") && suite.models[0].hasPrefix("/"))
    let own = try Plan(suites: [suite, try read(valid)], models: [], datasets: [], limit: nil)
    #expect(own.tasks.map(\.modelName) == ["a", "a", "b", "b"])
    let named = try Plan(
      suites: [suite], models: [LocatedModel(path: "m")], datasets: [], limit: nil)
    #expect(named.tasks.map(\.modelName) == ["m", "m"])
    let error = #expect(throws: EvalError.self) {
      try read(text.replacingOccurrences(of: "embeddings: /b", with: "embedding: /b"))
    }
    #expect(error?.message.contains("unknown key \"embedding\"") == true)
  }

  @Test func dataOfOnesOwnNeedsLayoutAndPath() throws {
    let error = #expect(throws: EvalError.self) {
      try read(valid.replacingOccurrences(of: "split: test", with: "path: birds"))
    }
    #expect(error?.message.contains("needs both") == true)
  }

  // MARK: experiments and kinds of datasets

  private let mixed = """
    suite: mixed
    version: 1
    description: Classes and captions.
    experiments: [zero-shot, retrieval]
    datasets:
      - dataset: MNIST
        classNames: openai-2021
        templates: openai-2021
      - dataset: flickr30k
      - dataset: mine
        layout: captions
        path: mine
        experiments: [retrieval]
        templates: photo-of
        captionsPerImage: 5
    """

  @Test func experimentsGoToTheDatasetsTheyFit() throws {
    let suite = try read(mixed)
    #expect(suite.entries.map(\.experiments) == [[.zeroShot], [.retrieval], [.retrieval]])
    #expect(suite.entries.map { $0.classNames.map(\.text) } == [["openai-2021"], [], []])
    #expect(
      suite.entries.map { $0.templates.map(\.text) } == [
        ["openai-2021"], ["generic/bare"], ["photo-of"],
      ])
    #expect(suite.entries.map(\.captionsPerImage) == [nil, nil, 5])
    let plan = try Plan(
      suites: [suite], models: [LocatedModel(path: "m")], datasets: [], limit: nil)
    #expect(plan.tasks.map(\.experiment) == ["zero-shot", "retrieval", "retrieval"])
    #expect(plan.tasks.map(\.dataset) == ["MNIST", "Flickr30k", "mine"])
    #expect(plan.tasks.map(\.split) == ["test", "test", "test"])
    #expect(plan.tasks.map(\.captionsPerImage) == [nil, nil, 5])
  }

  @Test(arguments: [
    ("[zero-shot, retrieval]", "[retrieval]", ":6:5", "no experiment of the suite"),
    ("[zero-shot, retrieval]", "[zero-shot]", ":9:5", "no experiment of the suite"),
    ("experiments: [retrieval]", "experiments: [zero-shot]", ":13:19", "is not one for it"),
    ("experiments: [retrieval]", "experiments: []", ":13:18", "at least one experiment"),
    ("    templates: photo-of", "    classNames: photo-of", ":14:17", "no classes to name"),
    ("captionsPerImage: 5", "captionsPerImage: 0", ":15:23", "expected a number of captions"),
    ("captionsPerImage: 5", "metric: accuracy", ":15:13", "cannot be chosen"),
    (
      "    templates: openai-2021", "    templates: openai-2021\n    captionsPerImage: 1", ":9:23",
      "classes and no captions"
    ),
  ])
  func misfits(from: String, to: String, place: String, message: String) throws {
    let broken = mixed.replacingOccurrences(of: from, with: to)
    #expect(broken != mixed)
    let error = #expect(throws: EvalError.self) { try read(broken) }
    #expect(error?.kind == .badSuite)
    #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    #expect(error?.subject?.hasSuffix("suite.yaml\(place)") == true, "\(String(describing: error))")
  }

  @Test func anExperimentWithoutADatasetIsRefused() throws {
    let error = #expect(throws: EvalError.self) {
      try read(valid.replacingOccurrences(of: "[zero-shot]", with: "[zero-shot, retrieval]"))
    }
    #expect(error?.kind == .badSuite)
    #expect(error?.subject?.hasSuffix("suite.yaml:4:26") == true, "\(String(describing: error))")
  }

  @Test func everyShippedSuiteReads() throws {
    let folder = TestPaths.project.appending(path: "Suites")
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".yaml") }
    #expect(files.contains("first-light.yaml"))
    let prompts = try PromptLibrary(roots: [TestPaths.project.appending(path: "Prompts")])
    for file in files {
      let suite = try SuiteFile(contentsOf: folder.appending(path: file))
      #expect(suite.name == String(file.dropLast(5)))
      _ = try Plan(
        suites: suite.expanded(), models: [LocatedModel(path: "m")], datasets: [], limit: nil,
        prompts: prompts)
    }
  }

  // MARK: plans

  @Test func planNamesDatasetsCanonicallyAndFillsSplits() throws {
    let plan = try Plan(
      suites: [read(valid)], models: [LocatedModel(path: "a/one"), LocatedModel(path: "b/two")],
      datasets: [], limit: nil)
    #expect(plan.tasks.map(\.dataset) == ["CIFAR10", "MNIST", "CIFAR10", "MNIST"])
    #expect(plan.tasks.map(\.split) == ["test", "test", "test", "test"])
    #expect(plan.tasks.map(\.modelName) == ["one", "one", "two", "two"])
  }

  @Test func selection() throws {
    let suite = try read(valid)
    let plan = try Plan(
      suites: [suite, suite], models: [LocatedModel(path: "m")], datasets: ["mnist"], limit: 5)
    #expect(plan.tasks.count == 1)
    #expect(plan.tasks[0].dataset == "MNIST" && plan.tasks[0].limit == 5)
    let error = #expect(throws: EvalError.self) {
      try Plan(
        suites: [suite], models: [LocatedModel(path: "m")], datasets: ["EuroSAT"], limit: nil)
    }
    #expect(error?.kind == .badSuite)
  }

  @Test func modelsOfOneNameAreRefused() throws {
    let suite = try read(valid)
    let error = #expect(throws: EvalError.self) {
      try Plan(
        suites: [suite], models: [LocatedModel(path: "a/clip"), LocatedModel(path: "b/clip/")],
        datasets: [], limit: nil)
    }
    #expect(error?.kind == .usage)
    #expect(error?.message.contains("both called clip") == true)
  }

  @Test func modelsOfTheCatalogKeepItsName() throws {
    let suite = try read(valid)
    let named = LocatedModel(url: URL(filePath: "/m/ViT-B-32.pt"), name: "ViT-B/32")
    let plan = try Plan(
      suites: [suite], models: [named, LocatedModel(path: "/m/ViT-B-32.pt")], datasets: ["MNIST"],
      limit: nil)
    #expect(plan.tasks.map(\.modelName) == ["ViT-B/32"])
    #expect(plan.tasks.map(\.model) == ["/m/ViT-B-32.pt"])
    // Their predictions would lie in one folder.
    let error = #expect(throws: EvalError.self) {
      try Plan(
        suites: [suite], models: [named, LocatedModel(path: "/other/ViT-B-32")], datasets: [],
        limit: nil)
    }
    #expect(error?.kind == .usage)
  }

  @Test func unknownDatasetNamesTheSuite() throws {
    let suite = try read(valid.replacingOccurrences(of: "cifar10", with: "cifar11"))
    let error = #expect(throws: EvalError.self) {
      try Plan(suites: [suite], models: [LocatedModel(path: "m")], datasets: [], limit: nil)
    }
    #expect(error?.kind == .badSuite)
    #expect(error?.subject?.hasSuffix("suite.yaml:6:5") == true)
    #expect(error?.remedy?.lowercased().contains("cifar10") == true)
  }

  @Test func table11HasTheDatasetsOfTable9AndTheirPrompts() throws {
    let suites = TestPaths.project.appending(path: "Suites")
    let suite = try SuiteFile(contentsOf: suites.appending(path: "paper/table-11.yaml"))
    #expect(suite.entries.map(\.dataset).count == 27)
    #expect(Set(suite.entries.map(\.dataset)) == Set(PaperSizes.table9.keys))
    let library = try PromptLibrary(roots: [TestPaths.project.appending(path: "Prompts")])
    for entry in suite.entries {
      #expect(entry.experiments == [.zeroShot])
      for reference in entry.classNames + entry.templates {
        #expect(reference.text == "openai-2021")
        let set = try library.resolve(reference.text, dataset: entry.dataset)
        #expect(!set.classes.isEmpty && !set.templates.isEmpty)
      }
    }
  }
}
