import Core
import Foundation
import Suites
import TensorFiles
import TestSupport
import Testing

@Suite struct PredictionFileTests {
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
        TensorPayload(
          name: "top5", shape: [labels.count, 5], integers: labels.flatMap { [$0, -1, -1, -1, -1] }
        ),
        TensorPayload(
          name: "score", shape: [labels.count, 5],
          floats: [Float](repeating: 0, count: 5 * labels.count)),
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
    for name in ["MNIST.safetensors", "MNIST"] {
      let found = try PredictionFile(
        folder.url.appending(path: "predictions/zero-shot/ViT-B-32/\(name)"))
      #expect(try found.labels() == [3, 1])
      #expect(try found.predictions() == [3, 2])
      #expect(try found.ids() == ["a\nb.png", "back\\slash.png"])
    }
  }

  @Test("the file of a dataset is found by its name, or asked for")
  func choice() throws {
    let folder = try TemporaryFolder()
    for name in ["MNIST", "SVHN.test.x#1", "SVHN.test.x#2", "STL10.test"] {
      try write("zero-shot/A/\(name)", in: folder.url, labels: [0], predictions: [0], ids: "s\n")
    }
    let place = folder.url.appending(path: "predictions/zero-shot/A")
    for (dataset, file) in [
      ("MNIST", "MNIST"), ("SVHN.test.x#2", "SVHN.test.x#2"), ("STL10", "STL10.test"),
    ] {
      #expect(
        try PredictionFile.url(of: dataset, in: place).lastPathComponent
          == "\(file).safetensors")
    }
    for (dataset, kind) in [("SVHN", EvalError.Kind.usage), ("MNIS", .notFound)] {
      let error = #expect(throws: EvalError.self) {
        try PredictionFile.url(of: dataset, in: place)
      }
      #expect(error?.kind == kind)
    }
    #expect(throws: EvalError.self) {
      try PredictionFile.url(of: "MNIST", in: place.appending(path: "none"))
    }
  }

  @Test("files that do not belong together are refused")
  func damaged() throws {
    let folder = try TemporaryFolder()
    try write("zero-shot/A/X", in: folder.url, labels: [0, 1], predictions: [0, 1], ids: "s\n")
    let file = try PredictionFile(folder.url.appending(path: "predictions/zero-shot/A/X"))
    let error = #expect(throws: EvalError.self) { try file.ids() }
    #expect(error?.message == "expected an id for each of 2 samples, found 1")
    try write("zero-shot/A/Y", in: folder.url, labels: [0, 1], predictions: [0], ids: "s\nt\n")
    let other = try PredictionFile(folder.url.appending(path: "predictions/zero-shot/A/Y"))
    let misfit = #expect(throws: EvalError.self) { try other.predictions() }
    #expect(misfit?.message == "the tensor prediction of shape [1] does not fit its 2 samples")
  }

  @Test("classes of a template of a set are those of the set; those of others are its own")
  func classes() throws {
    let folder = try TemporaryFolder()
    let place = folder.url.appending(path: "predictions/zero-shot/A")
    for name in ["toys.set", "toys.set#3", "toys.set#x", "more"] {
      try write("zero-shot/A/\(name)", in: folder.url, labels: [0], predictions: [0], ids: "s\n")
    }
    try "id\tname\nn1\tkit fox\nn2\tn2\n".write(
      to: place.appending(path: "toys.set.classes.tsv"), atomically: true, encoding: .utf8)
    func ids(_ name: String) throws -> [String]? {
      try PredictionFile(place.appending(path: "\(name).safetensors")).samples().classes
    }
    #expect(try ids("toys.set") == ["n1", "n2"])
    #expect(try ids("toys.set#3") == ["n1", "n2"])
    #expect(try ids("toys.set#x") == nil && ids("more") == nil)
    let samples = try PredictionFile(place.appending(path: "toys.set")).samples()
    #expect(samples.classNames == ["n1": "kit fox"])
  }
}
