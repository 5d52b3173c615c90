import Core
import Foundation

/// ImageNet with one folder a class: `<split>/<wnid>/`, `<split>/<0…999>/`, and Tiny-ImageNet's form of the former.
enum ImageNetFolders {
  /// Nil when `base/folder` holds no class folders.
  static func draft(base: URL, folder: String) throws -> IndexDraft? {
    let directory = base.appending(path: folder)
    let names = try ClassFolders.names(in: directory)
    if names.contains(where: ImageNetClasses.isWordNetID) {
      return try wordNetFolders(base: base, folder: folder)
    }
    let numbers = names.filter { ClassFolders.nonNegativeInteger($0) != nil }
    return numbers.isEmpty
      ? nil : try numberedFolders(numbers, base: base, folder: folder)
  }

  private static func wordNetFolders(base: URL, folder: String) throws -> IndexDraft {
    let tiny = try TinyImageNet.classes(base: base)
    let classes = tiny ?? ImageNetClasses.all
    let labels = Dictionary(
      classes.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    return try ClassFolders.draft(
      layout: tiny == nil ? "wnid-folders" : "tiny-imagenet", base: base, prefix: folder,
      classes: classes,
      label: { name in
        guard ImageNetClasses.isWordNetID(name) else { return nil }
        guard let label = labels[name] else {
          throw EvalError(
            .malformedData, "`\(name)` is none of the \(classes.count) classes",
            subject: base.appending(path: folder).path,
            remedy: "Move the folder away, or read this copy as an image folder.")
        }
        return label
      })
  }

  /// Folder names are class indices, compared as numbers: `10` is class 10 however it sorts.
  private static func numberedFolders(
    _ names: [String], base: URL, folder: String
  ) throws -> IndexDraft {
    var folderOfNumber: [Int: String] = [:]
    for name in names {
      guard let number = ClassFolders.nonNegativeInteger(name) else { continue }
      let place = base.appending(path: folder).path
      guard number < 1000 else {
        throw EvalError(
          .malformedData, "expected class folders 0…999, found `\(name)`", subject: place,
          remedy: number == 1000
            ? "Folders 1…1000 follow an order of their own (ILSVRC2012_ID or sorted ids, from 1): rename them to wnids."
            : nil)
      }
      if let other = folderOfNumber.updateValue(name, forKey: number) {
        throw EvalError(
          .malformedData, "folders `\(other)` and `\(name)` are the same class", subject: place)
      }
    }
    var draft = try ClassFolders.draft(
      layout: "numbered-folders", base: base, prefix: folder, classes: ImageNetClasses.all,
      label: { ClassFolders.nonNegativeInteger($0) })
    if folderOfNumber[0] == nil {
      draft.notes.append("no folder 0: folder numbers are taken to count sorted wnids from 0")
    }
    return draft
  }
}

/// Tiny-ImageNet (Stanford CS231n): 200 of the WordNet ids, images of 64×64.
enum TinyImageNet {
  /// The classes of `wnids.txt`, named by `words.txt` where it lies beside; nil without the former.
  static func classes(base: URL) throws -> [DatasetClass]? {
    let list = base.appending(path: "wnids.txt")
    guard isFile(list) else { return nil }
    var names: [String: String] = [:]
    let words = base.appending(path: "words.txt")
    let ids = try numberedLines(list).map { line, id in
      guard ImageNetClasses.isWordNetID(id) else {
        throw EvalError(
          .malformedData, "expected a WordNet id, found `\(id)`", subject: "\(list.path):\(line)")
      }
      return id
    }
    if isFile(words) {
      let wanted = Set(ids)
      for (_, text) in try numberedLines(words) where wanted.contains(String(text.prefix(9))) {
        names[String(text.prefix(9))] = text.dropFirst(9).trimmingCharacters(in: .whitespaces)
      }
    }
    return Set(ids).sorted(by: bytewise).map { DatasetClass(id: $0, name: names[$0] ?? $0) }
  }

  /// `val/images/*.JPEG` with `val/val_annotations.txt`: file, wnid, box, separated by tabs.
  static func validation(base: URL, folder: String) throws -> IndexDraft? {
    let list = base.appending(path: "\(folder)/val_annotations.txt")
    guard isFile(list) else { return nil }
    let classes = try classes(base: base) ?? ImageNetClasses.all
    let labels = Dictionary(
      classes.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    var draft = IndexDraft(layout: "tiny-imagenet", classes: classes)
    var files = ListedFiles(base: base)
    for (line, text) in try numberedLines(list) {
      let place = "\(list.path):\(line)"
      let fields = text.split(separator: "\t").map(String.init)
      guard fields.count >= 2, let label = labels[fields[1]] else {
        throw EvalError(
          .malformedData, "expected `<file> <wnid> …` of a known class, found `\(text)`",
          subject: place)
      }
      try files.add("\(folder)/images/\(fields[0])", label: label, at: place)
    }
    draft.samples = files.samples
    return draft
  }
}

/// Sample collections: `n15075141_toilet_tissue.JPEG` side by side in one folder.
enum ImageNetSamples {
  /// Nil when `base` holds no such file.
  static func draft(base: URL) throws -> IndexDraft? {
    var draft = IndexDraft(layout: "flat-samples", classes: ImageNetClasses.all)
    for entry in try listFolder(base.path).entries where entry.kind != .folder {
      let isSample =
        ImageFiles.isImage(entry.name) && ImageNetClasses.isWordNetID(entry.name.prefix(9))
        && entry.name.dropFirst(9).first == "_"
      guard isSample else {
        draft.ignored.append(entry.name)
        continue
      }
      guard let label = ImageNetClasses.indices[String(entry.name.prefix(9))] else {
        throw EvalError(
          .malformedData, "`\(entry.name)` belongs to none of the 1000 classes", subject: base.path)
      }
      draft.samples.append(
        DatasetSample(
          id: entry.name, label: label,
          source: .file(base.appending(path: entry.name, directoryHint: .notDirectory)),
          byteCount: entry.size))
    }
    return draft.samples.isEmpty ? nil : draft
  }
}
