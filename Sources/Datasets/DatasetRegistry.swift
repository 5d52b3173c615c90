import Core

/// Every dataset the program knows by name.
package enum DatasetRegistry {
  /// Without the presets of their splits: what the adapters themselves know.
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

  /// Every dataset with the presets of its splits.
  /// - Throws: `EvalError.notFound` where the folder of presets is not found, `.malformedData` for a preset.
  package static func withPresets() throws -> [any DatasetAdapter] { try all.map(withPresets) }

  /// The adapter with this id or alias, whatever the case, and the presets of its splits.
  /// - Throws: `EvalError.usage` with near misses; what reading its presets throws.
  package static func adapter(named name: String) throws -> any DatasetAdapter {
    let wanted = name.lowercased()
    for adapter in all {
      if adapter.info.id.lowercased() == wanted || adapter.info.aliases.contains(wanted) {
        return try withPresets(adapter)
      }
    }
    throw EvalError(
      .usage, "no dataset `\(name)`", subject: nil,
      remedy: NearMiss.hint(for: name, among: names)
        ?? "Known are \(all.map(\.info.id).joined(separator: ", ")).")
  }

  /// Ids and aliases.
  package static var names: [String] { all.flatMap { [$0.info.id] + $0.info.aliases } }

  private static func withPresets(_ adapter: any DatasetAdapter) throws -> any DatasetAdapter {
    let library = try SplitLibrary.installed()
    let id = adapter.info.id
    let presets = try library.presets(of: id)
    return presets.isEmpty
      ? adapter
      : try PresetSplits(adapter, presets: presets, listFolder: library.folder(of: id))
  }
}
