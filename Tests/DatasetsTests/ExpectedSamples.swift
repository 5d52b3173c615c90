import Core
import Datasets
import Foundation
import Imaging
import Testing

/// What a script in Python, or torchvision, finds in a fixture: `expected.json` or `torchvision.json`, split → entries.
struct ExpectedSamples: Decodable {
  struct Entry: Decodable, Equatable, CustomStringConvertible {
    /// The sample's id; in torchvision's, its index.
    var id: String
    var owner: String
    /// SHA-256 of the RGB pixels.
    var pixels: String

    var description: String { "\(id) \(owner) \(pixels.prefix(8))" }

    init(id: String, owner: String, pixels: String) {
      (self.id, self.owner, self.pixels) = (id, owner, pixels)
    }

    init(from decoder: any Decoder) throws {
      var values = try decoder.unkeyedContainer()
      if let index = try? values.decode(Int.self) {
        id = String(index)
      } else {
        id = try values.decode(String.self)
      }
      owner = try values.decode(String.self)
      pixels = try values.decode(String.self)
    }
  }

  let splits: [String: [Entry]]

  /// - Parameter dataset: a folder of the fixtures.
  init(_ dataset: String, file: String = "expected.json") throws {
    let url = fixtures.appending(path: "\(dataset)/\(file)")
    splits = try JSONDecoder().decode([String: [Entry]].self, from: Data(contentsOf: url))
  }

  init(from decoder: any Decoder) throws { splits = try .init(from: decoder) }

  /// The adapter finds the same, in the same order where `sorted` is false.
  func check(
    _ adapter: any DatasetAdapter, root: URL, sorted: Bool = false, byIndex: Bool = false,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    #expect(!splits.isEmpty, sourceLocation: location)
    for (split, entries) in splits {
      let index = try adapter.index(root: root, split: split)
      let found = try index.samples.enumerated().map { number, sample in
        Entry(
          id: byIndex ? String(number) : sample.id, owner: index.classes[sample.label].id,
          pixels: try rgbHash(sample.source))
      }
      let expected = sorted ? entries.sorted { $0.id < $1.id } : entries
      #expect(found == expected, "split \(split)", sourceLocation: location)
    }
  }
}

/// SHA-256 of the pixels of an RGB image.
func rgbHash(_ source: ImageSource) throws -> String {
  let image = try ImageDecoder.decode(source)
  try #require(image.mode == .rgb)
  return image.pixels.withUnsafeBytes { SHA256.hash($0).hex }
}

/// The error that indexing a split throws.
func indexError(
  _ adapter: any DatasetAdapter, _ root: URL, _ split: String,
  _ location: SourceLocation = #_sourceLocation
) -> EvalError? {
  #expect(throws: EvalError.self, sourceLocation: location) {
    try adapter.index(root: root, split: split)
  }
}

extension Scene {
  /// A copy of a folder of the fixtures, to plant faults in.
  init(copyOf dataset: String) throws {
    try self.init()
    try FileManager.default.removeItem(at: root)
    try FileManager.default.copyItem(at: fixtures.appending(path: dataset), to: root)
  }

  func bytes(_ path: String) throws -> Data { try Data(contentsOf: root.appending(path: path)) }

  func remove(_ path: String) throws {
    try FileManager.default.removeItem(at: root.appending(path: path))
  }

  func move(_ path: String, to other: String) throws {
    let url = root.appending(path: other)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.moveItem(at: root.appending(path: path), to: url)
  }

  /// Replaces text in a file, once.
  func edit(_ path: String, _ old: String, _ new: String) throws {
    let text = String(decoding: try bytes(path), as: UTF8.self)
    let range = try #require(text.range(of: old))
    try write(Data(text.replacingCharacters(in: range, with: new).utf8), to: path)
  }
}
