import Core
import Foundation
import Imaging
import TensorFiles

extension ZipMembers: EncodedImageStore {
  package func withBytes<Result>(
    of index: Int, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    try withBytes(of: index, limit: ImageLimits.encodedBytes, body)
  }
}

/// ELEVATER's form of a dataset (Li et al. 2022): `<split>.txt` with lines `train.zip@path/in/zip.jpg 17`, the zips, and
/// `labelmap.txt` with the class names in the order of the numbers, from 0. Images are read out of the zips.
enum Elevater {
  static let labelMap = "labelmap.txt"

  /// Names of the splits in a folder; none where it is no such container.
  static func splits(in base: URL) throws -> [String] {
    guard isFile(base.appending(path: labelMap)) else { return [] }
    return ["train", "val", "test"].filter { isFile(base.appending(path: "\($0).txt")) }
  }

  /// A line of a list.
  struct Entry {
    /// Nil for an image that is a file below the folder.
    var archive: String?
    var path: String
    var labels: [Int]
    /// File and line.
    var place: String
    /// As the list writes it.
    var id: String
  }

  static func entries(_ list: URL) throws -> [Entry] {
    try numberedLines(list).map { line, text in
      let place = "\(list.path):\(line)"
      // Paths may hold spaces: the labels come after the last one.
      let space = text.lastIndex(where: \.isWhitespace)
      let numbers = space.map { text[text.index(after: $0)...].split(separator: ",") } ?? []
      let labels = numbers.compactMap { ClassFolders.nonNegativeInteger($0) }
      guard let space, !labels.isEmpty, labels.count == numbers.count else {
        throw EvalError(
          .malformedData,
          "expected `<archive>.zip@<path> <class number>[,<class number>…]`, found `\(text)`",
          subject: place)
      }
      let id = text[..<space].trimmingCharacters(in: .whitespaces)
      guard let range = id.firstRange(of: ".zip@") else {
        return Entry(archive: nil, path: id, labels: labels, place: place, id: id)
      }
      let archive = id[..<id.index(range.lowerBound, offsetBy: 4)]
      return Entry(
        archive: String(archive), path: String(id[range.upperBound...]), labels: labels,
        place: place, id: id)
    }
  }
}

extension ContainerLayouts {
  /// Nil without a list of the split, or where its classes are another dataset's.
  func elevater(_ base: URL) throws -> IndexDraft? {
    let map = base.appending(path: Elevater.labelMap)
    guard dataset.task != .captions, isFile(map),
      let list = splits.map({ base.appending(path: "\($0).txt") }).first(where: isFile),
      let classes = try classes(Self.classNames(map), file: map.path)
    else { return nil }
    var draft = IndexDraft(layout: "elevater", classes: classes.classes)
    draft.notes = classes.notes
    if dataset.task == .multiLabel {
      draft.multiLabels = LabelMatrix(classCount: classes.classes.count)
    }
    var images = ElevaterImages(base: base)
    for entry in try Elevater.entries(list) {
      let labels = try entry.labels.map { number in
        guard let label = classes.label(number) else {
          throw EvalError(
            .malformedData,
            "there is no class \(number): \(Elevater.labelMap) has \(classes.count), which count from 0",
            subject: entry.place)
        }
        return label
      }
      if dataset.task == .multiLabel {
        var row = [LabelMatrix.Label](repeating: .negative, count: classes.classes.count)
        for label in labels { row[label] = .positive }
        draft.multiLabels?.append(row)
      } else if labels.count != 1 {
        throw EvalError(
          .malformedData, "expected one class, found \(labels.count)", subject: entry.place)
      }
      let label = dataset.task == .multiLabel ? DatasetSample.noLabel : labels[0]
      draft.samples.append(try images.sample(entry, label: label))
    }
    draft.notes += images.notes
    return draft
  }
}

/// The images of a list: in zips, in the folders that these were unpacked to, or in files.
private struct ElevaterImages {
  private let base: URL
  private var archives: [String: ZipMembers?] = [:]
  private var seen: Set<String> = []
  private(set) var notes: [String] = []

  init(base: URL) { self.base = base }

  mutating func sample(_ entry: Elevater.Entry, label: Int) throws -> DatasetSample {
    guard seen.insert(entry.id).inserted else {
      throw EvalError(
        .malformedData, "`\(entry.id)` is listed twice", subject: entry.place,
        remedy: "Each image may occur once in a split.")
    }
    guard let name = entry.archive else { return file(entry.path, entry, label) }
    guard let archive = try archive(name, at: entry.place) else {
      return file("\(name.dropLast(4))/\(entry.path)", entry, label)
    }
    guard let member = archive.member(named: entry.path) else {
      // No such file: it counts, and fails when it is read.
      return DatasetSample(
        id: entry.id, label: label,
        source: .file(
          URL(filePath: "\(archive.url.path)/\(entry.path)", directoryHint: .notDirectory)))
    }
    return DatasetSample(
      id: entry.id, label: label, source: .stored(archive, index: member),
      byteCount: archive.size(of: member))
  }

  private func file(_ path: String, _ entry: Elevater.Entry, _ label: Int) -> DatasetSample {
    let url = URL(filePath: base.path + "/" + path, directoryHint: .notDirectory)
    var info = stat()
    let isThere = stat(url.path, &info) == 0 && info.st_mode & S_IFMT == S_IFREG
    return DatasetSample(
      id: entry.id, label: label, source: .file(url),
      byteCount: isThere ? Int(info.st_size) : nil)
  }

  /// Nil where the archive was unpacked beside the list.
  private mutating func archive(_ name: String, at place: String) throws -> ZipMembers? {
    if let known = archives[name] { return known }
    let url = base.appending(path: name)
    let unpacked = base.appending(path: String(name.dropLast(4)))
    if !isFile(url), isFolder(unpacked) {
      notes.append("\(name) is absent; its images are read from \(unpacked.lastPathComponent)/")
      archives[name] = .some(nil)
      return nil
    }
    guard isFile(url) else {
      throw EvalError(
        .notFound, "`\(name)` is not there, which the list names", subject: place,
        remedy: "Put it beside the list, at \(url.path).")
    }
    let archive = try ZipMembers(url)
    archives[name] = archive
    return archive
  }
}
