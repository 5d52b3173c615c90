import Core

extension DatasetIndex {
  /// Some of the samples with everything that belongs to them; neither a variant nor a count is claimed for them.
  /// - Parameter wanted: positions, rising.
  package func subset(_ wanted: [Int]) -> DatasetIndex {
    var index = self
    index.samples = wanted.map { samples[$0] }
    index.multiLabels = multiLabels?.rows(wanted)
    index.captions = captions?.restricted(to: wanted)
    index.groups = groups?.rows(wanted)
    index.folds = folds?.rows(wanted)
    index.frameSets = frameSets?.restricted(to: wanted)
    index.clips = clips?.rows(wanted)
    index.candidates = candidates?.rows(wanted)
    index.composition = composition?.restricted(to: wanted)
    index.variant = nil
    index.expectedCount = nil
    index.fingerprint = Self.indexFingerprint(
      index.samples, classes: classes, multiLabels: index.multiLabels)
    return index
  }

  /// Several splits of one dataset as one, in the given order. Groups of different splits stay apart; folds of one number are one.
  /// - Throws: `EvalError.malformedData` where they share a sample or differ in what their samples are.
  static func joined(_ parts: [DatasetIndex]) throws(EvalError) -> DatasetIndex {
    guard var index = parts.first else { throw EvalError(.bug, "no split to join") }
    for part in parts.dropFirst() {
      guard part.classes == index.classes, part.adjustment == index.adjustment,
        (part.multiLabels == nil) == (index.multiLabels == nil), part.captions == nil,
        index.captions == nil, (part.groups == nil) == (index.groups == nil),
        (part.folds == nil) == (index.folds == nil), (part.clips == nil) == (index.clips == nil),
        part.frameSets == nil, index.frameSets == nil, part.candidates == nil,
        index.candidates == nil, part.composition == nil, index.composition == nil
      else {
        throw EvalError(
          .malformedData,
          "the splits \(index.split) and \(part.split) cannot be joined: their classes or labels differ",
          subject: index.dataset)
      }
      index.append(part)
    }
    let ids = Set(index.samples.map(\.id))
    guard ids.count == index.samples.count else {
      let counted = Dictionary(grouping: index.samples, by: \.id).filter { $1.count > 1 }
      throw EvalError(
        .malformedData,
        "the splits \(parts.map(\.split).joined(separator: " and ")) share \(counted.count) samples: \(counted.keys.sorted(by: bytewise).prefix(3).joined(separator: ", "))",
        subject: index.dataset)
    }
    index.fingerprint = indexFingerprint(
      index.samples, classes: index.classes, multiLabels: index.multiLabels)
    return index
  }

  private mutating func append(_ part: DatasetIndex) {
    split += "+\(part.split)"
    samples += part.samples
    if let rows = part.multiLabels {
      for row in 0..<rows.count { multiLabels?.append(rows.row(row)) }
    }
    groups = groups.flatMap { own in part.groups.map { own.followed(by: $0) } }
    clips = clips.flatMap { own in part.clips.map { own.followed(by: $0) } }
    folds = folds.flatMap { own in part.folds.map { own.followed(by: $0, sharingNumbers: true) } }
    ignoredFiles = Set(ignoredFiles + part.ignoredFiles).sorted(by: bytewise)
    notes += part.notes.filter { !notes.contains($0) }
    let isComplete = !isPartial && !part.isPartial && variant != nil && part.variant != nil
    expectedCount = expectedCount.flatMap { own in part.expectedCount.map { own + $0 } }
    variant =
      isComplete
      ? (variant == part.variant ? variant : "\(variant ?? ""), \(part.variant ?? "")") : nil
  }
}
