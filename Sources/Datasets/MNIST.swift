import Core
package import Foundation

/// MNIST (LeCun, Cortes, Burges 1998): IDX files, gzipped or not.
package struct MNIST: DatasetAdapter {
  package init() {}

  package let info = DatasetInfo(
    id: "MNIST", aliases: ["vtab/mnist"], title: "MNIST", metric: "accuracy", classCount: 10,
    splits: [
      SplitInfo(name: "train", variants: [SplitVariant("official", count: 60_000)]),
      SplitInfo(
        name: "test", aliases: ["t10k"], variants: [SplitVariant("official", count: 10_000)]),
    ], defaultSplit: "test")

  /// SHA-256 of the unpacked files. Fashion-MNIST, KMNIST and others use the same names and sizes; and packing
  /// them again changes the published hashes of the `.gz`.
  private static let knownFiles: [String: (images: String, labels: String)] = [
    "train": (
      "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
      "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
    ),
    "test": (
      "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
      "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
    ),
  ]

  /// Twice what the largest official file unpacks to.
  private static let sizeLimit = 100_000_000

  package var canonicalClasses: [DatasetClass]? {
    (0..<10).map { DatasetClass(id: String($0), name: String($0)) }
  }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let split = try info.split(named: name)
    let part: IDXPair.Split = split.name == "train" ? .train : .test
    let folders = ["mnist/MNIST/raw", "MNIST/raw", "raw", "mnist", "MNIST"]
    for folder in candidateFolders(root, folders) {
      if let pair = try IDXPair(part, in: folder) { return try read(pair, split: split) }
    }
    throw datasetNotFound(
      info, split: split.name, root: root,
      lookedFor: (folders + ["."]).map { "\($0)/\(part.imageNames[0])[.gz]" })
  }

  private func read(_ pair: IDXPair, split: SplitInfo) throws -> DatasetIndex {
    let records = try pair.read(sizeLimit: Self.sizeLimit)
    let count = records.samples.count
    var draft = IndexDraft(
      layout: pair.isCompressed ? "mnist-idx-gz" : "mnist-idx",
      classes: (0..<10).map { DatasetClass(id: String($0), name: String($0)) },
      samples: records.samples)
    if let known = Self.knownFiles[split.name],
      split.variants.contains(where: { $0.count == count })
    {
      guard SHA256.hash(records.imageBytes).hex == known.images,
        SHA256.hash(records.labelBytes).hex == known.labels
      else {
        throw EvalError(
          .malformedData, "these are not MNIST's \(count) images and labels (SHA-256 differs)",
          subject: pair.images.path,
          remedy:
            "Fashion-MNIST, KMNIST and others use the same file names; a suite reads them with `layout: idx`."
        )
      }
    } else {
      draft.notes.append(
        "\(counted(count, "record")): too few or many to tell MNIST from data sets with the same file names"
      )
    }
    if let record = records.samples.firstIndex(where: { $0.label > 9 }) {
      throw EvalError(
        .malformedData, "expected a digit 0…9, found label \(records.samples[record].label)",
        subject: "\(pair.labels.path), byte \(8 + record) (unpacked)")
    }
    return try draft.finish(info, split: split, sorted: false)
  }
}
