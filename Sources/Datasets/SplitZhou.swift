import Core
import Foundation

/// A `split_zhou_<Name>.json` of CoOp (Zhou et al. 2022): `{"train": [[path, label, class name], …], …}`.
struct SplitZhou: Decodable {
  struct Entry: Decodable {
    var path: String
    var label: Int
    var className: String

    init(from decoder: any Decoder) throws {
      var values = try decoder.unkeyedContainer()
      path = try values.decode(String.self)
      label = try values.decode(Int.self)
      className = try values.decode(String.self)
    }
  }
  var train: [Entry]
  var val: [Entry]
  var test: [Entry]

  static func read(_ url: URL) throws -> SplitZhou {
    do {
      return try JSONDecoder().decode(SplitZhou.self, from: readFile(url))
    } catch let error as DecodingError {
      throw EvalError(
        .malformedData,
        "expected {\"train\"|\"val\"|\"test\": [[path, label, class name], …]}: \(error.place)",
        subject: url.path)
    }
  }

  /// The names of these splits in the adapters that read them.
  static func splits(train: Int, val: Int, test: Int) -> [SplitInfo] {
    [("train", train), ("val", val), ("test", test)].map { name, count in
      SplitInfo(
        name: "coop-\(name)", variants: [SplitVariant("split_zhou", count: count)])
    }
  }

  /// The entries of a split named `coop-…`; nil for other names.
  func entries(_ split: String) -> [Entry]? {
    switch split {
    case "coop-train": train
    case "coop-val": val
    case "coop-test": test
    default: nil
    }
  }

  /// The draft of a `coop-…` split. Classes are joined by the path's own class, never by the list's numbers.
  ///
  /// - Parameters:
  ///   - base: the folder that paths are below.
  ///   - classID: the class of a path, or nil when it tells none.
  static func draft(
    _ url: URL, split: String, base: URL, classes: [DatasetClass],
    classID: (_ path: String) -> String?
  ) throws -> IndexDraft? {
    try draft(url, split: split, base: base, classes: classes, classOfEntry: { classID($0.path) })
  }

  /// The same where the path does not tell the class.
  static func draft(
    _ url: URL, split: String, base: URL, classes: [DatasetClass],
    classOfEntry: (Entry) throws -> String?
  ) throws -> IndexDraft? {
    guard isFile(url), let entries = try read(url).entries(split) else { return nil }
    let labels = Dictionary(
      classes.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    var draft = IndexDraft(layout: "split_zhou", classes: classes)
    var files = ListedFiles(base: base)
    for (number, entry) in entries.enumerated() {
      let place = "\(url.path), \(split.dropFirst(5)) entry \(number)"
      guard let id = try classOfEntry(entry), let label = labels[id] else {
        throw EvalError(
          .malformedData, "`\(entry.path)` belongs to none of the \(classes.count) classes",
          subject: place)
      }
      try files.add(entry.path, label: label, at: place)
    }
    draft.samples = files.samples
    return draft
  }
}
