import Core
package import Foundation

/// KITTI's object benchmark (Geiger et al. 2012) as the distance of the closest vehicle in four classes, VTAB's task
/// (Zhai et al. 2019).
///
///     training/image_2/000000.png
///     training/label_2/000000.txt            type truncated occluded alpha bbox(4) size(3) x y z rotation [score]
///     devkit/mapping/train_rand.txt          for each image, a line of the next file, from 1, separated by commas
///     devkit/mapping/train_mapping.txt       date drive frame
///
/// The class is where the smallest z (metres) of all cars, vans and trucks lies: to 8, to 20, to 999, or no vehicle. The splits are those
/// of TensorFlow Datasets 3.1.0: whole drives, a tenth of them drawn for `test` and then a tenth for `val`.
/// Images are 1242×375: the whole of them is squeezed into the model's square, as a crop would lose most of the road.
package struct KITTI: DatasetAdapter {
  package init() {}

  package let info = DatasetInfo(
    id: "KITTI",
    aliases: [
      "kitti-distance", "kitti_distance", "vtab/kitti", "kitti_closest_vehicle_distance",
      "vtab/kitti_closest_vehicle_distance",
    ], title: "KITTI, distance of the closest vehicle", metric: "accuracy", classCount: 4,
    splits: [
      SplitInfo(name: "train", variants: [SplitVariant("TFDS 3.1.0", count: 6347)]),
      SplitInfo(
        name: "val", aliases: ["valid", "validation"],
        variants: [SplitVariant("TFDS 3.1.0", count: 423)]),
      SplitInfo(
        name: "trainval", aliases: ["train+val"],
        variants: [SplitVariant("TFDS 3.1.0", count: 6770)]),
      SplitInfo(name: "test", variants: [SplitVariant("TFDS 3.1.0", count: 711)]),
      SplitInfo(name: "all", variants: [SplitVariant("official", count: 7481)]),
    ], defaultSplit: "test")

  private static let classes = [
    DatasetClass(id: "below_8", name: "a vehicle within 8 m"),
    DatasetClass(id: "below_20", name: "a vehicle within 20 m"),
    DatasetClass(id: "above_20", name: "a vehicle farther than 20 m"),
    DatasetClass(id: "no_vehicle", name: "no vehicle"),
  ]

  private static let folders = [
    "kitti", "KITTI", "kitti/object", "KITTI/object", "Kitti/raw", "kitti_object",
  ]
  private static let mappingFolders = [
    "devkit/mapping", "mapping", "devkit_object/mapping", "object/mapping", "../mapping",
    "../devkit/mapping", "../devkit_object/mapping",
  ]

  package var canonicalClasses: [DatasetClass]? { Self.classes }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let split = try info.split(named: name)
    for base in candidateFolders(root, Self.folders) {
      let labels = base.appending(path: "training/label_2")
      guard isFolder(labels) else { continue }
      return try index(split, base: base, labels: labels)
    }
    throw datasetNotFound(
      info, split: split.name, root: root,
      lookedFor: (Self.folders + ["."]).map { "\($0)/training/label_2" })
  }

  private func index(_ split: SplitInfo, base: URL, labels: URL) throws -> DatasetIndex {
    var draft = IndexDraft(layout: "kitti-object", classes: Self.classes)
    draft.adjustment = ImageAdjustment(squashes: true)
    var files = ListedFiles(base: base)
    let drives = try Drives(
      base: base, folders: Self.mappingFolders, isRequired: split.name != "all")
    let numbers: [Int]
    if let drives {
      numbers = drives.images(of: split.name)
    } else {
      numbers = try listFolder(labels.path).entries.compactMap { entry in
        ClassFolders.nonNegativeInteger(entry.name.prefix { $0 != "." }).flatMap {
          entry.name == "\(Self.padded($0)).txt" ? $0 : nil
        }
      }
    }
    for number in numbers {
      let stem = Self.padded(number)
      let list = labels.appending(path: "\(stem).txt")
      try files.add(
        "training/image_2/\(stem).png", label: try Self.label(list), at: list.path)
    }
    draft.samples = files.samples
    if let drives {
      draft.groups = SampleGroups(unit: "drives", keys: numbers.map { drives.names[$0] })
    }
    return try draft.finish(info, split: split, sorted: true)
  }

  private static func padded(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }

  private static let vehicles: Set<Substring> = ["Car", "Van", "Truck"]

  /// Of the four classes.
  private static func label(_ url: URL) throws -> Int {
    var closest: Float = 1000
    for (line, text) in try numberedLines(url) {
      let fields = text.split(whereSeparator: \.isWhitespace)
      guard (15...16).contains(fields.count), let z = Float(fields[13]), z.isFinite else {
        throw EvalError(
          .malformedData,
          "expected a type and 14 or 15 numbers, the thirteenth of them metres, found `\(text)`",
          subject: "\(url.path):\(line)")
      }
      if vehicles.contains(fields[0]) { closest = min(closest, z) }
    }
    // A distance of exactly 8 m is below 8, as VTAB has it.
    return [8, 20, 999].firstIndex { closest <= $0 } ?? 3
  }

  /// The recordings that the images were taken from.
  private struct Drives {
    /// By the image's number.
    private(set) var names: [String] = []
    private var test: Set<String> = []
    private var val: Set<String> = []

    /// Nil where the lists are not there.
    init?(base: URL, folders: [String], isRequired: Bool) throws {
      let places = folders.map { base.appending(path: $0).standardizedFileURL }
      let files = ["train_rand.txt", "train_mapping.txt"]
      guard
        let folder = places.first(where: { folder in
          files.allSatisfy { isFile(folder.appending(path: $0)) }
        })
      else {
        if !isRequired { return nil }
        throw EvalError(
          .notFound,
          "the splits go by drive, and mapping/train_rand.txt and mapping/train_mapping.txt, which say "
            + "which image is of which drive, are not there",
          subject: base.path,
          remedy:
            "Fetch https://s3.eu-central-1.amazonaws.com/avg-kitti/devkit_object.zip and unpack it "
            + "into \(base.appending(path: "devkit").path); or take the split `all`.")
      }
      names = try Self.names(
        folder.appending(path: files[0]), folder.appending(path: files[1]))
      let present = Set(names).sorted(by: bytewise)
      var random = LegacyRandom(seed: 123)
      let tenth = max(1, present.count / 10)
      test = Set(random.permutation(present.count).prefix(tenth).map { present[$0] })
      let rest = present.filter { !test.contains($0) }
      val = Set(random.permutation(rest.count).prefix(tenth).map { rest[$0] })
    }

    private static func names(_ rand: URL, _ mapping: URL) throws -> [String] {
      let lines = try TextLines.read(mapping)
      let fields = try numberedLines(rand).flatMap { _, text in
        text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      }
      return try fields.enumerated().map { image, field in
        guard let number = ClassFolders.nonNegativeInteger(field),
          lines.indices.contains(number - 1)
        else {
          throw EvalError(
            .malformedData,
            "expected the number of one of \(lines.count) lines of \(mapping.lastPathComponent), found `\(field)`",
            subject: "\(rand.path), entry \(image + 1)")
        }
        let parts = lines[number - 1].split(separator: " ")
        guard parts.count == 3 else {
          throw EvalError(
            .malformedData, "expected a date, a drive and a frame, found `\(lines[number - 1])`",
            subject: "\(mapping.path):\(number)")
        }
        return String(parts[1])
      }
    }

    func images(of split: String) -> [Int] {
      names.indices.filter { image in
        let name = names[image]
        return switch split {
        case "test": test.contains(name)
        case "val": val.contains(name)
        case "train": !test.contains(name) && !val.contains(name)
        case "trainval": !test.contains(name)
        default: true
        }
      }
    }
  }
}
