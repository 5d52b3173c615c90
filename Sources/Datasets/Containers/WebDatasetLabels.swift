import Core
import Foundation
import Imaging
import TensorFiles

/// What the members beside an image say that it shows.
struct WebDatasetLabels {
  private let file: PositionedFile
  private let shard: URL

  /// Longer texts are no labels.
  private static let longestNumber = 32
  private static let longestPart = 16 << 20

  init(_ shard: URL) throws {
    self.shard = shard
    file = try PositionedFile(shard)
  }

  private func place(_ member: TarIndex.Member) -> String {
    "\(shard.path), byte \(member.offset) (\(member.name))"
  }

  private func bytes(_ member: TarIndex.Member) throws -> [UInt8] {
    guard member.count <= Self.longestPart else {
      throw EvalError(
        .malformedData, "has \(member.count) bytes, expected a label or captions",
        subject: place(member))
    }
    return try file.read(at: member.offset, count: member.count)
  }

  private func text(_ member: TarIndex.Member) throws -> String {
    guard let text = String(validating: try bytes(member), as: UTF8.self) else {
      throw EvalError(.malformedData, "expected UTF-8 text", subject: place(member))
    }
    return text
  }

  // MARK: One class

  /// - Parameters:
  ///   - number: class index of a class number, or nil when there is no such class.
  ///   - name: the same of a class name.
  func label(
    of record: WebDataset.Record, number: (Int) -> Int?, name: (String) -> Int?
  ) throws -> Int {
    if let member = record.parts["cls"] {
      let found = try text(member, limit: Self.longestNumber)
      guard let label = Int(found).flatMap(number) else {
        throw EvalError(
          .malformedData, "expected a class number, found `\(found)`", subject: place(member))
      }
      return label
    }
    if let member = record.parts["npy"] {
      let values = try array(member)
      guard values.count == 1, let label = number(values[0]) else {
        throw EvalError(
          .malformedData,
          "expected one class number, found \(values.count) values"
            + (values.count > 1 ? ": this is a multi-label set" : ""), subject: place(member))
      }
      return label
    }
    if let member = record.parts["json"] {
      switch try jsonLabel(member) {
      case .number(let value)?:
        if let label = number(value) { return label }
        throw EvalError(.malformedData, "there is no class \(value)", subject: place(member))
      case .text(let value)?:
        if let label = name(value) { return label }
        throw EvalError(.malformedData, "there is no class `\(value)`", subject: place(member))
      case nil: break
      }
    }
    throw EvalError(
      .malformedData, "expected a member `\(record.key).cls` with its class",
      subject: "\(shard.path), member \(record.image.name)",
      remedy: record.parts["txt"] == nil
        ? nil : "Shards of captions are read by the layout `captions`.")
  }

  private func text(_ member: TarIndex.Member, limit: Int) throws -> String {
    let bytes = try file.read(at: member.offset, count: min(member.count, limit))
    let text = String(decoding: bytes, as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    return member.count > limit ? text + " …" : text
  }

  private enum JSONLabel: Decodable {
    case number(Int)
    case text(String)

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let number = try? value.decode(Int.self) {
        self = .number(number)
      } else {
        self = .text(try value.decode(String.self))
      }
    }
  }

  private struct JSONRecord: Decodable {
    var label: JSONLabel?
    var cls: JSONLabel?
    var `class`: JSONLabel?
  }

  private func jsonLabel(_ member: TarIndex.Member) throws -> JSONLabel? {
    do {
      let record = try JSONDecoder().decode(JSONRecord.self, from: Data(try bytes(member)))
      return record.label ?? record.cls ?? record.class
    } catch let error as DecodingError {
      throw EvalError(
        .malformedData, "expected an object whose label is a number or a name: \(error.place)",
        subject: place(member))
    }
  }

  // MARK: Several classes

  /// The labels of a record of a multi-label set: the array has 1 where a class is shown and 0 where it is not.
  func row(of record: WebDataset.Record, classCount: Int) throws -> [LabelMatrix.Label] {
    guard let member = record.parts["npy"] else {
      throw EvalError(
        .malformedData, "expected a member `\(record.key).npy` with a value for each class",
        subject: "\(shard.path), member \(record.image.name)",
        remedy: record.parts["cls"] == nil
          ? nil : "Each image of these shards has one class: they are another dataset.")
    }
    let values = try array(member)
    guard values.count == classCount else {
      throw EvalError(
        .malformedData, "expected \(classCount) values, one a class, found \(values.count)",
        subject: place(member))
    }
    return try values.map { value in
      switch value {
      case 1: .positive
      case 0: .negative
      default:
        throw EvalError(
          .malformedData, "expected 0 and 1 only, found \(value)", subject: place(member))
      }
    }
  }

  private func array(_ member: TarIndex.Member) throws -> [Int] {
    let view = try NPYFile.read(Data(try bytes(member)), name: place(member))
    if let integers = try? view.integers() { return integers.map { Int($0) } }
    return try view.floats().map { value in
      guard let number = Int(exactly: value) else {
        throw EvalError(
          .malformedData, "expected whole numbers, found \(value)", subject: place(member))
      }
      return number
    }
  }

  // MARK: Captions

  /// - Returns: the lines of the text that are not empty; the whole text as one where a record of img2dataset lies beside it.
  func captions(of record: WebDataset.Record) throws -> [String] {
    guard let member = record.parts["txt"] else {
      throw EvalError(
        .malformedData, "expected a member `\(record.key).txt` with its captions",
        subject: "\(shard.path), member \(record.image.name)")
    }
    let whole = try text(member)
    let texts =
      record.parts["json"] == nil ? whole.split(whereSeparator: \.isNewline) : [whole[...]]
    let captions = texts.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
      .filter { !$0.isEmpty }
    guard !captions.isEmpty else {
      throw EvalError(
        .malformedData, "expected a caption, found an empty text", subject: place(member))
    }
    return captions
  }
}
