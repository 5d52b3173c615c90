import CLIPModels
import Core
import Foundation
import Suites
import TestSupport
import Testing

@Suite("Probes in suites") struct ProbeSettingsTests {
  private func read(_ probe: String, entry: String = "", experiments: String = "linear-probe")
    throws
    -> SuiteFile
  {
    let folder = try TemporaryFolder()
    let url = folder.url.appending(path: "suite.yaml")
    try """
    suite: probes
    version: 1
    description: Probes.
    experiments: [\(experiments)]
    probe: \(probe)
    datasets:
      - dataset: DTD\(entry)
    """.write(to: url, atomically: true, encoding: .utf8)
    return try SuiteFile(contentsOf: url)
  }

  private func task(_ suite: SuiteFile, _ dataset: String? = nil) throws -> PlannedTask {
    try #require(
      Plan(
        suites: [suite], models: [LocatedModel(path: "m")], datasets: dataset.map { [$0] } ?? [],
        limit: nil
      ).tasks.first)
  }

  @Test func defaults() throws {
    let task = try task(read("{}", experiments: "few-shot"))
    let probe = try #require(task.probe)
    #expect(task.templates.isEmpty && task.classNames == nil && task.split == "test")
    #expect(probe.feature == .pooled && !probe.normalise && probe.solver == .converged)
    #expect(probe.search == .paper && probe.C == nil && probe.selection == .fewShot)
    #expect(probe.shots == [1, 2, 4, 8, 16] && probe.seeds == [1, 2, 3])
    #expect(probe.neighbours == nil && probe.temperature == nil)
    #expect(probe.rounds == [.init(train: "train", validation: "val", test: "test")])
    let knn = try #require(try self.task(read("{}", experiments: "knn")).probe)
    #expect(knn.neighbours == 20 && knn.temperature == 0.07)
    #expect(knn.solver == nil && knn.search == nil && knn.shots == nil)
  }

  @Test func anEntrysOwnComeFirst() throws {
    let entry = "\n    probe: {C: 2, feature: projected}"
    let probe = try #require(
      try task(read("{solver: paper, search: flat}", entry: entry)).probe)
    #expect(probe.solver == .paper && probe.feature == .projected)
    #expect(probe.C == 2 && probe.search == nil)
  }

  @Test(arguments: [
    ("{solver: newton}", ":5:17", "unknown solver"),
    ("{C: 0}", ":5:12", "positive number"),
    ("{C: 1, search: paper}", ":5:23", "nothing to search for"),
    ("{shots: [1, 1]}", ":5:20", "listed twice"),
    ("{shots: [0]}", ":5:17", "expected examples a class"),
    ("{seeds: none}", ":5:16", "expected a number of seeds"),
    ("{neighbors: 3}", ":5:9", "unknown key"),
    ("{normalise: yes}", ":5:20", "true or false"),
    ("{temperature: -1}", ":5:22", "positive number"),
    ("{train: []}", ":5:16", "at least one split"),
  ])
  func complaints(probe: String, place: String, message: String) throws {
    let error = #expect(throws: EvalError.self) { try read(probe) }
    #expect(error?.kind == .badSuite)
    #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    #expect(error?.subject?.hasSuffix("suite.yaml\(place)") == true, "\(String(describing: error))")
  }

  @Test(arguments: [
    ("{selection: fixed}", "needs a C"),
    ("{selection: validation, C: 1}", "nothing to select"),
    ("{selection: cross-validation}", "single example"),
    ("{train: test}", "cannot be trained on what it is tested on"),
    ("{validation: train}", "C cannot be chosen on"),
    ("{train: [train, val], test: [test, test, test]}", "one split or 3"),
    ("{train: learn}", "no split `learn`"),
  ])
  func misfits(probe: String, message: String) throws {
    let suite = try read(probe, experiments: "few-shot")
    let error = #expect(throws: EvalError.self) { try task(suite) }
    #expect(error?.kind == .badSuite)
    #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    #expect(error?.subject?.hasSuffix("suite.yaml:7:5") == true)
  }

  @Test func probesWithoutUseAreRefused() throws {
    let error = #expect(throws: EvalError.self) { try read("{}", experiments: "zero-shot") }
    #expect(error?.message.contains("no experiment of the suite is a probe") == true)
    let words = #expect(throws: EvalError.self) {
      try read("{}", entry: "\n    templates: openai-2021")
    }
    #expect(words?.message.contains("takes prompts") == true)
  }

  /// What each of the paper's datasets is trained, validated and tested on (Documentation/Protocols.md).
  @Test(arguments: [
    ("CIFAR10", "train", nil, "test"), ("FGVCAircraft", "train", "val", "test"),
    ("OxfordPets", "trainval", nil, "test"), ("ImageNet", "train", nil, "val"),
    ("HatefulMemes", "train", nil, "dev"), ("EuroSAT", "openai/train", nil, "openai/test"),
    ("Caltech101", "openai/train", nil, "openai/test"), ("Food101", "train", nil, "test"),
    ("CLEVRCounts", "openai/train", nil, "openai/test"), ("KITTI", "train", "val", "test"),
    ("Kinetics700", "train", nil, "val"), ("VOC2007", "train", "val", "test"),
    ("PCam", "train", "val", "test"), ("SUN397", "train", nil, "test"),
  ])
  func officialSplits(dataset: String, train: String, validation: String?, test: String) throws {
    let suite = try SuiteFile(named: "paper/table-10")
    let task = try task(suite, dataset)
    #expect(
      task.probe?.rounds == [.init(train: train, validation: validation, test: test)],
      "\(String(describing: task.probe?.rounds))")
  }

  @Test func predefinedSplitsAreRounds() throws {
    let suite = try SuiteFile(named: "paper/table-10")
    let folds = try #require(try task(suite, "STL10").probe).rounds
    #expect(folds.map(\.train) == (0..<10).map { "fold\($0)" })
    #expect(folds.allSatisfy { $0.test == "test" && $0.validation == nil })
    let videos = try #require(try task(suite, "UCF101").probe).rounds
    #expect(videos.map(\.train) == ["train1", "train2", "train3"])
    #expect(videos.map(\.test) == ["test1", "test2", "test3"])
  }

  @Test func theRestOfThePlanHashesAsEver() throws {
    let text = try CanonicalJSON.string(task(SuiteFile(named: "first-light")))
    #expect(!text.contains("probe"))
  }
}
