import Core
import Foundation

/// What an adapter found, before it is put in order and compared with the known variants.
struct IndexDraft {
  var layout: String
  var classes: [DatasetClass]
  var samples: [DatasetSample] = []
  /// Of a captions dataset, whose samples keep their order.
  var captions: CaptionSet?
  var ignored: [String] = []
  var notes: [String] = []
  /// False when a reader knows that the bytes are not those of the variant its counts match.
  var mayMatchVariant = true

  /// - Parameter sorted: bytewise by id; false keeps the file's own record order.
  func finish(_ info: DatasetInfo, split: SplitInfo, sorted: Bool) throws -> DatasetIndex {
    var samples = self.samples
    if sorted { samples.sort { bytewise($0.id, $1.id) } }
    var index = DatasetIndex(
      dataset: info.id, layout: layout, split: split.name, classes: classes, samples: samples,
      variant: nil, expectedCount: split.expectedCount, ignoredFiles: ignored.sorted(by: bytewise),
      notes: notes, fingerprint: DatasetIndex.indexFingerprint(samples, classes: classes),
      captions: captions)
    let counts = index.perClassCounts
    if mayMatchVariant, let variant = split.variants.first(where: { $0.matches(counts: counts) }) {
      index.variant = variant.name
      index.expectedCount = variant.count
      index.captions?.expectedCount = captions?.captions.count
    }
    return index
  }
}
