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
        guard !tree.files.isEmpty else {
          throw EvalError(.notFound, "no image in this folder", subject: url.path)
        }
        let prefix = urls.count > 1 ? url.lastPathComponent + "/" : ""
        samples += tree.files.sorted { bytewise($0.path, $1.path) }.map { file in
          var sample = tree.sample(file, label: 0)
          sample.id = prefix + file.path
          return sample
        }
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
