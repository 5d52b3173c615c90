package import Core
package import Foundation

/// A dataset with its presets of splits beside the splits of its own: `openai` and `openai/test` are the evaluation part of that
/// preset, `openai/train` another part. The adapter behind it knows nothing of them.
package struct PresetSplits: DatasetAdapter {
  package let info: DatasetInfo
  package let presets: [SplitPreset]
  private let base: any DatasetAdapter
  /// Where lists may lie that belong to no copy of the data.
  private let listFolder: URL?

  /// - Throws: `EvalError.malformedData` for a preset that takes the name of a split, or names a split that the dataset lacks.
  package init(
    _ base: any DatasetAdapter, presets: [SplitPreset], listFolder: URL? = nil
  ) throws(EvalError) {
    self.base = base
    self.presets = presets
    self.listFolder = listFolder
    var info = base.info
    for preset in presets {
      try Self.check(preset, against: base.info)
      for part in preset.parts {
        let name = preset.splitName(part.name)
        let isEvaluated = part.name == .test
        info.splits.append(
          SplitInfo(
            name: name, aliases: isEvaluated ? [preset.name] : [],
            variants: part.count.map { [SplitVariant(preset.name, count: $0)] }
              ?? Self.ownVariants(part, base.info)))
        if isEvaluated, preset.isDefault { info.defaultSplit = name }
      }
    }
    self.info = info
  }

  package var options: [DatasetOption] { base.options }

  package var canonicalClasses: [DatasetClass]? { base.canonicalClasses }

  package func choosing(_ choices: [String: String]) throws -> any DatasetAdapter {
    try PresetSplits(base.choosing(choices), presets: presets, listFolder: listFolder)
  }

  /// Those of the dataset itself: presets choose among them.
  package func splits(root: URL) throws -> [String] { try base.splits(root: root) }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let wanted = try info.split(named: name).name
    for preset in presets {
      for part in preset.parts where preset.splitName(part.name) == wanted {
        return try index(of: part, in: preset, root: root)
      }
    }
    do {
      return try base.index(root: root, split: name)
    } catch var error as EvalError where error.kind == .notFound {
      guard let chosen = choice(instead: wanted) else { throw error }
      error.remedy = [error.remedy, chosen].compactMap(\.self).joined(separator: " ")
      throw error
    }
  }

  /// Where a dataset has no such split of its own (EuroSAT's and Caltech-101's `train`), the preset that makes one.
  private func choice(instead split: String) -> String? {
    for preset in presets where preset.isDefault {
      for part in preset.parts where part.name.rawValue == split {
        guard case .choice(let choice) = part.source else { continue }
        return
          "The split \(preset.splitName(part.name)) is a choice from \(choice.from.joined(separator: "+"))."
      }
    }
    return nil
  }

  /// What can be had of a container that was split by somebody else, and so lacks the images that a preset chooses among.
  private func containerRemedy(of wanted: String, root: URL) -> String? {
    guard let containers = base as? WithContainers,
      let names = try? containers.held(root).flatMap({ $0.splits }), !names.isEmpty
    else { return nil }
    let splits = Set(names.compactMap { try? base.info.split(named: $0).name }).sorted(by: bytewise)
    guard !splits.isEmpty else { return nil }
    let made = presets.compactMap { preset -> String? in
      guard preset.splitName(.test) != wanted,
        case .splits(let names)? = preset.part(.test)?.source,
        names.allSatisfy(splits.contains)
      else { return nil }
      return preset.name
    }
    return
      "\(wanted) cannot be made of this copy: name one of its splits, \(splits.joined(separator: ", "))"
      + (made.isEmpty
        ? "" : ", or the preset that it was made for, of \(made.joined(separator: ", "))")
      + "."
  }

  // MARK: Parts

  private func index(
    of part: SplitPreset.Part, in preset: SplitPreset, root: URL
  ) throws -> DatasetIndex {
    var index: DatasetIndex
    /// Whether the samples it is made of are all there.
    let isComplete: Bool
    let name = preset.splitName(part.name)
    switch part.source {
    case .splits(let names):
      index = try joined(names, root: root, for: name)
      isComplete = !index.isPartial
      if part.count == nil { return named(index, part, preset) }
      if isComplete, let count = part.count, index.samples.count != count {
        index.notes.append(
          "the split \(names.joined(separator: "+")) has \(counted(index.samples.count, "sample"))"
            + (index.variant.map { " (\($0))" } ?? "") + "; \(preset.name) has \(count)")
      }
    case .choice(let choice):
      var candidates = try joined(choice.from, root: root, for: name)
      // From another variant of a split (both halves of FER-2013's test images) it is another choice too.
      if let count = count(of: choice.from), candidates.expectedCount != count {
        (candidates.expectedCount, candidates.variant) = (count, nil)
      }
      isComplete = !candidates.isPartial
      index = try chosen(choice, among: candidates, part, preset, root: root)
    case .list(let list):
      let candidates = try joined(list.from, root: root, for: name)
      isComplete = true
      index = try listed(list, among: candidates, preset, root: root)
    }
    guard !index.samples.isEmpty else {
      throw EvalError(
        .notFound, "nothing is left for \(name): this copy is too small",
        subject: info.id,
        remedy:
          "Name a split of the dataset itself: \(base.info.splits.map(\.name).joined(separator: ", "))."
      )
    }
    index.expectedCount = part.count ?? index.expectedCount ?? index.samples.count
    index.variant = index.samples.count == index.expectedCount && isComplete ? preset.name : nil
    if let expected = part.idsHash, index.variant != nil {
      let found = CanonicalID.hash(try index.canonicalIDs(preset.ids))
      if found != expected {
        index.variant = nil
        index.notes.append(
          "these are not the samples of \(preset.splitName(part.name)): their ids have SHA-256 \(found.hex.prefix(12))…, expected \(expected.hex.prefix(12))…; the files have other names, or are records of another file"
        )
      }
    }
    if index.variant != nil, let count = index.captions?.captions.count {
      index.captions?.expectedCount = count
    }
    return named(index, part, preset)
  }

  private func named(
    _ index: DatasetIndex, _ part: SplitPreset.Part, _ preset: SplitPreset
  ) -> DatasetIndex {
    var index = index
    index.split = preset.splitName(part.name)
    return index
  }

  /// - Parameter wanted: the part that is made of them.
  private func joined(_ names: [String], root: URL, for wanted: String) throws -> DatasetIndex {
    do {
      return try DatasetIndex.joined(names.map { try base.index(root: root, split: $0) })
    } catch var error as EvalError where error.kind == .notFound {
      error.remedy = containerRemedy(of: wanted, root: root) ?? error.remedy
      throw error
    }
  }

  /// Samples that splits of the dataset should have together; nil where that is not known of all.
  private func count(of names: [String]) -> Int? {
    let counts = names.map { try? base.info.split(named: $0).expectedCount }
    return counts.contains(nil) ? nil : counts.reduce(0) { $0 + ($1 ?? 0) }
  }

  private func chosen(
    _ choice: SampleChoice, among candidates: DatasetIndex, _ part: SplitPreset.Part,
    _ preset: SplitPreset, root: URL
  ) throws -> DatasetIndex {
    if case .perClass = choice.amount, !candidates.hasClassLabels {
      throw EvalError(
        .malformedData,
        "\(preset.name) chooses samples of each class, and images have no one class",
        subject: info.id)
    }
    let ids = try candidates.canonicalIDs(preset.ids)
    var taken: Set<String> = []
    for name in choice.after {
      guard let other = preset.part(name) else { continue }
      taken.formUnion(
        try index(of: other, in: preset, root: root).canonicalIDs(preset.ids))
    }
    let left = ids.indices.filter { !taken.contains(ids[$0]) }
    let positions = choice.chosen(
      among: left.map { ids[$0] }, labels: left.map { candidates.samples[$0].label },
      dataset: info.id, preset: preset.name
    ).map { left[$0] }
    var index = candidates.subset(positions)
    index.notes.append(
      "\(preset.name) (version \(preset.version)): \(positions.count) of \(ids.count) samples, "
        + (choice.amount == .rest
          ? "all that are left" : "chosen at random with seed \(choice.seed)"))
    if candidates.isPartial {
      index.notes.append(
        "chosen from \(ids.count) samples where the complete copy has \(candidates.expectedCount.map(String.init) ?? "others"): another choice than that of the complete copy"
      )
    }
    return index
  }

  private func listed(
    _ list: SampleList, among candidates: DatasetIndex, _ preset: SplitPreset, root: URL
  ) throws -> DatasetIndex {
    let places = ListSearch(root: root, dataset: info, candidates: candidates, extra: listFolder)
    guard let url = places.find(list.file) else {
      throw EvalError(
        .notFound,
        "\(preset.name) needs the list \(list.file), looked for in "
          + places.folders.map(\.path).joined(separator: ", ") + "; found it in none of them",
        subject: info.id, remedy: list.obtain)
    }
    var index = candidates.subset(try SampleListFile.rows(of: url, in: candidates))
    index.notes.append("split list \(url.lastPathComponent)")
    return index
  }

  // MARK: What a preset may say of a dataset

  private static func check(_ preset: SplitPreset, against info: DatasetInfo) throws(EvalError) {
    let place = "Splits/\(info.id)/\(preset.name).yaml"
    let own = info.splits.flatMap { [$0.name.lowercased()] + $0.aliases }
    if own.contains(preset.name) {
      throw EvalError(
        .malformedData, "the dataset has a split called \(preset.name)", subject: place)
    }
    for part in preset.parts {
      let names: [String] =
        switch part.source {
        case .splits(let names): names
        case .choice(let choice): choice.from
        case .list(let list): list.from
        }
      for name in names where !info.splits.isEmpty && !own.contains(name.lowercased()) {
        throw EvalError(
          .malformedData,
          "the part \(part.name.rawValue) names the split \(name); \(info.id) has \(info.splits.map(\.name).joined(separator: ", "))",
          subject: place, remedy: NearMiss.hint(for: name, among: own))
      }
    }
  }

  private static func ownVariants(_ part: SplitPreset.Part, _ info: DatasetInfo) -> [SplitVariant] {
    guard case .splits(let names) = part.source, names.count == 1 else { return [] }
    return (try? info.split(named: names[0]).variants) ?? []
  }
}
