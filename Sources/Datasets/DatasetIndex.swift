package import Core

/// A class of a dataset. Joined to prompts by `id`, never by position.
package struct DatasetClass: Sendable, Hashable, Codable {
  /// Canonical id: wnid for ImageNet, folder or file label elsewhere.
  package var id: String
  /// What the dataset itself calls it; two classes may share a name.
  package var name: String

  package init(id: String, name: String) {
    self.id = id
    self.name = name
  }
}

/// What a split of a dataset on disk holds: classes, samples in a fixed order, and how that compares with
/// what is known of the dataset. Pixels are read later, sample by sample.
package struct DatasetIndex: Sendable {
  /// Column name of the paper's tables where there is one (`CIFAR10`), else named likewise (`PACS-sketch`).
  package var dataset: String
  /// Name of the on-disk layout that was recognised (`cifar-10-batches-bin`, `image-folder`, …).
  package var layout: String
  package var split: String
  package var classes: [DatasetClass]
  /// In bytewise order of id, or the file's own record order.
  package var samples: [DatasetSample]
  /// The known variant of the split whose counts match, if one does.
  package var variant: String?
  /// Sample count of the expected variant; nil where none is known.
  package var expectedCount: Int?
  /// Files below the root that are not samples (`.DS_Store`, a README in a class folder), for the record.
  package var ignoredFiles: [String]
  /// What a reader of the result should know about this copy (an absent batch file, a doubtful label order).
  package var notes: [String]
  /// Hash over sorted `id\0class id\0size` lines: instant, finds cached embeddings.
  package var fingerprint: SHA256Digest
  /// Of a multi-label dataset, a row for each sample, which then has no `label`; nil for other datasets.
  package var multiLabels: LabelMatrix?
  /// What the images of a captions dataset have instead of classes; nil for other datasets. Such a dataset has one class without
  /// a name.
  package var captions: CaptionSet?
  /// What is asked about the images of a composition dataset; nil for other datasets. Such a dataset has one class without a name.
  package var composition: CompositionItems?
  /// Which samples are no independent draws; nil where all are.
  package var groups: SampleGroups?
  /// Which of several predefined test splits each sample belongs to; the metric is the mean over them. Nil for one split.
  package var folds: SampleGroups?
  /// Of frames of videos that are right or wrong in sets; nil for other images.
  package var frameSets: FrameSets?
  /// Which samples are frames of one clip, whose scores are averaged; nil where every sample is scored alone.
  package var clips: SampleGroups?
  /// Of each sample the classes to choose from; nil where all samples share all classes.
  package var candidates: CandidateLists?
  /// What is done to the images before the model's own preprocessing.
  package var adjustment = ImageAdjustment.none

  /// The counts match no known variant. Of a composition dataset what counts are questions.
  package var isPartial: Bool {
    composition.map { $0.expectedCount != $0.items.count }
      ?? (expectedCount != nil && variant == nil)
  }

  package var structure: SampleStructure { SampleStructure(groups: groups, folds: folds) }

  /// Every sample has one class.
  package var hasClassLabels: Bool {
    multiLabels == nil && captions == nil && composition == nil
  }

  package init(
    dataset: String, layout: String, split: String, classes: [DatasetClass],
    samples: [DatasetSample], variant: String?, expectedCount: Int?, ignoredFiles: [String],
    notes: [String] = [], fingerprint: SHA256Digest, multiLabels: LabelMatrix? = nil,
    captions: CaptionSet? = nil
  ) {
    self.dataset = dataset
    self.layout = layout
    self.split = split
    self.classes = classes
    self.samples = samples
    self.variant = variant
    self.expectedCount = expectedCount
    self.ignoredFiles = ignoredFiles
    self.notes = notes
    self.fingerprint = fingerprint
    self.multiLabels = multiLabels
    self.captions = captions
  }
}
