import Core
package import Foundation
import TensorFiles

/// The predictions of one evaluation as its run folder holds them: `NAME.safetensors`, with the ids of the samples and the classes in lists beside it.
/// Opening it reads a header; each view reads what it is of and no more, since reports look at a few samples of many files.
package struct PredictionFile {
  package let url: URL
  /// Samples.
  package let count: Int
  private let tensors: SafetensorsFile

  /// - Parameter url: `predictions/<experiment>/<model>/NAME`, with the extension or without: names have dots.
  /// - Throws: `EvalError.notFound`, `.malformedData`.
  package init(_ url: URL) throws {
    self.url = url.pathExtension == Self.type ? url : Self.adding(".\(Self.type)", to: url)
    tensors = try SafetensorsFile(self.url)
    let isOfClasses = tensors.tensors["label"] != nil || tensors.tensors["caption"] == nil
    count = try tensors.tensor(isOfClasses ? "label" : "score").shape.first ?? 0
  }

  private static let type = "safetensors"

  private static func adding(_ ending: String, to url: URL) -> URL {
    url.deletingLastPathComponent().appending(path: url.lastPathComponent + ending)
  }

  static func exists(_ url: URL) -> Bool { isFile(adding(".\(type)", to: url)) }

  /// What lies beside it under the same name.
  func sibling(_ ending: String) -> URL {
    Self.adding(ending, to: url.deletingPathExtension())
  }

  // MARK: tensors

  func has(_ name: String) -> Bool { tensors.tensors[name] != nil }

  func tensor(_ name: String) throws -> TensorView { try tensors.tensor(name) }

  func malformed(_ name: String, _ shape: [Int]) -> EvalError {
    EvalError(
      .malformedData, "the tensor \(name) of shape \(shape) does not fit its \(count) samples",
      subject: url.path)
  }

  /// - Parameter width: numbers of each sample.
  func tensor(_ name: String, width: Int) throws -> TensorView {
    let view = try tensors.tensor(name)
    guard view.shape == (width == 1 && view.shape.count == 1 ? [count] : [count, width]) else {
      throw malformed(name, view.shape)
    }
    return view
  }

  func integers(_ name: String, width: Int = 1) throws -> [Int] {
    try tensor(name, width: width).integers().map { Int($0) }
  }

  func floats(_ name: String, width: Int = 1) throws -> [Float] {
    try tensor(name, width: width).floats()
  }

  func integersIfPresent(_ name: String) throws -> [Int]? {
    has(name) ? try integers(name) : nil
  }

  /// The right class of each sample; −1 where it may show several.
  package func labels() throws -> [Int] { try integers("label") }

  /// The highest-scored class of each sample.
  package func predictions() throws -> [Int] { try integers("prediction") }

  // MARK: lists

  private var idList: URL { sibling(".ids.txt") }

  /// Of all samples.
  package func ids() throws -> [String] {
    let ids = try TextLines.read(idList).map(RunFolder.unescaped)
    guard ids.count == count else {
      throw EvalError(
        .malformedData, "expected an id for each of \(count) samples, found \(ids.count)",
        subject: idList.path)
    }
    return ids
  }

  /// Of some samples, without making text of all the others.
  func ids(of samples: [Int]) throws -> [Int: String] {
    let wanted = Set(samples)
    guard let last = wanted.max() else { return [:] }
    var found: [Int: String] = [:]
    try readFile(idList).withUnsafeBytes { bytes in
      var start = 0
      var line = 0
      while line <= last, start < bytes.count, let base = bytes.baseAddress {
        let rest = bytes.count - start
        let end =
          memchr(base + start, 0x0A, rest).map { UnsafeRawPointer($0) - base } ?? bytes.count
        if wanted.contains(line) {
          let text = String(decoding: bytes[start..<end], as: UTF8.self)
          found[line] = RunFolder.unescaped(text)
        }
        (start, line) = (end + 1, line + 1)
      }
    }
    return found
  }

  /// Ids and names of the classes, in the order of their numbers; nil where a run does not tell.
  func classes() throws -> [(id: String, name: String)]? {
    guard
      let list = [sibling(".classes.tsv"), classesOfSet].compactMap(\.self).first(where: isFile)
    else { return nil }
    return try TextLines.read(list).dropFirst().map { line in
      let tab = UInt8(ascii: "\t")
      let cells = line.utf8.split(separator: tab, omittingEmptySubsequences: false).map {
        RunFolder.unescaped(String(Substring($0)))
      }
      return (cells[0], cells.last ?? cells[0])
    }
  }
}

extension PredictionFile {
  /// A template of a set, `NAME#3`, has the classes of `NAME`, which are written once.
  private var classesOfSet: URL? {
    let name = url.deletingPathExtension().lastPathComponent
    guard let mark = name.lastIndex(of: "#"), Int(name[name.index(after: mark)...]) != nil else {
      return nil
    }
    return url.deletingLastPathComponent().appending(path: "\(name[..<mark]).classes.tsv")
  }

  /// The predictions of a dataset in a folder of them, `predictions/<experiment>/<model>`.
  /// - Parameter dataset: the beginning of a file's name: `MNIST` for `MNIST.safetensors`, or all of it where a plan has several tasks on one dataset.
  /// - Throws: `EvalError.notFound` without such predictions, `.usage` where they are of several tasks.
  package static func url(of dataset: String, in folder: URL) throws -> URL {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
      .filter { $0.hasSuffix(".\(type)") }.sorted()
    let exact = names.filter { $0 == "\(dataset).\(type)" }
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
