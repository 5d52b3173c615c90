import Core
import Foundation

/// `dataset_coco.json`, `dataset_flickr30k.json`, …: the splits of Karpathy and Fei-Fei (CVPR 2015), which the retrieval literature
/// reports on.
struct KarpathyFile: Decodable {
  struct Image: Decodable {
    struct Sentence: Decodable {
      /// As it was written; the file also has it in tokens.
      var raw: String
    }
    /// COCO's has `val2014` or `train2014` here; others have nothing.
    var filepath: String?
    var filename: String
    /// `train`, `val`, `test`; in COCO also `restval`, images of the official validation set that belong to neither.
    var split: String
    var sentences: [Sentence]

    var path: String {
      filepath.map { $0.isEmpty ? filename : "\($0)/\(filename)" } ?? filename
    }
  }
  var images: [Image]

  static let layout = "karpathy-json"

  static func read(_ url: URL) throws -> KarpathyFile {
    do {
      return try JSONDecoder().decode(KarpathyFile.self, from: readFile(url))
    } catch let error as DecodingError {
      throw EvalError(
        .malformedData,
        "expected {\"images\": [{\"filename\", \"split\", \"sentences\": [{\"raw\"}, …]}, …]}: \(error.place)",
        subject: url.path)
    }
  }

  /// In order of first appearance.
  var splits: [String] {
    var seen: Set<String> = []
    return images.map(\.split).filter { seen.insert($0).inserted }
  }

  /// - Parameter split: a name of the file's, several joined by `+`, or `all`.
  /// - Returns: nil when the file has no image of it, or of one of those that are joined.
  func listing(split: String, subject: String) -> CaptionListing? {
    let known = Set(splits)
    let wanted =
      known.contains(split) ? [split] : Set(split.split(separator: "+").map(String.init))
    guard split == "all" || wanted.isSubset(of: known) else { return nil }
    var listing = CaptionListing(layout: Self.layout)
    for (number, image) in images.enumerated() where split == "all" || wanted.contains(image.split)
    {
      listing.append(
        CaptionListing.Image(
          path: image.path, captions: image.sentences.map(\.raw),
          place: "\(subject), images entry \(number)"))
    }
    return listing.images.isEmpty ? nil : listing
  }
}
