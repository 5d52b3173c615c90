import Core
import Foundation
import Imaging
import TestSupport

/// What Tools/make-imaging-fixtures.py wrote: Pillow's answers for a set of small images.
struct ImagingFixtures: Decodable {
  struct Output: Decodable {
    var order: PreprocessRecipe.Order
    var size: Int
    var resize: String
    var crop: Bool
    /// Cut off first.
    var border: Int
    var width: Int
    var height: Int
    var sha256: String
    /// y, x, R, G, B.
    var samples: [[Int]]

    var recipe: PreprocessRecipe {
      let resizing: PreprocessRecipe.Resize =
        switch resize {
        case "squash": .squash(size)
        case "none": .none
        default: .shorterSide(size)
        }
      return PreprocessRecipe(
        order: order, resize: resizing, crop: crop ? .center(size) : .none,
        croppedBorder: border, normalizes: false)
    }
  }

  struct Image: Decodable, CustomStringConvertible {
    var name: String
    var mode: String
    var width: Int
    var height: Int
    var pixels: String
    var outputs: [Output]

    var url: URL { ImagingFixtures.folder.appending(path: name) }
    var description: String { name }
  }

  struct Broken: Decodable, CustomStringConvertible {
    var name: String
    var error: String

    var url: URL { ImagingFixtures.folder.appending(path: name) }
    var description: String { name }
  }

  var images: [Image]
  var broken: [Broken]

  static let folder = TestPaths.fixtures.appending(path: "imaging")

  static func load() throws -> Self {
    try JSONDecoder().decode(
      Self.self, from: readFile(folder.appending(path: "manifest.json")))
  }
}

func digest(_ bytes: [UInt8]) -> String {
  bytes.withUnsafeBytes { SHA256.hash($0) }.hex
}
