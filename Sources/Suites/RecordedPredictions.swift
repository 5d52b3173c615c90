import Core
package import Foundation
import TensorFiles

/// The predictions of one task as its run folder holds them.
package struct RecordedPredictions: Sendable, Equatable {
  package let file: URL
  /// Sample ids; as many as labels and predictions.
  package let ids: [String]
  /// The right class of each sample; −1 where it may show several.
  package let labels: [Int]
  /// The highest-scored class of each sample.
  package let predictions: [Int]

  /// - Parameter file: `predictions/<experiment>/<model>/<dataset>.safetensors`; the ids lie beside.
  /// - Throws: `EvalError.notFound`, `.malformedData`.
  package init(_ file: URL) throws {
    let tensors = try SafetensorsFile(file)
    func integers(_ name: String) throws -> [Int] {
      try tensors.tensor(name).integers().map { Int($0) }
    }
    labels = try integers("label")
    predictions = try integers("prediction")
    let list = file.deletingPathExtension().appendingPathExtension("ids.txt")
    ids = try TextLines.read(list).map(RunFolder.unescaped)
    self.file = file
    guard ids.count == labels.count, labels.count == predictions.count else {
      throw EvalError(
        .malformedData,
        "expected an id, a label and a prediction for each sample, found \(ids.count), \(labels.count) and \(predictions.count)",
        subject: file.path)
    }
  }
}

extension RecordedPredictions {
  /// The predictions of a dataset in a folder of them, `predictions/<experiment>/<model>`.
  /// - Parameter dataset: the beginning of a file's name: `MNIST` for `MNIST.safetensors`, or all of it where a plan has several tasks on one dataset.
  /// - Throws: `EvalError.notFound` without such predictions, `.usage` where they are of several tasks.
  package static func file(of dataset: String, in folder: URL) throws -> URL {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
      .filter { $0.hasSuffix(".safetensors") }.sorted()
    let exact = names.filter { $0 == "\(dataset).safetensors" }
    let chosen = exact.isEmpty ? names.filter { $0.hasPrefix("\(dataset).") } : exact
    guard let name = chosen.first else {
      throw EvalError(
        .notFound,
        "no predictions for \(dataset)\(names.isEmpty ? "" : "; there are \(names.joined(separator: ", "))")",
        subject: folder.path)
    }
    guard chosen.count == 1 else {
      throw EvalError(
        .usage, "there are predictions of several tasks: \(chosen.joined(separator: ", "))",
        subject: folder.path, remedy: "Name the file.")
    }
    return folder.appending(path: name)
  }
}
