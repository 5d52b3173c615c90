import Core
package import Foundation

/// Images with captions: Flickr30k (Young et al. 2014), MSCOCO (Chen et al. 2015), and any dataset in their layouts.
///
/// Read are Karpathy's JSON files and CLIP_benchmark's lists made of them, which alone know the splits results are reported on;
/// Flickr's token file and Kaggle's table of it; COCO's own annotations; and, of datasets that the program does not know by name,
/// tables of images and captions.
package struct CaptionDataset: DatasetAdapter {
  package let info: DatasetInfo
  /// The dataset's own folder below the data folder.
  private let folders: [String]
  /// Names of list files that are this dataset's; nil where any in these layouts is.
  private let listNames: [String]?

  static let metric = "image-to-text-recall@1"

  /// - Parameter id: what the suite calls it.
  package init(id: String = "captions") {
    info = DatasetInfo(
      id: id, aliases: [], title: "Images with captions (Karpathy JSON, token file, CSV)",
      task: .captions, metric: Self.metric, classCount: nil, splits: [], defaultSplit: "test")
    folders = []
    listNames = nil
  }

  private init(_ info: DatasetInfo, folders: [String], listNames: [String]) {
    self.info = info
    self.folders = folders
    self.listNames = listNames
  }

  /// Karpathy's test split has 1000 images and 5000 captions; the token file has all 31,783 images and no splits.
  package static let flickr30k = CaptionDataset(
    DatasetInfo(
      id: "Flickr30k", aliases: ["flickr30"], title: "Flickr30k", task: .captions,
      metric: metric, classCount: nil,
      splits: [
        SplitInfo(name: "train", variants: [SplitVariant("karpathy", count: 29_000)]),
        SplitInfo(
          name: "val", aliases: ["validation"], variants: [SplitVariant("karpathy", count: 1014)]),
        SplitInfo(name: "test", variants: [SplitVariant("karpathy", count: 1000)]),
        SplitInfo(
          name: "all",
          variants: [
            SplitVariant("official", count: 31_783), SplitVariant("karpathy", count: 31_014),
          ]),
      ], defaultSplit: "test"),
    folders: ["flickr30k", "Flickr30k", "flickr30k-images", "flickr30k_images"],
    listNames: ["dataset_flickr30k.json"]
      + ["test", "val", "train"].map { "flickr30k_\($0)_karpathy.txt" } + [
        "results_20130124.token", "results.csv",
      ])

  /// Karpathy's test split has 5000 images of val2014 and 25,010 captions: a few images have six or seven.
  package static let coco = CaptionDataset(
    DatasetInfo(
      id: "COCOCaptions", aliases: ["coco", "mscoco", "coco-captions", "mscoco_captions"],
      title: "MSCOCO captions, 2014", task: .captions, metric: metric, classCount: nil,
      splits: [
        SplitInfo(name: "train", variants: [SplitVariant("karpathy", count: 82_783)]),
        SplitInfo(name: "restval", variants: [SplitVariant("karpathy", count: 30_504)]),
        SplitInfo(name: "train+restval", variants: [SplitVariant("karpathy", count: 113_287)]),
        SplitInfo(
          name: "val", aliases: ["validation"], variants: [SplitVariant("karpathy", count: 5000)]),
        SplitInfo(name: "test", variants: [SplitVariant("karpathy", count: 5000)]),
        SplitInfo(name: "all", variants: [SplitVariant("karpathy", count: 123_287)]),
        // The publishers' own, which no retrieval result is of.
        SplitInfo(name: "val2014", variants: [SplitVariant("official", count: 40_504)]),
        SplitInfo(name: "train2014", variants: [SplitVariant("official", count: 82_783)]),
      ], defaultSplit: "test"),
    folders: ["coco", "COCO", "mscoco", "MSCOCO", "coco2014"],
    listNames: ["dataset_coco.json"]
      + ["test", "val", "train"].map { "coco_\($0)_karpathy.json" } + [
        "captions_val2014.json", "captions_train2014.json",
      ])

  private static let listFolders = ["", "annotations", "karpathy", "caption_datasets"]
  private static let imageFolders = [
    "", "images", "Images", "flickr30k-images", "flickr30k_images",
    "flickr30k_images/flickr30k_images", "Flicker8k_Dataset", "Flickr8k_Dataset",
  ]

  /// - Parameter root: the data folder, the dataset's own folder, or a list file of it.
  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let split = try info.split(named: name)
    var without: [String] = []
    for (base, list) in try lists(root) {
      guard let listing = try listing(list, split: split.name) else {
        without.append("\(list.lastPathComponent) has no split \(split.name).")
        continue
      }
      let images = imageBase(of: listing, near: base)
      return try listing.draft(base: images).finish(info, split: split, sorted: false)
    }
    throw datasetNotFound(
      info, split: split.name, root: root,
      lookedFor: (listNames ?? ["dataset*.json", "captions.csv", "captions.txt", "*.token"])
        .map { "\(folders.first.map { "\($0)/" } ?? "")\($0)" }, found: without)
  }

  package func splits(root: URL) throws -> [String] {
    guard info.splits.isEmpty else { return info.splits.map(\.name) }
    guard let (_, list) = try lists(root).first else { return [info.defaultSplit] }
    switch Kind(list) {
    case .karpathy: return try KarpathyFile.read(list).splits
    case .table: return try CaptionTables.Table(list).splits
    case .token, .pipes: return ["all"]
    case .coco(let split), .lines(let split): return [split]
    }
  }

  private enum Kind {
    case karpathy
    case token
    case table
    /// Kaggle's `results.csv`.
    case pipes
    /// COCO's own form, of the split that the name says.
    case coco(split: String)
    /// CLIP_benchmark's `<dataset>_<split>_karpathy.txt`.
    case lines(split: String)

    var isPiped: Bool {
      if case .pipes = self { true } else { false }
    }

    init(_ url: URL) {
      let name = url.lastPathComponent.lowercased()
      if let match = name.wholeMatch(of: /captions_(.+)\.json|coco_(.+)_karpathy\.json/),
        let split = match.1 ?? match.2
      {
        self = .coco(split: String(split))
      } else if let match = name.wholeMatch(of: /.+_(.+)_karpathy\.txt/) {
        self = .lines(split: String(match.1))
      } else if name == "results.csv" {
        self = .pipes
      } else if name.hasSuffix(".json") {
        self = .karpathy
      } else {
        self = name.hasSuffix(".token") || name.hasSuffix(".token.txt") ? .token : .table
      }
    }
  }

  private func listing(_ list: URL, split: String) throws -> CaptionListing? {
    switch Kind(list) {
    case .karpathy: try KarpathyFile.read(list).listing(split: split, subject: list.path)
    case .table: try CaptionTables.Table(list).listing(split: split)
    // It is the whole dataset, and says nothing of splits.
    case .token: split == "all" ? try CaptionTables.tokenFile(list) : nil
    case .pipes: split == "all" ? try CaptionTables.pipedFile(list) : nil
    case .coco(let own):
      own == split ? try COCOCaptionsFile.read(list).listing(subject: list.path) : nil
    case .lines(let own): own == split ? try CaptionTables.karpathyLines(list) : nil
    }
  }

  /// Kaggle's file has a name that any table of results may have (a run's, too), but bars between its columns.
  private static func isOfCaptions(_ list: URL) -> Bool {
    guard Kind(list).isPiped else { return true }
    guard let file = try? FileHandle(forReadingFrom: list) else { return true }
    defer { try? file.close() }
    return (try? file.read(upToCount: 64))?.contains(UInt8(ascii: "|")) ?? true
  }

  /// The list files, best first, each with the folder it belongs to.
  private func lists(_ root: URL) throws -> [(base: URL, list: URL)] {
    if isFile(root) {
      guard listNames?.contains(root.lastPathComponent) ?? true, Self.isOfCaptions(root) else {
        return []
      }
      return [(root.deletingLastPathComponent(), root)]
    }
    var found: [(base: URL, list: URL)] = []
    for base in candidateFolders(root, folders) where isFolder(base) {
      for folder in Self.listFolders.map({ $0.isEmpty ? base : base.appending(path: $0) })
      where isFolder(folder) {
        for name in try listNames ?? Self.anyLists(in: folder) {
          let url = folder.appending(path: name)
          if isFile(url), Self.isOfCaptions(url) { found.append((base, url)) }
        }
      }
      // The data folder itself holds other datasets, whose tables may have any name.
      if !found.isEmpty { break }
    }
    return found
  }

  /// - Throws: `EvalError.malformedData` when several files could be meant.
  private static func anyLists(in folder: URL) throws -> [String] {
    let names = try listFolder(folder.path).entries.filter { $0.kind == .file }.map(\.name)
    let karpathy = names.filter { $0.hasPrefix("dataset") && $0.hasSuffix(".json") }
    let tokens = names.filter { $0.hasSuffix(".token") || $0.hasSuffix(".token.txt") }
    for several in [karpathy, tokens] where several.count > 1 {
      throw EvalError(
        .malformedData,
        "expected one list of captions, found \(several.joined(separator: " and "))",
        subject: folder.path, remedy: "Name the file itself as the path.")
    }
    return karpathy + ["captions.csv", "captions.txt"].filter(names.contains) + tokens
  }

  /// The folder below which the listed images lie: the first that has any of the first ones.
  private func imageBase(of listing: CaptionListing, near base: URL) -> URL {
    let candidates = (Self.imageFolders + folders).map {
      $0.isEmpty ? base : base.appending(path: $0)
    }
    let paths = listing.images.prefix(16).map(\.path)
    return candidates.first { folder in
      paths.contains { !$0.contains("\0") && isFile(URL(filePath: folder.path + "/" + $0)) }
    } ?? base
  }
}
