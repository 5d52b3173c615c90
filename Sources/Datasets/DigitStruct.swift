import Core
import Foundation
import TensorFiles

/// SVHN's `digitStruct.mat`, a MATLAB 7.3 (HDF5) file: for each image its name and, digit by digit, boxes with labels, of which the
/// labels are read.
///
///     digitStruct/name     N object references, each to the 16-bit characters of a name
///     digitStruct/bbox     N object references, each to a group whose `label` is a number, or for several digits a column of
///                          references to numbers; 10 is the digit 0
struct DigitStruct {
  struct Image {
    var name: String
    /// From left to right, as they were annotated.
    var digits: [Int]
  }

  let images: [Image]

  /// `extra` has 202,353.
  private static let imageLimit = 10_000_000
  private static let digitLimit = 64
  private static let nameLimit = 256

  init(_ url: URL) throws {
    let file = try HDF5File(url)
    let names = try file.dataset("digitStruct/name").references(limit: Self.imageLimit)
    let boxes = try file.dataset("digitStruct/bbox").references(limit: Self.imageLimit)
    guard names.count == boxes.count else {
      throw EvalError(
        .malformedData, "found \(names.count) names, but \(boxes.count) sets of boxes",
        subject: url.path)
    }
    images = try zip(names, boxes).enumerated().map { index, image in
      let place = "\(url.path), image \(index)"
      let characters = try file.dataset(image.0).numbers(limit: Self.nameLimit)
      let units = characters.compactMap { UInt16(exactly: $0) }
      let name = String(decoding: units, as: UTF16.self)
      guard units.count == characters.count, !name.isEmpty, !name.contains("/") else {
        throw EvalError(.malformedData, "expected a file's name, found `\(name)`", subject: place)
      }
      return Image(name: name, digits: try Self.digits(image.1, of: file, place))
    }
  }

  private static func digits(
    _ box: HDF5Reference, of file: HDF5File, _ place: String
  ) throws -> [Int] {
    let label = try file.dataset(box, member: "label")
    let values =
      label.kind == .reference
      ? try label.references(limit: digitLimit).flatMap { try file.dataset($0).numbers(limit: 1) }
      : try label.numbers(limit: 1)
    guard !values.isEmpty else {
      throw EvalError(.malformedData, "expected at least one digit", subject: place)
    }
    return try values.map { value in
      guard let digit = Int(exactly: value), (0...10).contains(digit) else {
        throw EvalError(
          .malformedData, "expected a label 1…10, found \(value)", subject: place)
      }
      return digit % 10
    }
  }
}
