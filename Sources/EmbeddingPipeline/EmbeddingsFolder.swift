import Core
import Datasets
package import EmbeddingStore
package import Foundation
import TensorFiles

/// A folder of features made elsewhere, named in place of a model (Documentation/Embeddings.md).
///
/// ```
/// FOLDER/embeddings.yaml                       optional: what made the features, other file names
///        CIFAR10/test.safetensors              features, labels, ids: what `embed images` writes
///        CIFAR10/test.npy (or .npz), test.labels.npy, test.ids.txt
///        CIFAR10/test/features.npy, labels.npy, ids.txt
///        CIFAR10/test/img_emb/img_emb_0.npy, …   clip-retrieval's layout
///        CIFAR10/prompts.safetensors           text features by prompt, or
///        CIFAR10/classes.safetensors           one row a class
/// ```
package struct EmbeddingsFolder: Sendable {
  /// A dataset's folder as it lies there.
  package struct Dataset: Sendable {
    package var name: String
    /// By split name as written.
    package var splits: [(name: String, source: FeatureSource)]
    package var prompts: FeatureSource?
    package var classes: FeatureSource?

    var isEmpty: Bool { splits.isEmpty && prompts == nil && classes == nil }
  }

  package let url: URL
  let manifest: EmbeddingsManifest
  /// By name, bytewise.
  package let datasets: [Dataset]
  /// Prompts that serve every dataset without its own.
  package let prompts: FeatureSource?

  /// What the folder is called in results: as the manifest says, else by its own name.
  package var name: String {
    manifest.provenance.model ?? url.standardizedFileURL.lastPathComponent
  }

  /// Whether a path names an embeddings folder: one with a manifest, or with features in a subfolder, that is
  /// neither a checkpoint nor a run. The one place that decides. Headers are looked at, so that other arrays are not taken
  /// for features, unless folder and file have the names of a dataset and its split.
  package static func recognises(_ url: URL) -> Bool {
    guard isFolder(url) else { return false }
    func holds(_ name: String) -> Bool { isFile(url.appending(path: name)) }
    if holds("config.json") || holds("run.json") || holds("model.safetensors") { return false }
    if EmbeddingsManifest.names.contains(where: holds) { return true }
    return ((try? subfolders(of: url)) ?? []).contains { name in
      let folder = url.appending(path: name)
      return (try? dataset(in: folder, taking: looksLikeFeatures))?.isEmpty == false
        || holdsSplitOfKnownDataset(folder)
    }
  }

  /// - Throws: `EvalError.malformedData` from the manifest, or for two sources of one split.
  package init(_ url: URL) throws {
    self.url = url
    let manifests = EmbeddingsManifest.names.map { url.appending(path: $0) }.filter(isFile)
    guard manifests.count < 2 else {
      throw EvalError(
        .malformedData,
        "expected one manifest, found \(manifests.map(\.lastPathComponent).joined(separator: " and "))",
        subject: url.path)
    }
    manifest = try manifests.first.map { try EmbeddingsManifest(contentsOf: $0) } ?? .init()
    let labels = manifest.labelFiles
    func mayBeFeatures(_ url: URL) -> Bool {
      Self.isNamedAsFeatures(url) && !labels.contains(url.standardizedFileURL.path)
    }
    var found: [String: Dataset] = [:]
    for name in try Self.subfolders(of: url) {
      let dataset = try Self.dataset(in: url.appending(path: name), taking: mayBeFeatures)
      if !dataset.isEmpty { found[name] = dataset }
    }
    for (name, entry) in manifest.datasets {
      var dataset = found[name] ?? Dataset(name: name, splits: [])
      for (split, source) in entry.splits {
        dataset.splits.removeAll { $0.name == split }
        dataset.splits.append((split, source))
      }
      dataset.splits.sort { $0.name < $1.name }
      dataset.prompts = entry.prompts ?? dataset.prompts
      dataset.classes = entry.classes ?? dataset.classes
      found[name] = dataset
    }
    datasets = found.values.sorted { $0.name < $1.name }
    prompts = try Self.texts("prompts", in: url, taking: Self.isNamedAsFeatures)
    guard !datasets.isEmpty else {
      throw EvalError(
        .notFound,
        "holds no features: expected DATASET/SPLIT.safetensors, .npz, .npy or a folder of that name",
        subject: url.path)
    }
  }

  private static func subfolders(of url: URL) throws -> [String] {
    try listing(url).filter { !$0.hasPrefix(".") && isFolder(url.appending(path: $0)) }
  }

  private static func listing(_ url: URL) throws -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
    } catch {
      throw EvalError(.notFound, "expected a folder that can be listed", subject: url.path)
    }
  }

  /// The features in one dataset's folder, of the files that `isTaken` says may be some.
  private static func dataset(
    in folder: URL, taking isTaken: (URL) -> Bool
  ) throws -> Dataset {
    var dataset = Dataset(name: folder.lastPathComponent, splits: [])
    guard !isFile(folder.appending(path: "config.json")) else { return dataset }
    dataset.prompts = try texts("prompts", in: folder, taking: isTaken)
    dataset.classes = try texts("classes", in: folder, taking: isTaken)
    var sources: [String: FeatureSource] = [:]
    for name in try listing(folder) where !name.hasPrefix(".") {
      let url = folder.appending(path: name)
      guard isTaken(url), let source = try FeatureSource(at: url) else { continue }
      let split = isFolder(url) ? name : url.deletingPathExtension().lastPathComponent
      guard split != "prompts", split != "classes" else { continue }
      if let other = sources.updateValue(source, forKey: split) {
        throw EvalError(
          .malformedData,
          "expected one source for the split \(split), found \(other.url.lastPathComponent) and \(name)",
          subject: folder.path, remedy: "Remove one.")
      }
    }
    dataset.splits = sources.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    return dataset
  }

  private static func texts(
    _ name: String, in folder: URL, taking isTaken: (URL) -> Bool
  ) throws -> FeatureSource? {
    for ending in fileTypes {
      let url = folder.appending(path: "\(name).\(ending)")
      guard isTaken(url), var source = try FeatureSource(at: url) else { continue }
      // A classifier's rows are named by the ids of its classes.
      if name == "classes", source.ids == nil { source.ids = source.classes }
      return source
    }
    let url = folder.appending(path: name)
    return isFolder(url) ? try FeatureSource(at: url) : nil
  }

  private static let fileTypes = ["safetensors", "npz", "npy"]

  /// Every array but the companions of one. A file that is unsuitable says so when it is read; passed over here, it would
  /// seem not to be there.
  private static func isNamedAsFeatures(_ url: URL) -> Bool {
    guard fileTypes.contains(url.pathExtension.lowercased()) else { return isFolder(url) }
    let stem = url.deletingPathExtension().lastPathComponent
    return !["labels", "ids"].contains { stem == $0 || stem.hasSuffix(".\($0)") }
  }

  private static func holdsSplitOfKnownDataset(_ folder: URL) -> Bool {
    guard let info = try? DatasetRegistry.adapter(named: folder.lastPathComponent).info else {
      return false
    }
    return info.splits.flatMap { [$0.name] + $0.aliases }.contains { split in
      fileTypes.contains { isFile(folder.appending(path: "\(split).\($0)")) }
    }
  }

  private static func looksLikeFeatures(_ url: URL) -> Bool {
    switch url.pathExtension.lowercased() {
    case "safetensors": (try? SafetensorsFile(url))?.tensors["features"] != nil
    case "npy":
      (try? NPYFile.map(url)).map {
        $0.array.shape.count == 2 && $0.array.type.isFloatingPoint
      } ?? false
    default: isFolder(url)
    }
  }
}
