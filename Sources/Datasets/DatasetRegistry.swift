import Core

/// Every dataset the program knows by name.
package enum DatasetRegistry {
  package static let all: [any DatasetAdapter] = known.map { WithContainers($0) } + generic

  private static let known: [any DatasetAdapter] =
    [CIFAR.ten, CIFAR.hundred, OxfordPets(), Caltech101(), MNIST(), EuroSAT(), ImageNet()]
    + imageFolderDatasets + recordDatasets + videoDatasets + robustnessDatasets
    + PACS.adapters + [VOC.voc2007, CaptionDataset.flickr30k, CaptionDataset.coco] + pairDatasets

  /// Layouts of data of one's own.
  private static let generic: [any DatasetAdapter] = [
    ImageFolder(), FileList(), WebDatasetFolder(), ParquetFolder(), ElevaterFolder(),
    WithContainers(VOC()), IDXFolder(), WithContainers(CaptionDataset()),
  ]

  /// The adapter with this id or alias, whatever the case.
  /// - Throws: `EvalError.usage` with near misses.
  package static func adapter(named name: String) throws -> any DatasetAdapter {
    let wanted = name.lowercased()
    for adapter in all {
      if adapter.info.id.lowercased() == wanted || adapter.info.aliases.contains(wanted) {
        return adapter
      }
    }
    let known = all.flatMap { [$0.info.id] + $0.info.aliases }
    throw EvalError(
      .usage, "no dataset `\(name)`", subject: nil,
      remedy: NearMiss.hint(for: name, among: known)
        ?? "Known are \(all.map(\.info.id).joined(separator: ", ")).")
  }
}
