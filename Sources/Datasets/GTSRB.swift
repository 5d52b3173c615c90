import Core
package import Foundation

/// German Traffic Sign Recognition Benchmark (Stallkamp et al. 2012): 43 signs. A class is its folder, `00000` to `00042`.
///
/// Two archives of training images circulate: that of the competition (26,640, the paper's) and the final one (39,209).
package struct GTSRB: DatasetAdapter {
  package init() {}

  package let info = DatasetInfo(
    id: "GTSRB", aliases: ["vtab/gtsrb"], title: "German traffic signs", metric: "accuracy",
    classCount: 43,
    splits: [
      SplitInfo(
        name: "train",
        variants: [
          SplitVariant("IJCNN 2011 competition, the paper's", count: 26_640),
          SplitVariant("final training set", count: 39_209),
        ]),
      SplitInfo(name: "test", variants: [SplitVariant("official", count: 12_630)]),
    ], defaultSplit: "test")

  static let table = ClassTable(
    (0..<43).map { number in
      let id = (number < 10 ? "0000" : "000") + String(number)
      return DatasetClass(id: id, name: String(number))
    },
    // Kaggle's folders and all tables have bare numbers.
    aliases: Dictionary(
      uniqueKeysWithValues: (0..<43).map { (String($0), ($0 < 10 ? "0000" : "000") + String($0)) }))

  private static let folders = [
    "gtsrb/GTSRB", "GTSRB", "gtsrb", "GTSRB/GTSRB", "gtsrb-german-traffic-sign",
  ]
  /// The paper's comes first where both are there.
  private static let trainingFolders = [
    (folder: "Training", layout: "gtsrb-training"),
    (folder: "Final_Training/Images", layout: "gtsrb-final-training"),
    (folder: "Train", layout: "kaggle"), (folder: "train", layout: "kaggle"),
  ]

  package var canonicalClasses: [DatasetClass]? { Self.table.classes }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    try search(
      root, split: name, folders: Self.folders,
      wanted: { split in
        split.name == "train"
          ? ["Training/<class>/", "Final_Training/Images/<class>/", "Train/<class>/"]
          : ["GT-final_test.csv with Final_Test/Images/", "Test.csv with Test/"]
      },
      read: { base, split in
        split.name == "train" ? try training(base) : try GTSRBTest(base: base).draft()
      })
  }

  private func training(_ base: URL) throws -> IndexDraft? {
    for (folder, layout) in Self.trainingFolders {
      let found = try ClassFolders.draft(
        layout: layout, base: base, prefix: folder, of: Self.table, dataset: info)
      guard var draft = found else { continue }
      try readTables(&draft, base: base, folder: folder)
      return draft
    }
    return nil
  }

  /// Each class folder has a table of its images, which tells what is absent and whether a folder holds another class.
  private func readTables(_ draft: inout IndexDraft, base: URL, folder: String) throws {
    var known: [String: Set<String>] = [:]
    for sample in draft.samples {
      let slash = sample.id.lastIndex(of: "/") ?? sample.id.startIndex
      known[String(sample.id[..<slash]), default: []].insert(sample.id)
    }
    for name in try ClassFolders.names(in: base.appending(path: folder)) {
      guard let label = Self.table.label(of: name) else { continue }
      let url = base.appending(path: "\(folder)/\(name)/GT-\(name).csv")
      guard isFile(url) else { continue }
      let table = try GTSRBTable(url)
      var listed: Set<String> = []
      for row in table.rows {
        guard row.label == label else {
          throw EvalError(
            .malformedData, "expected class \(label), that of the folder, found \(row.label)",
            subject: row.place)
        }
        let id = "\(folder)/\(name)/\(row.file)"
        guard listed.insert(id).inserted else {
          throw EvalError(.malformedData, "`\(row.file)` is listed twice", subject: row.place)
        }
        if known["\(folder)/\(name)"]?.contains(id) != true {
          draft.samples.append(
            DatasetSample(
              id: id, label: label,
              source: .file(URL(filePath: base.path + "/" + id, directoryHint: .notDirectory))))
        }
      }
      let extra = (known["\(folder)/\(name)"] ?? []).subtracting(listed)
      if !extra.isEmpty {
        draft.samples.removeAll { extra.contains($0.id) }
        draft.ignored += extra
        draft.notes.append(
          counted(extra.count, "image of \(name) is", "images of \(name) are")
            + " not in \(url.lastPathComponent)")
      }
      draft.ignored.removeAll { $0 == "\(folder)/\(name)/\(url.lastPathComponent)" }
    }
  }
}
