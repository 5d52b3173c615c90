package import Core

extension DatasetIndex {
  /// SHA-256 over the sorted lines `id\0class id\0sha256(bytes)\n`; for the class of a multi-label sample see `classText(of:)`.
  ///
  /// - Parameter hashes: one for each sample in order, of the encoded image or of the raw record; nil for a
  ///   sample that could not be read, whose hash is then the empty text.
  package func contentFingerprint(ofSampleHashes hashes: [SHA256Digest?]) -> SHA256Digest {
    precondition(hashes.count == samples.count, "one hash for each sample")
    return Self.fingerprint(samples, classes: classes, multiLabels) { hashes[$0]?.hex ?? "" }
  }

  /// SHA-256 over the sorted lines `id\0class id\0size\n`; the size is empty for a missing file.
  static func indexFingerprint(
    _ samples: [DatasetSample], classes: [DatasetClass], multiLabels: LabelMatrix? = nil
  ) -> SHA256Digest {
    fingerprint(samples, classes: classes, multiLabels) { index in
      samples[index].byteCount.map { String($0) } ?? ""
    }
  }

  private static func fingerprint(
    _ samples: [DatasetSample], classes: [DatasetClass], _ multiLabels: LabelMatrix?,
    _ value: (Int) -> String
  ) -> SHA256Digest {
    var lines: [String] = []
    lines.reserveCapacity(samples.count)
    for (index, sample) in samples.enumerated() {
      let owner = classText(of: index, samples, classes: classes, multiLabels: multiLabels)
      lines.append("\(sample.id)\0\(owner)\0\(value(index))\n")
    }
    lines.sort(by: bytewise)
    var hasher = SHA256()
    for line in lines { hasher.update(line) }
    return hasher.finalize()
  }
}

/// The order of `LC_ALL=C sort`: by UTF-8 bytes. Swift's own `<` compares canonical equivalents as equal.
func bytewise(_ a: String, _ b: String) -> Bool {
  a.utf8.lexicographicallyPrecedes(b.utf8)
}
