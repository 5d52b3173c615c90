package import Core

extension CoOpSplit {
  /// The rows that the file names. Samples are joined by the end of their paths, since the file's begin on another machine, and classes
  /// by the samples, since CoOp numbers and names them its own way.
  ///
  /// - Parameters:
  ///   - strata: of the training split.
  ///   - validation: of the split with the file's `val`; the training split itself when nil.
  /// - Throws: `EvalError.malformedData` naming the entry for a path that is not there, could be several samples or is there twice,
  ///   and where the file's classes are not the dataset's.
  package func rows(
    in strata: ClassStrata, validation: ClassStrata? = nil
  ) throws(EvalError) -> FewShotSplit {
    var train = PathJoin(strata, subject: subject)
    let trainRows = try train.rows(of: self.train, part: "train")
    let validationRows: [Int]
    if let validation {
      var other = PathJoin(validation, subject: subject)
      validationRows = try other.rows(of: self.validation, part: "val")
    } else {
      validationRows = try train.rows(of: self.validation, part: "val")
    }
    let source = validation ?? strata
    let ids =
      trainRows.map { strata.classIDs[strata.labels[$0]] }
      + validationRows.map { source.classIDs[source.labels[$0]] }
    try requireSameClasses(self.train + self.validation, ids)
    var counts: [Int: Int] = [:]
    for row in trainRows { counts[strata.labels[row], default: 0] += 1 }
    var result = FewShotSplit(
      shots: counts.values.max() ?? 0, seed: seed, origin: "coop sha256=\(hash.hex)",
      validationSource: validationRows.isEmpty
        ? .none : validation == nil ? .training : .validation)
    result.trainRows = trainRows
    result.validationRows = validationRows
    result.fillCounts(train: strata, validation: source)
    return result
  }

  private func requireSameClasses(_ entries: [Entry], _ ids: [String]) throws(EvalError) {
    var idOfLabel: [Int: String] = [:]
    var labelOfID: [String: Int] = [:]
    for (entry, id) in zip(entries, ids) {
      let known = idOfLabel.updateValue(id, forKey: entry.label) ?? id
      let label = labelOfID.updateValue(entry.label, forKey: id) ?? entry.label
      guard known == id, label == entry.label else {
        throw EvalError(
          .malformedData,
          "`\(entry.path)` has label \(entry.label) (\(entry.className)) and is of the dataset's class `\(id)`, but "
            + (known == id
              ? "label \(label) is of that class too" : "others of that label are of `\(known)`"),
          subject: subject)
      }
    }
  }
}

/// Samples by the ends of their paths, without the ending of the file, each given once.
private struct PathJoin {
  private let paths: [[Substring]]
  private let ids: [String]
  private var byStem: [Substring: [Int]] = [:]
  private var isTaken: [Bool]
  private let subject: String

  init(_ strata: ClassStrata, subject: String) {
    ids = strata.ids
    paths = ids.map(Self.components)
    for (row, path) in paths.enumerated() { byStem[path.last ?? "", default: []].append(row) }
    isTaken = [Bool](repeating: false, count: ids.count)
    self.subject = subject
  }

  /// `a/b/image.jpg` → `a`, `b`, `image`. An ending has a letter and four characters at most; `img.0001` has none.
  private static func components(_ path: String) -> [Substring] {
    var parts = path.split { $0 == "/" || $0 == "\\" }
    guard let name = parts.last, let dot = name.lastIndex(of: "."), dot > name.startIndex else {
      return parts
    }
    let ending = name[name.index(after: dot)...]
    if (1...4).contains(ending.count), ending.contains(where: \.isLetter) {
      parts[parts.count - 1] = name[..<dot]
    }
    return parts
  }

  mutating func rows(
    of entries: [CoOpSplit.Entry], part: String
  ) throws(EvalError) -> [Int] {
    var rows: [Int] = []
    for (number, entry) in entries.enumerated() {
      let place = "\(subject), \(part) entry \(number)"
      let wanted = Self.components(entry.path)
      // The sample that shares most of the path's end.
      var best: (length: Int, rows: [Int]) = (0, [])
      for row in byStem[wanted.last ?? ""] ?? [] {
        let length = zip(wanted.reversed(), paths[row].reversed()).prefix { $0 == $1 }.count
        if length > best.length {
          best = (length, [row])
        } else if length == best.length {
          best.rows.append(row)
        }
      }
      guard best.rows.count == 1, let row = best.rows.first else {
        throw EvalError(
          .malformedData,
          best.rows.isEmpty
            ? "the split has no sample `\(entry.path)`"
            : "`\(entry.path)` could be `\(ids[best.rows[0]])` or `\(ids[best.rows[1]])`",
          subject: place,
          remedy: "CoOp's files go with its own splits: choose `coop-train` and `coop-val`.")
      }
      guard !isTaken[row] else {
        throw EvalError(.malformedData, "`\(entry.path)` is listed twice", subject: place)
      }
      isTaken[row] = true
      rows.append(row)
    }
    return rows
  }
}
