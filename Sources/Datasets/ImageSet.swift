import Core
package import Foundation

extension DatasetIndex {
  /// All images below a folder, in files of their own and in tar shards, or those of one shard: no classes, one label for all.
  ///
  /// Ids are paths below the folder; of an image in a shard `shard.tar#member`. Shards follow the files, ordered by the numbers in their names.
  /// - Throws: `EvalError.notFound` for a path that does not exist or has no image, `.malformedData` for a damaged shard or two images with
  ///   one id.
  package init(imagesAndShardsAt url: URL) throws {
    var samples: [DatasetSample] = []
    var ignored: [String] = []
    var shards: [String] = []
    let base: URL
    if isFolder(url) {
      base = url
      var tree = ImageTree(base: url)
      try tree.scan("")
      samples = tree.samples(label: 0)
      if let order = SampleOrder.byID(samples) { samples = order.map { samples[$0] } }
      for path in tree.ignored {
        if ImageFiles.isNamed(path, "tar") { shards.append(path) } else { ignored.append(path) }
      }
      shards = shards.map { (key: WebDataset.naturalKey($0), name: $0) }.sorted { a, b in
        a.key == b.key ? bytewise(a.name, b.name) : a.key.lexicographicallyPrecedes(b.key, by: <)
      }.map(\.name)
    } else if isFile(url) {
      base = url.deletingLastPathComponent()
      guard ImageFiles.isNamed(url.lastPathComponent, "tar") else {
        throw EvalError(
          .notFound, "expected a folder of images or of tar shards, or a .tar file",
          subject: url.path)
      }
      shards = [url.lastPathComponent]
    } else {
      throw EvalError(.notFound, "no such file or folder", subject: url.path)
    }
    let classes = [DatasetClass(id: "", name: "")]
    var draft = IndexDraft(layout: "images", classes: classes)
    for shard in shards {
      let before = draft.samples.count
      try WebDataset.readImages(
        base.appending(path: shard), name: shard, label: 0, into: &draft)
      var seen: Set<String> = []
      for sample in draft.samples[before...] where !seen.insert(sample.id).inserted {
        throw EvalError(
          .malformedData, "two images have the name `\(sample.id)`",
          subject: base.appending(path: shard).path)
      }
    }
    samples += draft.samples
    // What lies beside the images of a shard, their captions, is no fault.
    guard !samples.isEmpty else {
      throw EvalError(
        .notFound, "no image in it, nor in tar shards below it", subject: url.path)
    }
    self.init(
      dataset: "images", layout: shards.isEmpty ? "files" : "tar shards", split: "all",
      classes: classes, samples: samples, variant: nil, expectedCount: nil,
      ignoredFiles: ignored, notes: [],
      fingerprint: Self.indexFingerprint(samples, classes: classes))
  }
}

extension DatasetIndex {
  /// Images that are at hand already.
  package init(images samples: [DatasetSample]) {
    let classes = [DatasetClass(id: "", name: "")]
    self.init(
      dataset: "images", layout: "files", split: "all", classes: classes, samples: samples,
      variant: nil, expectedCount: nil, ignoredFiles: [],
      fingerprint: Self.indexFingerprint(samples, classes: classes))
  }
}
