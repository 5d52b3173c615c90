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
    // Made once, for a class has a thousand samples; a multi-label sample has a text of its own.
    let owners = multiLabels == nil ? classes.map { Array("\0\($0.id)\0".utf8) } : []
    func end(_ index: Int) -> [UInt8] {
      let label = samples[index].label
      if owners.indices.contains(label) { return owners[label] + "\(value(index))\n".utf8 }
      let owner = classText(of: index, samples, classes: classes, multiLabels: multiLabels)
      return Array("\0\(owner)\0\(value(index))\n".utf8)
    }
    let order = SampleOrder.byID(samples) { end($0).lexicographicallyPrecedes(end($1)) }
    var hasher = SHA256()
    var lines: [UInt8] = []
    for position in samples.indices {
      let index = order?[position] ?? position
      samples[index].withIDBytes { lines.append(contentsOf: $0) }
      let label = samples[index].label
      if owners.indices.contains(label) {
        lines.append(contentsOf: owners[label])
        var text = value(index)
        text.withUTF8 { lines.append(contentsOf: $0) }
        lines.append(UInt8(ascii: "\n"))
      } else {
        lines.append(contentsOf: end(index))
      }
      if lines.count >= 1 << 16 || position == samples.count - 1 {
        lines.withUnsafeBytes { hasher.update($0) }
        lines.removeAll(keepingCapacity: true)
      }
    }
    return hasher.finalize()
  }
}

/// The order of `LC_ALL=C sort`: by UTF-8 bytes. Swift's own `<` compares canonical equivalents as equal.
func bytewise(_ a: String, _ b: String) -> Bool {
  a.utf8.lexicographicallyPrecedes(b.utf8)
}
