import Core
import Foundation

/// What to do about what the doctor finds.
struct DoctorAdvice {
  private let info: DatasetInfo
  private let root: URL
  private let source: DatasetSource?

  init(_ info: DatasetInfo, root: URL) {
    self.info = info
    self.root = root
    source = DatasetCatalog.source(of: info.id)
  }

  // MARK: A split that is there

  /// Where every class should have the same number of samples.
  func unevenClasses(of index: DatasetIndex) -> [DoctorReport.ClassCount] {
    let variants = variants(of: index.split)
    // A copy that is another known variant is held against that one.
    guard index.hasClassLabels,
      let variant = variants.first(where: { $0.name == index.variant }) ?? variants.first,
      let expected = variant.perClass
    else { return [] }
    return zip(index.classes, index.perClassCounts).filter { $0.1 != expected }.map {
      DoctorReport.ClassCount(id: $0.id, samples: $1, expected: expected)
    }
  }

  func remedies(for split: DoctorReport.Split) -> [String] {
    var remedies: [String] = []
    if !split.missing.isEmpty {
      remedies.append(
        "\(counted(split.missing.count, "listed file is", "listed files are")) missing. \(again)")
    }
    // An empty file cannot be decoded either, and is one file.
    let damaged = Set(
      split.empty + split.unrecognised + (split.undecodable ?? []).map(\.id)
    ).count
    if damaged > 0 {
      remedies.append(
        "\(counted(damaged, "file is no image or", "files are no images or")) damaged. \(again)")
    }
    if !split.misplaced.isEmpty {
      remedies.append(
        "\(counted(split.misplaced.count, "image is", "images are")) named like the images of another class than the folder's. Move what is in the wrong folder, or: \(again)"
      )
    }
    // Not that every class of ImageNet is missed where ten images of it are looked at.
    if !info.splits.isEmpty, !split.emptyClasses.isEmpty, split.emptyClasses.count < split.classes {
      remedies.append(
        "No sample of \(Self.listed(split.emptyClasses)): are their folders missing, empty, or called otherwise? \(again)"
      )
    }
    if split.partial, let relative = relative(ofSize: split) {
      remedies.append(
        "\(counted(split.samples, "sample")) of \(counted(split.classes, "class", "classes")) are what \(relative) has: is this a copy of it? It is another dataset than \(info.id)."
      )
    }
    if split.partial, let nearest = nearestVariant(of: split) {
      let difference = split.samples - nearest.count
      remedies.append(
        "Closest known variant: \(nearest.name), \(counted(nearest.count, "sample")); "
          + (difference < 0
            ? "\(counted(-difference, "is", "are")) lacking here."
            : difference > 0
              ? "\(counted(difference, "more is", "more are")) here: look for copies and for images that were added."
              : "the number is right, and the classes differ."))
    }
    return remedies
  }

  /// A dataset whose name begins with this one's, and which has exactly these numbers: ImageNetV2 lies in
  /// folders of ImageNet's form.
  private func relative(ofSize split: DoctorReport.Split) -> String? {
    DatasetRegistry.all.map(\.info).first { other in
      other.id != info.id && other.id.hasPrefix(info.id) && other.classCount == split.classes
        && other.splits.contains { $0.variants.contains { $0.count == split.samples } }
    }?.id
  }

  private func variants(of split: String) -> [SplitVariant] {
    info.splits.first { $0.name == split }?.variants ?? []
  }

  private func nearestVariant(of split: DoctorReport.Split) -> SplitVariant? {
    let variants = variants(of: split.split)
    let ofItsClasses = variants.filter { $0.classes == nil || $0.classes == split.classes }
    return (ofItsClasses.isEmpty ? variants : ofItsClasses).min { a, b in
      abs(a.count - split.samples) < abs(b.count - split.samples)
    }
  }

  private static func listed(_ names: [String]) -> String {
    names.prefix(5).joined(separator: ", ")
      + (names.count > 5 ? " and \(names.count - 5) more" : "")
  }

  /// How to get what is not right.
  private var again: String {
    guard let source, !source.files.isEmpty else {
      return "Unpack or copy the dataset again."
    }
    let names = Self.listed(source.files.map(\.name))
    return source.isComplete
      ? "Unpack \(names) again, or: clip-eval download dataset \(info.id) --data-root \(root.path) --force"
      : "Unpack \(names) again."
  }

  // MARK: Nothing that is read

  func remediesWhereNothingIsFound() -> [String] {
    let names = (try? listFolder(root.path).entries) ?? []
    var remedies: [String] = []
    let archives = packed(in: names)
    for archive in archives {
      remedies.append("\(archive) is there and still packed: unpack it beside itself.")
    }
    let similar = names.filter { $0.kind == .folder && resembles($0.name) }.map(\.name)
    for folder in similar {
      guard let other = otherDataset(called: folder) else { continue }
      remedies.append(
        "\(folder) is called like \(other), which is another dataset than \(info.id).")
    }
    let lookalikes = similar.filter { otherDataset(called: $0) == nil }
    if !lookalikes.isEmpty, archives.isEmpty {
      remedies.append(
        "\(Self.listed(lookalikes)) looks like it, and holds none of the layouts above: give it as --data-root if it does below, or rename what is in it."
      )
    }
    guard let source else { return remedies }
    if source.files.contains(where: { !$0.addresses.isEmpty }) {
      remedies.append(
        "To fetch it: clip-eval download dataset \(info.id) --data-root \(root.path)")
    }
    if let byHand = source.byHand { remedies.append("By hand: \(byHand)") }
    return remedies
  }

  /// Archives of the dataset in the data folder, and in the folders in it.
  private func packed(in entries: [FolderEntry]) -> [String] {
    let known = Set((source?.files ?? []).filter { $0.unpacking != .none }.map(\.name))
    guard !known.isEmpty else { return [] }
    var found = entries.filter { known.contains($0.name) }.map(\.name)
    for folder in entries.prefix(1000) where folder.kind == .folder {
      for name in known.sorted(by: bytewise)
      where isFile(root.appending(path: folder.name).appending(path: name)) {
        found.append("\(folder.name)/\(name)")
      }
    }
    return found
  }

  /// Names that differ in case, hyphens and the like, or have more behind.
  private func resembles(_ folder: String) -> Bool {
    Self.likeness(of: folder, to: info) > 3
  }

  /// The dataset whose name is more of the folder's name than this one's is: `imagenetv2-…` is no
  /// ImageNet.
  private func otherDataset(called folder: String) -> String? {
    let own = Self.likeness(of: folder, to: info)
    let best = DatasetRegistry.all.map { ($0.info.id, Self.likeness(of: folder, to: $0.info)) }
      .max { $0.1 < $1.1 }
    guard let best, best.1 > own else { return nil }
    return best.0
  }

  /// Length of the longest name of the dataset that the folder's name begins with, in letters and
  /// digits alone.
  private static func likeness(of folder: String, to info: DatasetInfo) -> Int {
    func plain(_ name: String) -> String {
      name.lowercased().filter { $0.isLetter || $0.isNumber }
    }
    let name = plain(folder)
    return ([info.id] + info.aliases).map(plain).filter { name.hasPrefix($0) }.map(\.count).max()
      ?? 0
  }
}
