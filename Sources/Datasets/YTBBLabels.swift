import Core
import Foundation

/// What reviewers said of YTBB-Robust's frames: which anchors are good, what they show, and which frames around them show the same.
struct YTBBLabels {
  /// `<video>_<milliseconds>`.
  struct Clip {
    var video: String

    init?(_ name: some StringProtocol) {
      guard let underscore = name.lastIndex(of: "_"),
        let time = ClassFolders.nonNegativeInteger(name[name.index(after: underscore)...]),
        time >= 0
      else { return nil }
      video = String(name[..<underscore])
    }
  }

  /// A frame by clip and file name, as lists give it with any folders before.
  private struct Frame: Hashable {
    var clip: String
    var number: Int
    var path: String { "\(clip)/frame-\(number).jpg" }

    init?(_ key: some StringProtocol) {
      let parts = key.split { $0 == "/" }.suffix(2).map { String($0) }
      guard parts.count == 2, Clip(parts[0]) != nil, parts[1].hasPrefix("frame-"),
        parts[1].hasSuffix(".jpg"),
        let number = ClassFolders.nonNegativeInteger(parts[1].dropFirst(6).dropLast(4))
      else { return nil }
      clip = parts[0]
      self.number = number
    }
  }

  struct Set {
    var anchor: String
    /// Without the anchor.
    var frames: [String]
    var labels: [String]
    var clip: String
    var video: String
  }

  private(set) var sets: [Set] = []

  private static let files = (
    anchors: "anchor_labels.json", pairs: "pmk_labels.json",
    first: "ytbb_robustness_test_anchors_full.csv"
  )
  /// A pair with one of these shows something else.
  private static let problems: Swift.Set = [
    "dissimilar", "problematic", "incorrect", "dont know", "deformation", "background-change",
    "occlusion-increased", "blur-increase", "bad-anchor",
  ]
  /// Frames this far from the anchor belong to its set.
  private static let distance = 10

  /// - Throws: `EvalError.notFound` that names the files which are absent.
  init(near base: URL, root: URL, info: DatasetInfo) throws {
    let parent = base.deletingLastPathComponent()
    let places = [base, parent, root].flatMap {
      [$0, $0.appending(path: "ytbb-robust_metadata"), $0.appending(path: "metadata")]
    }
    func find(_ name: String) -> URL? {
      places.map { $0.appending(path: name) }.first(where: isFile)
    }
    let names = [Self.files.anchors, Self.files.pairs, Self.files.first]
    let found = names.map(find)
    guard let anchors = found[0], let pairs = found[1], let first = found[2] else {
      let absent = zip(names, found).filter { $1 == nil }.map(\.0)
      throw EvalError(
        .notFound,
        "\(info.id): the frames are there, but not which of them count and what they show: no \(absent.joined(separator: ", ")) in this folder, beside it, or in ytbb-robust_metadata/ there",
        subject: base.path,
        remedy:
          "They come with imagenet-testbed, in src/eval_settings/ytbb-robust_metadata: put that folder beside the frames."
      )
    }
    let classNames = YTBBRobust.classes.map(\.id)
    let (good, added) = try Self.anchors(Annotations(anchors), classes: classNames)
    let (similar, bad) = try Self.pairs(Annotations(pairs))
    let firstLabels = try Self.firstLabels(first, classes: classNames)
    for anchor in good where !bad.contains(anchor) {
      guard let clip = Clip(anchor.clip), let label = firstLabels[anchor.clip] else {
        throw EvalError(
          .malformedData, "no row for the anchor \(anchor.path)", subject: first.path)
      }
      let frames = (similar[anchor] ?? []).filter {
        $0.clip == anchor.clip && $0 != anchor && abs($0.number - anchor.number) <= Self.distance
      }
      sets.append(
        Set(
          anchor: anchor.path, frames: frames.sorted { $0.number < $1.number }.map(\.path),
          labels: (added[anchor] ?? []).union([label]).sorted(), clip: anchor.clip,
          video: clip.video))
    }
  }

  /// A file of reviewers' answers: `{"labels": [name, …], "annotations": [{"key": …, "labels": [number, …]}, …]}`.
  private struct Annotations {
    struct Row: Decodable {
      var key: String
      var labels: [Int]
    }
    private struct File: Decodable {
      var labels: [String]
      var annotations: [Row]
    }
    let url: URL
    let rows: [(key: String, labels: Swift.Set<String>)]

    init(_ url: URL) throws {
      self.url = url
      let file: File
      do {
        file = try JSONDecoder().decode(File.self, from: readFile(url))
      } catch let error as DecodingError {
        throw EvalError(
          .malformedData, "expected labels and annotations: \(Self.reason(error))",
          subject: url.path)
      }
      rows = try file.annotations.enumerated().map { number, row in
        let names = row.labels.map { file.labels.indices.contains($0) ? file.labels[$0] : nil }
        guard !names.contains(nil) else {
          throw EvalError(
            .malformedData,
            "annotation \(number) has a label that is none of the \(file.labels.count)",
            subject: url.path)
        }
        return (row.key, Swift.Set(names.compactMap(\.self)))
      }
    }

    private static func reason(_ error: DecodingError) -> String {
      switch error {
      case .dataCorrupted(let context), .keyNotFound(_, let context),
        .typeMismatch(_, let context), .valueNotFound(_, let context):
        (context.codingPath.map(\.stringValue) + [context.debugDescription]).joined(separator: " ")
      @unknown default: "\(error)"
      }
    }

    func malformed(_ key: String, _ expected: String) -> EvalError {
      EvalError(.malformedData, "expected \(expected), found `\(key)`", subject: url.path)
    }
  }

  /// The anchors that are good, in the order of the file, and the classes that reviewers added; later answers replace earlier ones.
  private static func anchors(
    _ file: Annotations, classes: [String]
  ) throws -> (good: [Frame], added: [Frame: Swift.Set<String>]) {
    var order: [Frame] = []
    var answers: [Frame: Swift.Set<String>] = [:]
    for row in file.rows {
      guard let frame = Frame(row.key) else {
        throw file.malformed(row.key, "<video>_<milliseconds>/frame-<n>.jpg")
      }
      if answers.updateValue(row.labels, forKey: frame) == nil { order.append(frame) }
    }
    let good = order.filter { frame in
      let answer = answers[frame] ?? []
      return answer.contains("good") && answer.isDisjoint(with: ["bad", "unsure"])
    }
    return (good, answers.mapValues { $0.intersection(classes + ["none"]) })
  }

  /// The frames that show the same as their anchor, and the anchors that a reviewer rejected.
  private static func pairs(
    _ file: Annotations
  ) throws -> (similar: [Frame: [Frame]], bad: Swift.Set<Frame>) {
    var order: [String] = []
    var answers: [String: (anchor: Frame, frame: Frame, labels: Swift.Set<String>)] = [:]
    for row in file.rows {
      let ends = row.key.split(separator: ",").map { Frame($0) }
      guard ends.count == 2, let anchor = ends[0], let frame = ends[1] else {
        throw file.malformed(row.key, "<anchor>,<frame>")
      }
      let key = "\(anchor.path),\(frame.path)"
      if answers.updateValue((anchor, frame, row.labels), forKey: key) == nil { order.append(key) }
    }
    var similar: [Frame: [Frame]] = [:]
    var bad: Swift.Set<Frame> = []
    for answer in order.compactMap({ answers[$0] }) {
      if answer.labels.contains("bad-anchor") { bad.insert(answer.anchor) }
      if answer.labels.contains("similar"), answer.labels.isDisjoint(with: problems) {
        similar[answer.anchor, default: []].append(answer.frame)
      }
    }
    return (similar, bad)
  }

  /// What YouTube-BoundingBoxes says of each anchor, by clip: rows `ytid`, `time_ms`, `label` among others. There 22 is the car and 23
  /// none, the other way round than here.
  private static func firstLabels(_ url: URL, classes: [String]) throws -> [String: String] {
    let rows = try DelimitedText(parsing: readFile(url), separator: ",", subject: url.path).rows
    let header = rows.first?.fields ?? []
    let columns = ["ytid", "time_ms", "label"].map { header.firstIndex(of: $0) }
    guard let id = columns[0], let time = columns[1], let label = columns[2] else {
      throw EvalError(
        .malformedData, "expected the columns ytid, time_ms and label, found \(header)",
        subject: "\(url.path):1")
    }
    let names = classes.dropLast() + ["car", "none"]
    var labels: [String: String] = [:]
    for row in rows.dropFirst() {
      guard row.fields.count > max(id, time, label),
        let number = ClassFolders.nonNegativeInteger(row.fields[label]),
        names.indices.contains(number)
      else {
        throw EvalError(
          .malformedData, "expected a video, a time and a label from 0 to 23",
          subject: "\(url.path):\(row.line)")
      }
      labels["\(row.fields[id])_\(row.fields[time])"] = names[number]
    }
    return labels
  }
}
