package import Core
package import Datasets
package import EmbeddingStore
package import Imaging
import LinearAlgebra

/// A split whose features were made elsewhere, beside what is known of its samples: what a task evaluates when
/// a run names an embeddings folder in place of a model.
package struct ImportedDataset: Sendable {
  package let embedded: EmbeddedDataset
  package let classes: [DatasetClass]
  /// The dataset's layout on disk, or `featuresOnly`.
  package let layout: String
  package let variant: String?
  package let expectedCount: Int?
  package let isPartial: Bool
  /// What the dataset's protocol changes in a model's preprocessing; nil where the dataset is not at hand.
  package let adjustment: ImageAdjustment?
  /// Of the samples in `embedded.rows`.
  package let structure: SampleStructure
  package let frameSets: FrameSets?
  package let clips: SampleGroups?
  /// Of the split.
  package let clipCount: Int
  package let candidates: CandidateLists?
  /// Over the ordered `id\0class id\n` lines; nil where the samples have no ids.
  package let splitHash: SHA256Digest?
  /// What a reader of the result should know.
  package let notes: [String]
  /// Of each sample by its place in the evaluated split; nil where the dataset is not at hand.
  package let image: (@Sendable (Int) -> ImageSource)?

  /// The layout of a split whose samples are known from the feature file alone.
  package static let featuresOnly = "features-only"
}

extension ImportedDataset {
  /// Joins features to the dataset on disk, which says what the classes are and checks every label.
  ///
  /// - Parameters:
  ///   - index: the whole split.
  ///   - limit: evaluate this many samples at most, evenly spaced over the split.
  /// - Throws: as `FeatureAlignment`; `EvalError.taskFailed` when no evaluated sample has a feature.
  package init(_ table: FeatureTable, index: DatasetIndex, limit: Int?) throws {
    let alignment = try FeatureAlignment(table, index: index)
    let evaluated = limit.map { index.limited(to: $0) } ?? index
    let positions = index.positions(limitedTo: limit ?? index.samples.count)
    var rows: [Int] = []
    var samples: [Int] = []
    var failures: [EmbeddedDataset.Failure] = []
    for (sample, position) in positions.enumerated() {
      if let row = alignment.rowOfSample[position] {
        rows.append(row)
        samples.append(sample)
      } else {
        failures.append(
          .init(
            id: index.samples[position].id,
            reason: "no row in \(table.parts.first?.file.path ?? "the features")"))
      }
    }
    embedded = EmbeddedDataset(
      features: table.rows(rows), rows: samples,
      labels: samples.map { evaluated.samples[$0].label },
      multiLabels: evaluated.multiLabels?.rows(samples),
      ids: samples.map { evaluated.samples[$0].id }, failures: failures)
    classes = index.classes
    layout = index.layout
    variant = evaluated.variant
    expectedCount = evaluated.expectedCount
    isPartial = evaluated.isPartial
    adjustment = index.adjustment
    structure = evaluated.structure.rows(samples)
    frameSets = evaluated.frameSets?.rows(samples)
    clips = evaluated.clips?.rows(samples)
    clipCount = evaluated.unitCount
    candidates = evaluated.candidates?.rows(samples)
    splitHash = evaluated.splitHash
    notes = index.notes + alignment.notes
    image = { evaluated.samples[$0].source }
  }

  /// The split as the file alone tells it: its labels are taken as they are.
  ///
  /// - Parameter classes: by label number.
  /// - Throws: `EvalError.notFound` for a multi-label dataset, whose labels feature files do not hold; `.malformedData` without labels, for a label that is no class, or for another number of classes than
  ///   the dataset has.
  package init(
    _ table: FeatureTable, info: DatasetInfo, split: SplitInfo, classes: [DatasetClass], limit: Int?
  ) throws(EvalError) {
    guard info.task != .multiLabel else {
      throw EvalError(
        .notFound,
        "which classes each image shows is in the dataset, which is not at hand",
        subject: info.id, remedy: "Name the data folder with --data-root.")
    }
    guard let labels = table.labels else {
      throw EvalError(
        .malformedData,
        "holds no labels, and the dataset is not at hand to take them from",
        subject: table.parts.first?.file.path,
        remedy: "Put labels.npy beside the features, or name the data folder with --data-root.")
    }
    if let expected = info.classCount, expected != classes.count {
      throw EvalError(
        .malformedData, "\(info.id) has \(expected) classes, found the names of \(classes.count)",
        subject: table.parts.first?.file.path)
    }
    if let row = labels.firstIndex(where: { $0 >= classes.count }) {
      throw EvalError(
        .malformedData,
        "expected a label from 0 to \(classes.count - 1), one of \(classes.count) classes; found \(labels[row])",
        subject: table.place(ofRow: row))
    }
    let count = min(limit ?? table.count, table.count)
    let rows = (0..<count).map { $0 * table.count / max(count, 1) }
    let ids = table.ids ?? (0..<table.count).map { "row \($0)" }
    embedded = EmbeddedDataset(
      features: count == table.count ? table.features : table.rows(rows), rows: rows,
      labels: rows.map { labels[$0] }, ids: rows.map { ids[$0] }, failures: [])
    self.classes = classes
    layout = Self.featuresOnly
    var counts = [Int](repeating: 0, count: classes.count)
    for row in rows { counts[labels[row]] += 1 }
    let known = split.variants.first { $0.matches(counts: counts) }
    variant = known?.name
    expectedCount = known?.count ?? split.expectedCount ?? (count < table.count ? table.count : nil)
    isPartial = expectedCount != nil && known == nil
    // Nobody knows: the notes say so.
    (adjustment, structure, frameSets) = (nil, .independent, nil)
    (clips, clipCount, candidates) = (nil, 0, nil)
    splitHash = DatasetIndex.splitHash(
      rows.map { DatasetIndex.HashedSample(id: ids[$0], classID: classes[labels[$0]].id) },
      withoutSamples: counts.indices.filter { counts[$0] == 0 }.map { classes[$0].id })
    image = nil
    notes = [
      "the dataset is not at hand: the labels are those of the feature file, unchecked, and every sample is taken for an independent draw"
    ]
  }
}

extension FeatureTable {
  /// Some of the rows, in the given order.
  func rows(_ wanted: [Int]) -> Matrix {
    if wanted.elementsEqual(0..<count) { return features }
    var storage: [Float] = []
    storage.reserveCapacity(wanted.count * width)
    for row in wanted { storage.append(contentsOf: features.row(row)) }
    return Matrix(rows: wanted.count, columns: width, storage: storage)
  }
}

extension DatasetIndex {
  /// Over the ordered `id\0class id\n` lines of the split; then over what else decides which images are right: `\0class id\n` of
  /// every class that has no sample and may be chosen all the same, and the candidates, fold, clip and set of frames of samples
  /// that have them.
  package var splitHash: SHA256Digest {
    var shown = [Bool](repeating: false, count: classes.count)
    for sample in samples.indices {
      if let multiLabels {
        for (owner, label) in multiLabels.row(sample).enumerated() where label != .negative {
          shown[owner] = true
        }
      } else {
        shown[samples[sample].label] = true
      }
    }
    return Self.splitHash(
      samples.indices.map {
        HashedSample(id: samples[$0].id, classID: classText(of: $0), rest: arrangement(of: $0))
      }, withoutSamples: shown.indices.filter { !shown[$0] }.map { classes[$0].id })
  }

  struct HashedSample {
    var id: String
    var classID: String
    var rest = ""
  }

  static func splitHash(
    _ samples: [HashedSample], withoutSamples classIDs: [String]
  ) -> SHA256Digest {
    var hasher = SHA256()
    for sample in samples { hasher.update("\(sample.id)\0\(sample.classID)\n") }
    for id in classIDs { hasher.update("\0\(id)\n") }
    for sample in samples where !sample.rest.isEmpty { hasher.update("\(sample.rest)\n") }
    return hasher.finalize()
  }

  /// What a sample is scored with or among, besides its class.
  private func arrangement(of sample: Int) -> String {
    var parts: [String] = []
    if let candidates {
      parts.append(
        "among " + candidates.row(sample).map { classes[Int($0)].id }.joined(separator: "\0"))
    }
    if let folds { parts.append("fold \(folds.numbers[sample])") }
    if let clips { parts.append("clip \(clips.numbers[sample])") }
    if let frameSets {
      parts.append("set \(frameSets.numbers[sample])\(frameSets.isAnchor[sample] ? " anchor" : "")")
    }
    return parts.joined(separator: "\0")
  }
}
