import Core
import Datasets
import EmbeddingStore

/// Which row of a feature file belongs to which sample of a dataset. Rows are found by id; where the file has no
/// ids, or ids of another kind, its labels must be the split's, one by one. Never by position alone.
struct FeatureAlignment {
  /// For each sample of the index, its row; nil where the file has none.
  private(set) var rowOfSample: [Int?]
  private(set) var notes: [String] = []

  /// - Throws: `EvalError.malformedData` naming the first row whose id or label is not the dataset's, or the counts when they
  ///   differ and no id can tell the rows apart.
  init(_ table: FeatureTable, index: DatasetIndex) throws(EvalError) {
    let count = index.samples.count
    let labels = try Self.labels(of: table, index: index)
    if let ids = table.ids, let samples = try Self.samples(of: ids, table: table, index: index) {
      rowOfSample = [Int?](repeating: nil, count: count)
      for (row, sample) in samples.enumerated() {
        if let other = rowOfSample[sample] {
          throw EvalError(
            .malformedData,
            "rows \(other) and \(row) are both of \(index.samples[sample].id)",
            subject: table.place(ofRow: row))
        }
        rowOfSample[sample] = row
        try Self.check(labels, row: row, sample: sample, table: table, index: index)
      }
      return
    }
    let what = table.ids == nil ? "has no ids" : "has ids that are not the dataset's"
    guard table.count == count else {
      throw EvalError(
        .malformedData,
        "expected \(count) rows, one for each sample of \(index.dataset) \(index.split); found \(table.count), and the file \(what)",
        subject: table.parts.first?.file.path,
        remedy: table.ids.map {
          "Ids are like \(index.samples.first?.id ?? "–"), found \($0.first ?? "–")."
        }
          ?? "Record which image each row is of, in ids.txt.")
    }
    guard labels != nil else {
      let ids = "ids are like \(index.samples.first?.id ?? "–")."
      throw EvalError(
        .malformedData,
        "nothing says which row is which image: the file "
          + (index.hasClassLabels ? "has no labels and \(what)" : what),
        subject: table.parts.first?.file.path,
        remedy: index.hasClassLabels
          ? "Put labels.npy or ids.txt beside it; \(ids)" : "Put ids.txt beside it; \(ids)")
    }
    for row in 0..<count {
      try Self.check(labels, row: row, sample: row, table: table, index: index)
    }
    rowOfSample = (0..<count).map { $0 }
    notes = [
      "the file \(what); its rows are taken in the dataset's order, in which all labels agree"
    ]
  }

  private static func check(
    _ labels: [Int]?, row: Int, sample: Int, table: FeatureTable, index: DatasetIndex
  ) throws(EvalError) {
    guard let labels, labels[row] != index.samples[sample].label else { return }
    func name(_ label: Int) -> String {
      index.classes.indices.contains(label) ? "\(label) (\(index.classes[label].id))" : "\(label)"
    }
    throw EvalError(
      .malformedData,
      "the label is \(name(labels[row])), in the dataset the sample \(index.samples[sample].id) has \(name(index.samples[sample].label))",
      subject: table.place(ofRow: row),
      remedy: table.classIDs == nil
        ? "If the labels number the classes in another order, list the class ids in that order in classes.txt."
        : nil)
  }

  /// The file's labels as positions in the dataset's classes.
  private static func labels(
    of table: FeatureTable, index: DatasetIndex
  ) throws(EvalError) -> [Int]? {
    // Images with captions, or with several classes each: whatever labels the file has are not the dataset's.
    guard index.hasClassLabels, let labels = table.labels else { return nil }
    let place = table.parts.first?.file.path
    if let ids = table.classIDs {
      let position = Dictionary(
        index.classes.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
      var translated: [Int] = []
      for id in ids {
        guard let own = position[id] else {
          throw EvalError(
            .malformedData, "the class \"\(id)\" is none of \(index.dataset)", subject: place,
            remedy: NearMiss.hint(for: id, among: Array(position.keys)))
        }
        translated.append(own)
      }
      // Reading has checked that every label is below the number of ids.
      return labels.map { translated[$0] }
    }
    if let row = labels.firstIndex(where: { $0 >= index.classes.count }) {
      throw EvalError(
        .malformedData,
        "expected a label from 0 to \(index.classes.count - 1), one of \(index.classes.count) classes; found \(labels[row])",
        subject: table.place(ofRow: row))
    }
    return labels
  }

  /// The sample each row is of, by its id or, as paths may begin elsewhere, by the end of its path; nil when not one row
  /// is found.
  private static func samples(
    of ids: [String], table: FeatureTable, index: DatasetIndex
  ) throws(EvalError) -> [Int]? {
    let names = index.samples.map { singleLine($0.id) }
    let common = commonFolder(names)
    for dropped in common.isEmpty ? [0] : [0, common.utf8.count] {
      var position: [Substring: Int] = [:]
      for (sample, name) in names.enumerated() {
        position[Substring(name.utf8.dropFirst(dropped))] = sample
      }
      let found = ids.map { sample(singleLine($0)[...], in: position) }
      guard found.contains(where: { $0 != nil }) else { continue }
      return try found.enumerated().map { (row, sample) throws(EvalError) -> Int in
        guard let sample else {
          throw EvalError(
            .malformedData,
            "the id is none of the \(names.count) samples of \(index.dataset) \(index.split)",
            subject: table.place(ofRow: row),
            remedy: "The dataset's ids are like \(names.first ?? "–").")
        }
        return sample
      }
    }
    return nil
  }

  /// The longest end of a path, from one `/` on, that is a sample.
  private static func sample(_ path: Substring, in position: [Substring: Int]) -> Int? {
    var rest = path
    while true {
      if let sample = position[rest] { return sample }
      guard let slash = rest.utf8.firstIndex(of: UInt8(ascii: "/")) else { return nil }
      rest = rest[rest.utf8.index(after: slash)...]
    }
  }

  /// The folders that all paths begin with, up to and with the last `/`.
  private static func commonFolder(_ names: [String]) -> String {
    guard let first = names.first else { return "" }
    var common = first.utf8.lastIndex(of: UInt8(ascii: "/")).map { first[...$0] } ?? ""
    for name in names {
      while !name.utf8.starts(with: common.utf8) {
        let shorter = common.utf8.dropLast()
        common =
          shorter.lastIndex(of: UInt8(ascii: "/")).map { common[...$0] } ?? ""
      }
    }
    return String(common)
  }

  /// Files hold one id a line, so line breaks in ids are written as spaces.
  private static func singleLine(_ id: String) -> String {
    id.utf8.contains { $0 == 0x0A || $0 == 0x0D } ? id.replacing(/\R/, with: " ") : id
  }
}
