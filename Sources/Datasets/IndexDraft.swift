import Core
import Foundation

/// What an adapter found, before it is put in order and compared with the known variants.
struct IndexDraft {
  var layout: String
  var classes: [DatasetClass]
  var samples: [DatasetSample] = []
  /// Of a multi-label dataset, a row for each sample.
  var multiLabels: LabelMatrix?
  /// Of a captions dataset, whose samples keep their order.
  var captions: CaptionSet?
  /// Of a composition dataset, whose samples keep their order.
  var composition: CompositionItems?
  /// Which samples are no independent draws, in their order.
  var groups: SampleGroups?
  var folds: SampleGroups?
  /// Of each sample, in their order.
  var candidates: CandidateLists?
  var frameSets: FrameSets?
  var clips: SampleGroups?
  var adjustment = ImageAdjustment.none
  var ignored: [String] = []
  var notes: [String] = []
  /// False when a reader knows that the bytes are not those of the variant its counts match.
  var mayMatchVariant = true

  /// - Parameter sorted: bytewise by id; false keeps the file's own record order.
  /// - Throws: `EvalError.malformedData` where there is no sample: of nothing there is no score.
  func finish(_ info: DatasetInfo, split: SplitInfo, sorted: Bool) throws -> DatasetIndex {
    guard !samples.isEmpty else {
      throw EvalError(
        .malformedData,
        "the layout \(layout) is there, but no sample of the split \(split.name) in it",
        subject: info.id,
        remedy:
          "Its lists or records are empty, or its class folders hold no images: copy or unpack it again."
      )
    }
    var samples = self.samples
    var multiLabels = self.multiLabels
    var groups = self.groups
    var folds = self.folds
    var candidates = self.candidates
    var frameSets = self.frameSets
    var clips = self.clips
    if sorted, let order = SampleOrder.byID(samples) {
      samples = order.map { samples[$0] }
      multiLabels = multiLabels?.rows(order)
      groups = groups?.rows(order)
      folds = folds?.rows(order)
      candidates = candidates?.rows(order)
      frameSets = frameSets?.rows(order)
      clips = clips?.rows(order)
    }
    var index = DatasetIndex(
      dataset: info.id, layout: layout, split: split.name, classes: classes, samples: samples,
      variant: nil, expectedCount: split.expectedCount, ignoredFiles: ignored.sorted(by: bytewise),
      notes: notes,
      fingerprint: DatasetIndex.indexFingerprint(
        samples, classes: classes, multiLabels: multiLabels),
      multiLabels: multiLabels, captions: captions)
    index.composition = composition
    index.groups = groups
    index.folds = folds
    index.candidates = candidates
    index.frameSets = frameSets
    index.clips = clips
    index.adjustment = adjustment
    let counts = index.perClassCounts
    if mayMatchVariant,
      let variant = split.variants.first(where: {
        $0.matches(counts: counts, total: index.unitCount)
      })
    {
      index.variant = variant.name
      index.expectedCount = variant.count
      index.captions?.expectedCount = captions?.captions.count
    }
    return index
  }
}
