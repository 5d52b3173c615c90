import Core
package import Foundation

extension DatasetIndex {
  /// Images named one by one, or all images below a folder: no classes, one label for all.
  ///
  /// - Throws: `EvalError.notFound` for a path that does not exist, or a folder without images.
  package init(imagesAt urls: [URL]) throws {
    var samples: [DatasetSample] = []
    var ignored: [String] = []
    for url in urls {
      if isFolder(url) {
        var tree = ImageTree(base: url)
        try tree.scan("")
        guard tree.count > 0 else {
          throw EvalError(.notFound, "no image in this folder", subject: url.path)
        }
        let prefix = urls.count > 1 ? url.lastPathComponent + "/" : ""
        var found = tree.samples(label: 0)
        if let order = SampleOrder.byID(found) { found = order.map { found[$0] } }
        if !prefix.isEmpty { for i in found.indices { found[i].id = prefix + found[i].id } }
        samples += found
        ignored += tree.ignored.map { prefix + $0 }
      } else if isFile(url) {
        let size = try? url.resourceValues(forKeys: [.fileSizeKey]).fileSize
        samples.append(
          DatasetSample(id: url.path, label: 0, source: .file(url), byteCount: size))
      } else {
        throw EvalError(.notFound, "no such file or folder", subject: url.path)
      }
    }
    let classes = [DatasetClass(id: "", name: "")]
    self.init(
      dataset: "files", layout: "files", split: "all", classes: classes, samples: samples,
      variant: nil, expectedCount: nil, ignoredFiles: ignored, notes: [],
      fingerprint: Self.indexFingerprint(samples, classes: classes))
  }
}
