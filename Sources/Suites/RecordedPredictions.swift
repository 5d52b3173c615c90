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
    ids = try TextLines.read(list).map(Self.unescaped)
    self.file = file
    guard ids.count == labels.count, labels.count == predictions.count else {
      throw EvalError(
        .malformedData,
        "expected an id, a label and a prediction for each sample, found \(ids.count), \(labels.count) and \(predictions.count)",
        subject: file.path)
    }
  }

  /// As `RunFolder` writes ids and names: a backslash, a tab and a line break are `\\`, `\t` and `\n`.
  static func unescaped(_ line: String) -> String {
    guard line.contains("\\") else { return line }
    var text = ""
    var isEscape = false
    for character in line {
      switch (isEscape, character) {
      case (false, "\\"): isEscape = true
      case (false, _): text.append(character)
      case (true, _):
        text.append(character == "n" ? "\n" : character == "t" ? "\t" : character)
        isEscape = false
      }
    }
    return text
  }
}

extension RunFolder {
  /// The predictions of the one task that these name.
  /// - Parameters:
  ///   - dataset: the beginning of a file's name: `MNIST` for `MNIST.safetensors`, or all of it where a plan has several tasks on one
  ///     dataset.
  ///   - experiment, model: nil where there is one only.
  /// - Throws: `EvalError.notFound` without such predictions, `.usage` where they are of several tasks.
  package func predictions(
    dataset: String, experiment: String? = nil, model: String? = nil
  ) throws -> RecordedPredictions {
    let folder = url.appending(path: "predictions")
    let names = (FileManager.default.enumerator(atPath: folder.path)?.allObjects ?? [])
      .compactMap { $0 as? String }.filter { $0.hasSuffix(".safetensors") }.sorted()
    let fitting = names.filter { name in
      let parts = name.split(separator: "/").map(String.init)
      guard parts.count == 3 else { return false }
      let file = parts[2].dropLast(".safetensors".count)
      return (file == dataset || file.hasPrefix("\(dataset)."))
        && experiment.map { parts[0] == $0 } ?? true
        && model.map { parts[1] == $0.replacing("/", with: "-") } ?? true
    }
    let exact = fitting.filter { $0.hasSuffix("/\(dataset).safetensors") }
    let chosen = exact.isEmpty ? fitting : exact
    guard let name = chosen.first else {
      throw EvalError(
        .notFound,
        "no predictions for \(dataset)\(names.isEmpty ? "" : "; there are \(names.joined(separator: ", "))")",
        subject: folder.path)
    }
    guard chosen.count == 1 else {
      throw EvalError(
        .usage, "there are predictions of several tasks: \(chosen.joined(separator: ", "))",
        subject: folder.path, remedy: "Say which experiment and model, or the file's whole name.")
    }
    return try RecordedPredictions(folder.appending(path: name))
  }
}
