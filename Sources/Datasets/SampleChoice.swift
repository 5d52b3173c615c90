package import Core

/// A random choice of samples that any program in any language makes the same.
///
/// Candidates are ordered by the SHA-256, as hexadecimal digits, of `<dataset>\0<preset>\0<seed>\0<canonical id>` in UTF-8, and the
/// first ones are taken, overall or of each class. No generator, no file system and no locale has a part in it.
package struct SampleChoice: Sendable, Equatable {
  package enum Amount: Sendable, Equatable {
    case count(Int)
    /// Of every class; of one with fewer, all.
    case perClass(Int)
    /// Every candidate that is left.
    case rest
  }

  /// Splits of the dataset whose samples are the candidates.
  package var from: [String]
  package var amount: Amount
  package var seed: Int
  /// Parts of the preset whose samples are no candidates.
  package var after: [SplitPreset.PartName]

  /// - Parameters:
  ///   - ids: canonical ids of the candidates.
  ///   - labels: their classes; only looked at for `perClass`.
  /// - Returns: positions of the chosen ones, rising.
  package func chosen(
    among ids: [String], labels: [Int], dataset: String, preset: String
  ) -> [Int] {
    if amount == .rest { return Array(ids.indices) }
    let keys = ids.map { SHA256.hash("\(dataset)\0\(preset)\0\(seed)\0\($0)").hex }
    let order = ids.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
    switch amount {
    case .rest: return Array(ids.indices)
    case .count(let count): return order.prefix(count).sorted()
    case .perClass(let count):
      var taken: [Int: Int] = [:]
      return order.filter { position in
        taken[labels[position], default: 0] += 1
        return taken[labels[position], default: 0] <= count
      }.sorted()
    }
  }
}

/// The name of a sample in whichever layout it lies.
///
/// `AnnualCrop/AnnualCrop_1` is the id of its class and the name of its file without folders and ending; a record of a file is
/// `airplane/data_batch_1#0`, the file without its ending and the record's number.
package enum CanonicalID {
  package enum Form: String, Sendable, CaseIterable {
    /// For files that are called the same in every class.
    case classAndStem = "class/stem"
    /// For files of which each has a name of its own.
    case stem
  }

  package static func of(_ id: String, classID: String?, form: Form) -> String {
    let stem = stem(of: id)
    guard form == .classAndStem, let classID else { return stem }
    return "\(classID)/\(stem)"
  }

  static func stem(of id: String) -> String {
    let name = id.utf8.split(separator: UInt8(ascii: "/")).last.map { String(Substring($0)) } ?? id
    guard let mark = name.utf8.lastIndex(of: UInt8(ascii: "#")),
      ClassFolders.nonNegativeInteger(name[name.utf8.index(after: mark)...]) != nil
    else { return withoutEnding(name) }
    return withoutEnding(String(name[..<mark])) + name[mark...]
  }

  private static func withoutEnding(_ name: String) -> String {
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot != name.startIndex else {
      return name
    }
    return String(name[..<dot])
  }

  /// SHA-256 of the sorted ids, each followed by a line feed.
  package static func hash(_ ids: [String]) -> SHA256Digest {
    var hasher = SHA256()
    for id in ids.sorted(by: bytewise) { hasher.update(id + "\n") }
    return hasher.finalize()
  }
}

extension DatasetIndex {
  /// Canonical ids of the samples, in their order.
  /// - Throws: `EvalError.malformedData` where two samples have the same one: nothing could be chosen by it.
  package func canonicalIDs(_ form: CanonicalID.Form) throws(EvalError) -> [String] {
    var ids: [String] = []
    ids.reserveCapacity(samples.count)
    var seen: [String: Int] = [:]
    seen.reserveCapacity(samples.count)
    for (position, sample) in samples.enumerated() {
      let id = CanonicalID.of(
        sample.id, classID: hasClassLabels ? classes[sample.label].id : nil, form: form)
      if let other = seen.updateValue(position, forKey: id) {
        throw EvalError(
          .malformedData,
          "`\(samples[other].id)` and `\(sample.id)` are both `\(id)`: presets tell samples apart by class and file name",
          subject: dataset, remedy: "Remove one of them, or choose a split of the dataset itself.")
      }
      ids.append(id)
    }
    return ids
  }
}
