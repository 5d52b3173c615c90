import Core
import Foundation
import Imaging
import Overlap
import TestSupport

/// What Tools/make-overlap-fixtures.py computed with Pillow, SciPy and NumPy.
struct Expected: Decodable {
  struct Search: Decodable {
    let queries: [[Float]]
    let references: [[Float]]
    let order: [[Int]]
    let cosines: [[Double]]
    let atLeast: [[Int]]

    enum CodingKeys: String, CodingKey {
      case queries, references, order, cosines
      case atLeast = "atLeast0.9"
    }
  }

  let hashes: [String: [String: [String]]]
  /// Reference to query.
  let planted: [String: String]
  let search: Search

  static let folder = TestPaths.fixtures.appending(path: "overlap")

  init() throws {
    let data = try Data(contentsOf: Self.folder.appending(path: "expected.json"))
    self = try JSONDecoder().decode(Self.self, from: data)
  }
}

extension ImageCollection {
  /// The files of a folder by name.
  init(folder: URL) throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    self.init(
      count: names.count, id: { names[$0] },
      source: { .file(folder.appending(path: names[$0])) })
  }
}
