import Core
import Foundation
import Suites
import TensorFiles
import TestSupport
import Testing

@Suite struct RecordedPredictionsTests {
  private func write(
    _ name: String, in folder: URL, labels: [Int64], predictions: [Int64], ids: String
  ) throws {
    let file = folder.appending(path: "predictions/\(name)")
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try SafetensorsFile.write(
      [
        TensorPayload(name: "label", shape: [labels.count], integers: labels),
        TensorPayload(name: "prediction", shape: [predictions.count], integers: predictions),
      ], to: file.appendingPathExtension("safetensors"))
    try ids.write(
      to: file.appendingPathExtension("ids.txt"), atomically: true, encoding: .utf8)
  }

  @Test("labels, predictions and ids come back, line breaks in ids too")
  func reads() throws {
    let folder = try TemporaryFolder()
    try write(
      "zero-shot/ViT-B-32/MNIST", in: folder.url, labels: [3, 1], predictions: [3, 2],
      ids: "a\\nb.png\nback\\\\slash.png\n")
    let found = try RunFolder(folder.url).predictions(dataset: "MNIST", model: "ViT-B/32")
    #expect(found.labels == [3, 1])
    #expect(found.predictions == [3, 2])
    #expect(found.ids == ["a\nb.png", "back\\slash.png"])
  }

  @Test("one task is chosen, or asked for")
  func choice() throws {
    let folder = try TemporaryFolder()
    let run = RunFolder(folder.url)
    for (index, name) in [
      "zero-shot/A/MNIST", "zero-shot/B/MNIST", "linear-probe/A/MNIST", "zero-shot/A/SVHN.test.x#1",
      "zero-shot/A/SVHN.test.x#2",
    ].enumerated() {
      try write(name, in: folder.url, labels: [0], predictions: [Int64(index)], ids: "s\n")
    }
    #expect(
      try run.predictions(dataset: "MNIST", experiment: "zero-shot", model: "B").predictions == [1])
    #expect(try run.predictions(dataset: "MNIST", experiment: "linear-probe").predictions == [2])
    #expect(try run.predictions(dataset: "SVHN.test.x#2").predictions == [4])
    for (dataset, model, kind) in [
      ("MNIST", "A", EvalError.Kind.usage), ("SVHN", "A", .usage), ("MNIS", nil, .notFound),
      ("MNIST", "C", .notFound),
    ] {
      let error = #expect(throws: EvalError.self) {
        try run.predictions(dataset: dataset, model: model)
      }
      #expect(error?.kind == kind)
    }
  }

  @Test("files that do not belong together are refused")
  func damaged() throws {
    let folder = try TemporaryFolder()
    try write("zero-shot/A/X", in: folder.url, labels: [0, 1], predictions: [0, 1], ids: "s\n")
    let error = #expect(throws: EvalError.self) {
      try RunFolder(folder.url).predictions(dataset: "X")
    }
    #expect(error?.message.contains("found 1, 2 and 2") == true)
    #expect(throws: EvalError.self) {
      try RunFolder(folder.url.appending(path: "none")).predictions(dataset: "X")
    }
  }
}
