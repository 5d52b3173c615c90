package import Core
package import Foundation
import TensorFiles

/// A few-shot split of CoOp (Zhou et al. 2022) and the many projects that use its files: the JSON form
/// `{"train": [[path, label, class name], …], "val": […]}`, or a pickle as CoOp writes it
/// (`split_fewshot/shot_16-seed_1.pkl`), of which the attributes of its `Datum` objects are read as data; nothing in it is run.
package struct CoOpSplit: Sendable, Equatable {
  package struct Entry: Sendable, Equatable {
    package var path: String
    /// A number of the file's own, not of the dataset's classes.
    package var label: Int
    package var className: String
  }

  package var train: [Entry]
  package var validation: [Entry]
  /// From the file's name, as CoOp calls it (`shot_16-seed_1`); nil for other names.
  package var seed: UInt64?
  package var hash: SHA256Digest
  let subject: String

  /// - Throws: `EvalError.notFound` or `EvalError.malformedData`.
  package static func read(_ url: URL) throws -> CoOpSplit {
    let bytes = try readFile(url)
    let isJSON = bytes.first { !" \t\r\n".utf8.contains($0) } == UInt8(ascii: "{")
    let parts = try isJSON ? json(bytes, url) : pickle(bytes, url)
    guard !parts.train.isEmpty else {
      throw EvalError(.malformedData, "it lists no training example", subject: url.path)
    }
    let stem = url.deletingPathExtension().lastPathComponent
    let seed = stem.firstMatch(of: /seed_([0-9]+)$/).flatMap { UInt64($0.1) }
    return CoOpSplit(
      train: parts.train, validation: parts.val ?? [], seed: seed, hash: SHA256.hash(bytes),
      subject: url.path)
  }

  private struct Parts: Decodable {
    var train: [Entry]
    var val: [Entry]?
  }

  private static func json(_ bytes: Data, _ url: URL) throws -> Parts {
    do {
      return try JSONDecoder().decode(Parts.self, from: bytes)
    } catch let error as DecodingError {
      throw EvalError(
        .malformedData,
        "expected {\"train\": [[path, label, class name], …], \"val\": […]}: \(error.place)",
        subject: url.path)
    }
  }

  private static func pickle(_ bytes: Data, _ url: URL) throws -> Parts {
    let root = try PickleDocument(
      parsing: bytes, subject: url.path, dialect: .objects(named: "Datum")
    ).root
    func entries(_ key: String) throws(EvalError) -> [Entry]? {
      guard let list = root[key] else { return nil }
      guard let objects = list.elements else {
        throw EvalError(.malformedData, "expected `\(key)` to be a list", subject: url.path)
      }
      var entries: [Entry] = []
      for (number, object) in objects.enumerated() {
        // Dassl hides them behind properties; some forks do not.
        func attribute(_ name: String) -> PickleObject? {
          object.attributes?["_\(name)"] ?? object.attributes?[name]
        }
        guard let path = attribute("impath")?.text, let label = attribute("label")?.integer,
          let name = attribute("classname")?.text
        else {
          throw EvalError(
            .malformedData, "expected a Datum with impath, label and classname",
            subject: "\(url.path), \(key) entry \(number)")
        }
        entries.append(Entry(path: path, label: label, className: name))
      }
      return entries
    }
    guard let train = try entries("train") else {
      throw EvalError(
        .malformedData, "expected a dictionary with the lists `train` and `val`", subject: url.path)
    }
    return Parts(train: train, val: try entries("val"))
  }
}

extension CoOpSplit.Entry: Decodable {
  package init(from decoder: any Decoder) throws {
    var values = try decoder.unkeyedContainer()
    path = try values.decode(String.self)
    label = try values.decode(Int.self)
    className = try values.decode(String.self)
  }
}
