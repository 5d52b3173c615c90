package import Core
package import Foundation

/// Reads what people said of the images of a split (paper, section 4): a CSV file with the columns
///
///     participant,image,shots,answer
///     P1,Abyssinian_201.jpg,0,Abyssinian
///     P1,pug_7.jpg,0,I don't know
///
/// `image` is the image's path or name in the dataset, with or without its ending; `shots` is 0, 1 or 2; `answer` a class's id or one
/// of its names, in any case, or `I don't know`. Other columns are ignored.
package enum HumanResponseTable {
  package static let shots = 0...2
  private static let columns = ["participant", "image", "shots", "answer"]

  /// - Parameter names: further names of classes, by id.
  /// - Throws: `EvalError.malformedData` with file and line for an image that is not in the split, an answer that is no class, or
  ///   two answers of a person about one image.
  package static func read(
    _ url: URL, index: DatasetIndex, names: [String: [String]] = [:]
  ) throws -> [HumanResponse] {
    let table = try DelimitedText(parsing: readFile(url), subject: url.path)
    guard let header = table.rows.first else {
      throw EvalError(.malformedData, "the table is empty", subject: url.path)
    }
    let found = header.fields.map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
    let places = columns.compactMap { found.firstIndex(of: $0) }
    guard places.count == columns.count else {
      throw EvalError(
        .malformedData,
        "expected the columns \(columns.joined(separator: ", ")), found \(found.joined(separator: ", "))",
        subject: "\(url.path):\(header.line)")
    }
    let images = Images(index)
    let classes = Answers(index.classes, names: names)
    var seen: Set<[String]> = []
    return try table.rows.dropFirst().map { row in
      let place = "\(url.path):\(row.line)"
      guard row.fields.count == found.count else {
        throw EvalError(
          .malformedData, "expected \(found.count) fields, found \(row.fields.count)",
          subject: place)
      }
      let values = places.map { row.fields[$0].trimmingCharacters(in: .whitespaces) }
      guard !values[0].isEmpty else {
        throw EvalError(.malformedData, "expected a participant", subject: place)
      }
      let sample = try images.sample(values[1], at: place)
      guard let shots = Int(values[2]), Self.shots.contains(shots) else {
        throw EvalError(
          .malformedData, "expected 0, 1 or 2 shots, found `\(values[2])`", subject: place)
      }
      guard seen.insert([values[0], String(sample), String(shots)]).inserted else {
        throw EvalError(
          .malformedData, "\(values[0]) has answered about this image before, with as many shots",
          subject: place)
      }
      return HumanResponse(
        participant: values[0], sample: sample, shots: shots,
        answer: try classes.answer(values[3], at: place))
    }
  }
}

/// Samples by path, by file name and by that without its ending.
private struct Images {
  private let split: String
  private var numbers: [String: Int] = [:]
  /// Short names of several images.
  private var shared: Set<String> = []

  init(_ index: DatasetIndex) {
    split = "\(index.dataset), split \(index.split)"
    for (number, sample) in index.samples.enumerated() {
      let name = String(sample.id.split(separator: "/").last ?? "")
      for key in Set([name, String(VideoFiles.stem(name))])
      where numbers.updateValue(number, forKey: key) != nil {
        shared.insert(key)
      }
    }
    // A whole path is no other image's short name.
    for (number, sample) in index.samples.enumerated() {
      numbers[sample.id] = number
      shared.remove(sample.id)
    }
  }

  func sample(_ name: String, at place: String) throws(EvalError) -> Int {
    guard !shared.contains(name) else {
      throw EvalError(
        .malformedData, "`\(name)` is the name of several images of \(split)", subject: place,
        remedy: "Give the image's path below the dataset's folder.")
    }
    guard let number = numbers[name] else {
      throw EvalError(.malformedData, "`\(name)` is no image of \(split)", subject: place)
    }
    return number
  }
}

/// Classes by id and names, with case, `_`, `-` and runs of spaces ignored.
private struct Answers {
  private var labels: [String: Int] = [:]
  /// Names of several classes (ImageNet's missile): no answer, but no fault where nobody gives it.
  private var shared: Set<String> = []
  private let ids: [String]

  init(_ classes: [DatasetClass], names: [String: [String]]) {
    ids = classes.map(\.id)
    for (label, entry) in classes.enumerated() {
      for key in Set(([entry.name] + (names[entry.id] ?? [])).map(Self.key)) {
        if let other = labels.updateValue(label, forKey: key), other != label { shared.insert(key) }
      }
    }
    for (label, id) in ids.enumerated() {
      labels[Self.key(id)] = label
      shared.remove(Self.key(id))
    }
  }

  /// Nil for "I don't know".
  func answer(_ text: String, at place: String) throws(EvalError) -> Int? {
    let key = Self.key(text)
    if key == "i don't know" || key == "i dont know" { return nil }
    guard !shared.contains(key) else {
      throw EvalError(
        .malformedData, "`\(text)` is the name of several classes", subject: place,
        remedy: "Give the class's id.")
    }
    guard let label = labels[key] else {
      throw EvalError(
        .malformedData, "expected a class or `I don't know`, found `\(text)`", subject: place,
        remedy: NearMiss.hint(for: text, among: ids))
    }
    return label
  }

  private static func key(_ text: String) -> String {
    text.lowercased().replacing("\u{2019}", with: "'")
      .split { $0 == "_" || $0 == "-" || $0.isWhitespace }.joined(separator: " ")
  }
}
