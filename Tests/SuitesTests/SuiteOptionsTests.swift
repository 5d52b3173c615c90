import CLIPModels
import Core
import Datasets
import Foundation
import Suites
import TestSupport
import Testing

/// Options of datasets, from a suite's entry to the adapter.
@Suite struct SuiteOptionsTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func plan(_ entries: String...) throws -> Plan {
    let url = folder.url.appending(path: "suite.yaml")
    let text =
      "suite: s\nversion: 1\ndescription: d\nexperiments: [zero-shot]\ndatasets:\n"
      + entries.map { "  - {classNames: x, templates: y, \($0)}\n" }.joined()
    try Data(text.utf8).write(to: url)
    return try Plan(
      suites: [SuiteFile(contentsOf: url)], models: [LocatedModel(path: "m")], datasets: [],
      limit: nil)
  }

  @Test("effective options are part of the task, the adapter and the selection of samples")
  func tasks() throws {
    let plan = try plan(
      "dataset: ObjectNet, options: {crop: 1}", "dataset: ObjectNet",
      "dataset: objectnet, options: {crop: \"2\"}", "dataset: MNIST")
    #expect(plan.tasks.map(\.options) == [["crop": "1"], ["crop": "2"], nil])
    #expect(plan.tasks.map(\.optionsText) == ["crop=1", "crop=2", nil])
    #expect(Set(plan.tasks.map(SampleSelection.init)).count == 3)
    let scene = folder.url.appending(path: "objectnet")
    for name in ["alarm_clock", "band_aid", "wine_bottle"] {
      try FileManager.default.createDirectory(
        at: scene.appending(path: "images/\(name)"), withIntermediateDirectories: true)
      try Data().write(to: scene.appending(path: "images/\(name)/1.png"))
    }
    #expect(try plan.tasks[0].index(dataRoot: folder.url).adjustment.croppedBorder == 1)
    #expect(try plan.tasks[1].index(dataRoot: folder.url).adjustment.croppedBorder == 2)
    let json = try CanonicalJSON.string(plan.tasks[2])
    #expect(json.contains(#""options":null"#))
    let earlier = json.replacing(#""options":null,"#, with: "")
    #expect(try JSONDecoder().decode(PlannedTask.self, from: Data(earlier.utf8)) == plan.tasks[2])
  }

  @Test(arguments: [
    ("dataset: ObjectNet, options: {crop: 3}", "crop is 2, 1 or 0"),
    ("dataset: ObjectNet, options: {border: 1}", "no option `border`"),
    ("dataset: MNIST, options: {crop: 1}", "has no options"),
    ("dataset: ObjectNet, options: [crop]", "a map of options"),
    ("dataset: ObjectNet, options: {crop: [1]}", "the value of an option"),
  ])
  func complaints(entry: String, message: String) throws {
    let error = #expect(throws: EvalError.self) { try plan(entry) }
    #expect(error?.kind == .badSuite)
    #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    #expect(error?.subject?.contains("suite.yaml:6:") == true)
  }

  @Test("metrics of frames in sets are for no layout of one's own")
  func metricsOfOnesOwn() throws {
    let error = #expect(throws: EvalError.self) {
      try plan("dataset: mine, layout: voc, path: x, metric: pm-0")
    }
    #expect(error?.message.contains("11-point-mAP, area-mAP") == true)
    #expect(try plan("dataset: mine, layout: csv, path: x, metric: ROC-AUC").tasks.count == 1)
  }
}
