import Core
package import Foundation

/// Street View House Numbers, whole numbers (Netzer et al. 2011, format 1): an image's class is its number as text.
///
///     train/1.png, train/digitStruct.mat     and test/, extra/
///
/// The paper's task is "2000-way" with the number written out, and does not say which 2000. Here the classes are 0 to 1999 and, after
/// them, whatever other numbers the split has, so that every image has its class.
package struct SVHNFull: DatasetAdapter {
  package init() {}

  package let info = DatasetInfo(
    id: "SVHNFull", aliases: ["svhn_full", "svhn-full", "svhn_format_1", "svhn-numbers"],
    title: "Street View House Numbers, whole numbers", metric: "accuracy",
    classCount: Self.candidateCount,
    splits: [
      SplitInfo(name: "train", variants: [SplitVariant("official", count: 33_402)]),
      SplitInfo(name: "test", variants: [SplitVariant("official", count: 13_068)]),
      SplitInfo(name: "extra", variants: [SplitVariant("official", count: 202_353)]),
    ], defaultSplit: "test")

  private static let candidateCount = 2000
  private static let folders = [
    "svhn", "SVHN", "svhn_full", "svhn/format1", "SVHN/format1", "SVHN_full",
  ]

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    try search(
      root, split: name, folders: Self.folders, wanted: { ["\($0.name)/digitStruct.mat"] },
      read: { base, split in
        let url = base.appending(path: "\(split.name)/digitStruct.mat")
        return isFile(url) ? try draft(url, split.name, base: base) : nil
      })
  }

  private func draft(_ url: URL, _ split: String, base: URL) throws -> IndexDraft {
    let images = try DigitStruct(url).images
    let numbers = images.map { $0.digits.map(String.init).joined() }
    let candidates = (0..<Self.candidateCount).map { String($0) }
    // `012` is not the number 12: the text is what a sign shows.
    let others = Set(numbers).subtracting(candidates)
      .sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
    let names = candidates + others
    let labels = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    var draft = IndexDraft(
      layout: "svhn-format-1", classes: names.map { DatasetClass(id: $0, name: $0) })
    if !others.isEmpty {
      draft.notes.append(
        "the classes are 0 to 1999 and \(counted(others.count, "other number")) of this split; the paper's 2000 are not published"
      )
    }
    var files = ListedFiles(base: base)
    for (index, (image, number)) in zip(images, numbers).enumerated() {
      guard let label = labels[number] else { continue }  // every number is a class
      try files.add("\(split)/\(image.name)", label: label, at: "\(url.path), image \(index)")
    }
    draft.samples = files.samples
    let listed = Set(draft.samples.map(\.id))
    draft.ignored = try listFolder(base.appending(path: split).path).entries
      .map { "\(split)/\($0.name)" }
      .filter { !listed.contains($0) && !$0.hasSuffix("/digitStruct.mat") }
    return draft
  }
}
