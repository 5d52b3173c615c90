import Core
import Experiments
import Foundation
import References
import Statistics
import Suites
import TensorFiles
import TestSupport
import Testing

/// What the page of a run folder shows of its predictions.
@Suite struct RunReportTests {
  /// A run of one zero-shot task with one row.
  private func run(
    in folder: URL, metric: String
  ) throws -> (record: RunRecord, rows: [ResultRow]) {
    var entry = EvaluationProtocol(dataset: "toys", model: "tiny")
    entry.split = "test"
    let row = try ResultRow(
      experiment: "zero-shot", dataset: "toys", model: "tiny", metric: metric, value: 0.5,
      interval95: nil, interval99_5: nil, intervalMethod: nil, n: 4, nExpected: nil, nFailed: 0,
      partial: false, chance: nil, reference: nil, verdict: .noReference, nearTies: nil,
      emptyClasses: nil, protocol: entry)
    let record = """
      {"schemaVersion": 1, "programVersion": "0", "suites": [], "plan": [{"experiment": "zero-shot", "model": "/m/tiny",
      "modelName": "tiny", "dataset": "toys", "own": null, "split": "test", "options": null, "classNames": "a",
      "templates": "b", "captionsPerImage": null, "limit": null}],
      "settings": {"recipe": null, "resize": null, "crop": null, "activation": null},
      "planHash": "\(String(repeating: "0", count: 64))",
      "machine": {"processor": "p", "processors": 1, "memoryBytes": 1, "system": "s", "isa": "i", "blasCore": "b",
      "blasConfiguration": "c", "towerKernels": "t", "kernelWarning": null},
      "threads": 1, "precision": "fp32", "start": "2026-01-01T00:00:00Z", "end": null, "state": "complete",
      "tasks": [{"experiment": "zero-shot", "dataset": "toys", "model": "tiny", "status": "ok", "failedSamples": []}]}
      """
    try record.write(to: folder.appending(path: "run.json"), atomically: true, encoding: .utf8)
    return (try RunFolder(folder).record(), [row])
  }

  private func write(
    _ labels: [Int64], in folder: URL, ids: String = "a\nb\nc\nd\n", more: [TensorPayload] = []
  ) throws {
    let predictions = folder.appending(path: "predictions/zero-shot/tiny")
    try FileManager.default.createDirectory(at: predictions, withIntermediateDirectories: true)
    try SafetensorsFile.write(
      [
        TensorPayload(name: "index", shape: [4], integers: [0, 2, 4, 6]),
        TensorPayload(name: "label", shape: [4], integers: labels),
        TensorPayload(name: "prediction", shape: [4], integers: [0, 0, 1, 1]),
        TensorPayload(
          name: "top5", shape: [4, 5],
          integers: [0, 1, -1, -1, -1, 0, 1, -1, -1, -1, 1, 0, -1, -1, -1, 1, 0, -1, -1, -1]),
        TensorPayload(
          name: "score", shape: [4, 5],
          floats: [Float](repeating: 0, count: 20).enumerated().map {
            $0.offset % 5 == 0 ? Float(log(3.0)) : $0.offset % 5 == 1 ? 0 : .nan
          }),
        TensorPayload(name: "confidence", shape: [4], floats: [0.75, 0.75, 0.75, 0.75]),
      ] + more, to: predictions.appending(path: "toys.safetensors"))
    try ids.write(
      to: predictions.appending(path: "toys.ids.txt"), atomically: true, encoding: .utf8)
    try "id\tname\nn0\ttin\\tsoldier\nn1\tdoll & house\n".write(
      to: predictions.appending(path: "toys.classes.tsv"), atomically: true, encoding: .utf8)
  }

  private func page(_ folder: URL, metric: String = "accuracy") throws -> String {
    let (record, rows) = try run(in: folder, metric: metric)
    try RunReport(
      ReportedRun(rows: rows, record: record, folder: folder), published: .shipped()
    ).write(to: folder)
    return try String(contentsOf: folder.appending(path: "report.html"), encoding: .utf8)
  }

  @Test(
    "class names, wrong samples with their probabilities, and pictures kept by their place in the split"
  )
  func details() throws {
    let folder = try TemporaryFolder()
    try write([0, 1, 1, 0], in: folder.url, ids: "a\nb\\nb.png\nc\nd\n")
    let pictures = folder.url.appending(path: "predictions/zero-shot/tiny/toys.errors")
    try FileManager.default.createDirectory(at: pictures, withIntermediateDirectories: true)
    try Data("JPEG".utf8).write(to: pictures.appending(path: "6.jpg"))
    let page = try page(folder.url)
    // A tab in a name is shown as a space.
    #expect(page.contains("<li>tin soldier <span>75.0</span></li>"))
    #expect(page.contains("<li class=\"good\">doll &amp; house <span>25.0</span></li>"))
    #expect(page.contains("2 of 2 wrong predictions"))
    #expect(page.contains("data:image/jpeg;base64,SlBFRw==\" alt=\"Sample d\""))
    #expect(page.contains("<p class=\"quiet id\">b\nb.png</p>"))
    #expect(page.contains("<dt>Overconfident by</dt><dd>25.0 points</dd>"))
  }

  @Test(
    "of images that show several classes the average precision of each class",
    arguments: [("11-point-mAP", "84.8"), ("area-mAP", "83.3")])
  func precisions(metric: String, ofFirst: String) throws {
    let folder = try TemporaryFolder()
    // By falling score the first class has + − + −: precisions 1 and 2/3; the second − + − −: 1/2.
    try write(
      [-1, -1, -1, -1], in: folder.url,
      more: [
        TensorPayload(name: "labels", shape: [4, 2], integers: [1, -1, -1, -1, 1, -1, -1, 1]),
        TensorPayload(
          name: "class_score", shape: [4, 2], floats: [0.9, 0.1, 0.8, 0.9, 0.7, 0.2, 0.6, 0.3]),
      ])
    let page = try page(folder.url, metric: metric)
    func line(_ name: String, _ images: Int, _ value: String) -> String {
      "<th scope=\"row\">\(name)</th><td class=\"n\">\(images)</td><td class=\"n\">\(value)</td>"
    }
    let low = try #require(page.range(of: line("doll &amp; house", 1, "50.0")))
    let high = try #require(page.range(of: line("tin soldier", 2, ofFirst)))
    #expect(low.lowerBound < high.lowerBound)
    #expect(page.contains("2 classes · 4 samples"))
    #expect(!page.contains("<h4>Calibration</h4>") && !page.contains("Most confused"))
  }

  @Test("frames in sets, which show several classes and are not ranked, have no section")
  func frames() throws {
    let folder = try TemporaryFolder()
    try write(
      [-1, -1, -1, -1], in: folder.url,
      more: [
        TensorPayload(name: "labels", shape: [4, 2], integers: [1, -1, -1, -1, 1, -1, -1, 1]),
        TensorPayload(name: "class_score", shape: [4, 2], floats: [0, 1, 0, 1, 0, 1, 0, 1]),
      ])
    #expect(!(try page(folder.url, metric: "pm-0")).contains("id=\"datasets\""))
  }

  @Test("damaged predictions are told of, and cost no memory")
  func damaged() throws {
    let folder = try TemporaryFolder()
    try write([0, 1, 1, 1 << 40], in: folder.url)
    let page = try page(folder.url)
    #expect(page.contains("Predictions that cannot be read: "))
    #expect(page.contains("expected class numbers below 1000000, found 1099511627776"))
    #expect(!page.contains("Typical errors"))
  }

  @Test("results without predictions have a page too")
  func without() throws {
    let folder = try TemporaryFolder()
    let page = try page(folder.url)
    #expect(page.contains("<th scope=\"row\">toys</th>") && !page.contains("id=\"datasets\""))
  }
}
