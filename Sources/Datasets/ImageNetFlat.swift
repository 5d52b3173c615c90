import Core
import Foundation
import TensorFiles

/// The validation images side by side in one folder, with labels from the official devkit, Kaggle's CSV,
/// torchvision's cache or Tiny-ImageNet's list.
enum ImageNetFlat {
  /// Nil when `base/folder` holds no images; `root` bounds how far up labels are looked for.
  static func draft(base: URL, folder: String, root: URL) throws -> IndexDraft? {
    if let draft = try TinyImageNet.validation(base: base, folder: folder) { return draft }
    let directory = base.appending(path: folder)
    let (entries, _) = try listFolder(directory.path)
    guard entries.contains(where: { $0.kind == .file && ImageFiles.isImage($0.name) }) else {
      return nil
    }
    let (layout, wnids) = try labels(directory, base: base, root: root)
    var draft = IndexDraft(layout: layout, classes: ImageNetClasses.all)
    // The files of the list, under the ending that the folder has (`.JPEG`, `.jpg`, …).
    var nameOfStem: [String: String] = [:]
    for entry in entries where ImageFiles.isImage(entry.name) {
      nameOfStem[stem(entry.name)] = entry.name
    }
    var files = ListedFiles(base: base)
    for (file, wnid, place) in wnids {
      let label = try label(wnid, place)
      try files.add(
        "\(folder)/\(nameOfStem.removeValue(forKey: file) ?? file + ".JPEG")", label: label,
        at: place)
    }
    draft.samples = files.samples
    let listed = Set(draft.samples.map(\.id))
    draft.ignored = entries.map { "\(folder)/\($0.name)" }.filter { !listed.contains($0) }
    return draft
  }

  /// The images in `ILSVRC2012_img_val.tar` as it is published, read in place.
  static func archive(_ name: String, base: URL, root: URL) throws -> IndexDraft {
    let archive = base.appending(path: name)
    let (layout, wnids) = try labels(archive, base: base, root: root)
    var draft = IndexDraft(layout: "tar-\(layout)", classes: ImageNetClasses.all)
    var members: [String: TarIndex.Member] = [:]
    for member in try TarIndex(contentsOf: archive).members {
      let file = member.name.split(separator: "/").last.map(String.init) ?? member.name
      if ImageFiles.isImage(file) {
        members[stem(file)] = member
      } else {
        draft.ignored.append("\(name)#\(member.name)")
      }
    }
    var table = SampleTable.Draft(.archive(archive))
    var found: [Int] = []
    for (file, wnid, place) in wnids {
      let label = try label(wnid, place)
      guard let member = members.removeValue(forKey: file) else {
        // It counts, and fails when it is read.
        draft.samples.append(
          DatasetSample(
            id: "\(name)#\(file).JPEG", label: label,
            source: .file(URL(filePath: "\(archive.path)/\(file).JPEG"))))
        continue
      }
      table.append(
        lead: "\(name)#".utf8, name: member.name.utf8, size: member.count, offset: member.offset)
      found.append(label)
    }
    draft.samples += table.samples(labels: found)
    draft.ignored += members.values.map { "\(name)#\($0.name)" }
    return draft
  }

  private static func label(_ wnid: String, _ place: String) throws -> Int {
    guard let label = ImageNetClasses.indices[wnid] else {
      throw EvalError(.malformedData, "`\(wnid)` is none of the 1000 classes", subject: place)
    }
    return label
  }

  private static func labels(_ images: URL, base: URL, root: URL) throws -> Labels {
    let places = labelFolders(images, base: base, root: root)
    if let labels = try kaggleLabels(places) ?? devkitLabels(places) ?? cachedLabels(places) {
      return labels
    }
    throw EvalError(
      .notFound,
      "flat images without labels: looked for LOC_val_solution.csv, "
        + "ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt and meta.bin in "
        + places.map(\.path).joined(separator: ", "),
      subject: images.path,
      remedy: "Put ILSVRC2012_devkit_t12 (unpacked) beside the images.")
  }

  /// File stem, wnid, and where the list says so.
  private typealias Labels = (layout: String, [(file: String, wnid: String, place: String)])

  private static func stem(_ name: String) -> String {
    name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
  }

  /// The image folder, and its parents up to `root`.
  private static func labelFolders(_ directory: URL, base: URL, root: URL) -> [URL] {
    var places = [directory]
    let top = root.standardizedFileURL.path
    var folder = base.standardizedFileURL
    for _ in 0..<5 {
      places.append(folder)
      if folder.path == top || !folder.path.hasPrefix(top) { break }
      folder = folder.deletingLastPathComponent().standardizedFileURL
    }
    return places
  }

  /// Kaggle: rows `ILSVRC2012_val_00048981,n03995372 85 1 499 272 …` in no order.
  private static func kaggleLabels(_ places: [URL]) throws -> Labels? {
    guard let url = places.map({ $0.appending(path: "LOC_val_solution.csv") }).first(where: isFile)
    else { return nil }
    let rows = try DelimitedText(parsing: readFile(url), separator: ",", subject: url.path).rows
    guard let header = rows.first, header.fields == ["ImageId", "PredictionString"] else {
      throw EvalError(
        .malformedData, "expected the header `ImageId,PredictionString`", subject: "\(url.path):1")
    }
    return (
      "kaggle-cls-loc",
      try rows.dropFirst().map { row in
        guard row.fields.count == 2, let wnid = row.fields[1].split(separator: " ").first else {
          throw EvalError(
            .malformedData, "expected `<image>,<wnid> <box> …`", subject: "\(url.path):\(row.line)")
        }
        return (row.fields[0], String(wnid), "\(url.path):\(row.line)")
      }
    )
  }

  /// The devkit: line i of the ground truth is the ILSVRC2012_ID of image i, and `meta.mat` says which wnid
  /// that id is. The ids are not in the order of the wnids.
  private static func devkitLabels(_ places: [URL]) throws -> Labels? {
    let folders = ["ILSVRC2012_devkit_t12/data", "devkit/data", "data", "."]
    let truthName = "ILSVRC2012_validation_ground_truth.txt"
    let candidates = places.flatMap { place in folders.map { place.appending(path: $0) } }
    guard let data = candidates.first(where: { isFile($0.appending(path: truthName)) }) else {
      return nil
    }
    let meta = data.appending(path: "meta.mat")
    let wnidOfID = try synsets(meta)
    let truth = data.appending(path: truthName)
    return (
      "flat-val-devkit",
      try numberedLines(truth).enumerated().map { index, entry in
        guard let id = Int(entry.text), let wnid = wnidOfID[id] else {
          throw EvalError(
            .malformedData,
            "expected an ILSVRC2012_ID of meta.mat (1…\(wnidOfID.count)), found `\(entry.text)`",
            subject: "\(truth.path):\(entry.line)")
        }
        return (imageStem(index + 1), wnid, "\(truth.path):\(entry.line)")
      }
    )
  }

  /// Leaf synsets by ILSVRC2012_ID; the inner ones of the hierarchy have ids as well, and no images.
  private static func synsets(_ meta: URL) throws -> [Int: String] {
    let fields = ["ILSVRC2012_ID", "WNID", "num_children"]
    var wnids: [Int: String] = [:]
    for (row, synset) in try readMatStruct("synsets", fields: fields, from: meta).enumerated() {
      guard let id = synset[fields[0]]?.integer, let wnid = synset[fields[1]]?.text,
        let children = synset[fields[2]]?.integer
      else {
        throw EvalError(
          .malformedData, "synset \(row) lacks one of \(fields.joined(separator: ", "))",
          subject: meta.path)
      }
      guard children == 0 else { continue }
      guard wnids.updateValue(wnid, forKey: id) == nil else {
        throw EvalError(.malformedData, "two synsets have ILSVRC2012_ID \(id)", subject: meta.path)
      }
    }
    return wnids
  }

  /// torchvision's `meta.bin`: `torch.save((wnid → class names, wnids of the validation images))`.
  private static func cachedLabels(_ places: [URL]) throws -> Labels? {
    guard let url = places.map({ $0.appending(path: "meta.bin") }).first(where: isFile) else {
      return nil
    }
    let root = try torchPickle(url).root
    guard let pair = root.elements, pair.count == 2, let wnids = pair[1].elements else {
      throw EvalError(
        .malformedData, "expected torchvision's (classes of wnids, wnids of the validation images)",
        subject: url.path)
    }
    return (
      "flat-val-meta.bin",
      try wnids.enumerated().map { index, object in
        guard let wnid = object.text else {
          throw EvalError(
            .malformedData, "entry \(index) of the validation wnids is no text", subject: url.path)
        }
        return (imageStem(index + 1), wnid, "\(url.path), entry \(index)")
      }
    )
  }

  /// `ILSVRC2012_val_00000001`; images are numbered from 1.
  private static func imageStem(_ number: Int) -> String {
    let digits = String(number)
    return "ILSVRC2012_val_" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }

  /// The pickle in a `torch.save` file: a member of a zip, or, before PyTorch 1.6, the fourth of five in a row
  /// (magic number, protocol version, system, object, storages).
  private static func torchPickle(_ url: URL) throws -> PickleDocument {
    let data = try readFile(url)
    if data.starts(with: Array("PK".utf8)) {
      guard let pickle = try zipMember("data.pkl", of: url, limit: 64 << 20) else {
        throw EvalError(.malformedData, "expected a member data.pkl", subject: url.path)
      }
      return try PickleDocument(parsing: pickle, subject: "\(url.path)/data.pkl")
    }
    let magic: [UInt8] = [
      0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
    ]
    guard data.starts(with: magic) else {
      throw EvalError(
        .malformedData, "expected a file of torch.save, found another header", subject: url.path)
    }
    var position = magic.count
    for _ in 0..<2 {
      position = try PickleDocument(parsing: data, from: position, subject: url.path).end
    }
    return try PickleDocument(parsing: data, from: position, subject: url.path)
  }
}
