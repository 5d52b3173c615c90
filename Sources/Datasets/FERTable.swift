import Core
import Foundation
import Imaging

/// The pixels of FER-2013 as Kaggle published them: `emotion,pixels,Usage`, pixels separated by spaces. The later copy has the
/// columns in another order with spaces before their names; the competition's own two files have no `Usage`, and the test images
/// no `emotion`.
struct FERTable {
  static let names = ["fer2013.csv", "icml_face_data.csv", "train.csv"]
  private static let side = 48

  private let url: URL

  /// Nil where the folder has no table that the split could be in.
  init?(in base: URL, split: String) throws {
    for name in Self.names.prefix(2) where isFile(base.appending(path: name)) {
      url = base.appending(path: name)
      return
    }
    let train = base.appending(path: "train.csv")
    let test = base.appending(path: "test.csv")
    if split == "train", isFile(train) {
      url = train
    } else if split == "test" || split == "public+private", isFile(test) {
      url = test
    } else {
      return nil
    }
  }

  private static func usages(_ split: String) -> Set<String> {
    switch split {
    case "train": ["Training"]
    case "val": ["PublicTest"]
    case "trainval": ["Training", "PublicTest"]
    case "test": ["PrivateTest"]
    default: ["PublicTest", "PrivateTest"]
    }
  }

  func draft(split: String) throws -> IndexDraft {
    let file = try MappedFile(url)
    let name = url.lastPathComponent
    var draft = IndexDraft(layout: name, classes: FER2013.table.classes)
    var columns: Columns?
    let wanted = Self.usages(split)
    var line = 0
    var record = -1
    var rest = file.bytes[...]
    if rest.starts(with: [0xef, 0xbb, 0xbf]) { rest = rest.dropFirst(3) }
    while !rest.isEmpty {
      let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
      var text = rest[rest.startIndex..<end]
      rest = rest[min(end + 1, rest.endIndex)...]
      line += 1
      if text.last == UInt8(ascii: "\r") { text = text.dropLast() }
      if text.isEmpty { continue }
      let fields = text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      let place = "\(url.path):\(line)"
      guard let columns else {
        columns = try Columns(fields.map(Self.text), place: place)
        continue
      }
      record += 1
      guard fields.count == columns.count else {
        throw EvalError(
          .malformedData, "expected \(columns.count) fields, found \(fields.count)", subject: place)
      }
      if let usage = columns.usage {
        let value = Self.text(fields[usage])
        guard ["Training", "PublicTest", "PrivateTest"].contains(value) else {
          throw EvalError(
            .malformedData, "expected Training, PublicTest or PrivateTest, found `\(value)`",
            subject: place)
        }
        if !wanted.contains(value) { continue }
      }
      let emotion = Self.text(fields[columns.emotion])
      guard let label = ClassFolders.nonNegativeInteger(emotion), !emotion.isEmpty,
        FER2013.emotions.indices.contains(label)
      else {
        throw EvalError(
          .malformedData, "expected an emotion 0…6, found `\(emotion)`", subject: place)
      }
      let pixels = try Self.pixels(fields[columns.pixels], place)
      draft.samples.append(
        DatasetSample(
          id: "\(name)#\(record)", label: label,
          source: .raster(
            RasterImage(mode: .l, width: Self.side, height: Self.side, pixels: pixels)),
          byteCount: pixels.count))
    }
    guard !draft.samples.isEmpty else {
      throw EvalError(
        .malformedData, "the table holds no images of the split \(split)", subject: url.path)
    }
    return draft
  }

  private struct Columns {
    var emotion: Int
    var pixels: Int
    var usage: Int?
    var count: Int

    init(_ header: [String], place: String) throws {
      guard let pixels = header.firstIndex(of: "pixels") else {
        throw EvalError(
          .malformedData,
          "expected a header with emotion, pixels and Usage, found `\(header.joined(separator: ","))`",
          subject: place)
      }
      guard let emotion = header.firstIndex(of: "emotion") else {
        throw EvalError(
          .malformedData,
          "this table has no column emotion: the competition's test images have no labels",
          subject: place, remedy: "Take fer2013.csv or icml_face_data.csv.")
      }
      (self.emotion, self.pixels) = (emotion, pixels)
      usage = header.firstIndex(of: "Usage")
      count = header.count
    }
  }

  /// Without spaces around it, and without quotes.
  private static func text(_ field: some Collection<UInt8>) -> String {
    String(decoding: field, as: UTF8.self).trimmingCharacters(
      in: CharacterSet(charactersIn: " \t\""))
  }

  private static func pixels(_ field: some Collection<UInt8>, _ place: String) throws -> [UInt8] {
    let wanted = side * side
    var pixels: [UInt8] = []
    pixels.reserveCapacity(wanted)
    var value: Int?
    func add() throws {
      guard let pixel = value else { return }
      guard let byte = UInt8(exactly: pixel), pixels.count < wanted else {
        throw EvalError(
          .malformedData,
          pixels.count < wanted
            ? "expected pixels 0…255, found \(pixel)" : "expected \(wanted) pixels, found more",
          subject: place)
      }
      pixels.append(byte)
      value = nil
    }
    for byte in field {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        value = min(10 * (value ?? 0) + Int(byte - UInt8(ascii: "0")), 1000)
      case UInt8(ascii: " "), UInt8(ascii: "\""): try add()
      default:
        throw EvalError(
          .malformedData, "expected pixels as numbers with spaces between them", subject: place)
      }
    }
    try add()
    guard pixels.count == wanted else {
      throw EvalError(
        .malformedData, "expected \(wanted) pixels, found \(pixels.count)", subject: place)
    }
    return pixels
  }
}
