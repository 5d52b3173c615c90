import Core
import Foundation

/// Captions in COCO's own form: the publishers' `captions_val2014.json`, and CLIP_benchmark's `coco_test_karpathy.json`.
struct COCOCaptionsFile: Decodable {
  struct Image: Decodable {
    var id: Int
    /// `COCO_val2014_000000391895.jpg`, which lies in `val2014`.
    var file_name: String

    /// Below the folder of the images, as Karpathy's file has it.
    var path: String {
      file_name.prefixMatch(of: /COCO_([a-z]+2014)_/).map { "\($0.1)/\(file_name)" } ?? file_name
    }
  }
  struct Annotation: Decodable {
    var image_id: Int
    var caption: String
  }
  var images: [Image]
  var annotations: [Annotation]

  static let layout = "coco-json"

  static func read(_ url: URL) throws -> COCOCaptionsFile {
    do {
      return try JSONDecoder().decode(COCOCaptionsFile.self, from: readFile(url))
    } catch let error as DecodingError {
      throw EvalError(
        .malformedData,
        "expected {\"images\": [{\"id\", \"file_name\"}, …], \"annotations\": [{\"image_id\", \"caption\"}, …]}: \(error.place)",
        subject: url.path)
    }
  }

  /// Images in their order, each with its captions in theirs.
  func listing(subject: String) throws(EvalError) -> CaptionListing {
    var positions: [Int: Int] = [:]
    for (number, image) in images.enumerated()
    where positions.updateValue(number, forKey: image.id) != nil {
      throw EvalError(
        .malformedData, "a second image with the id \(image.id)",
        subject: "\(subject), images entry \(number)")
    }
    var captions = [[String]](repeating: [], count: images.count)
    for (number, annotation) in annotations.enumerated() {
      guard let position = positions[annotation.image_id] else {
        throw EvalError(
          .malformedData, "a caption of an image \(annotation.image_id), which is not listed",
          subject: "\(subject), annotations entry \(number)")
      }
      captions[position].append(annotation.caption)
    }
    var listing = CaptionListing(layout: Self.layout)
    for (number, image) in images.enumerated() {
      listing.append(
        CaptionListing.Image(
          path: image.path, captions: captions[number],
          place: "\(subject), images entry \(number)"))
    }
    return listing
  }
}
