import Core

/// What is known of a dataset without looking at a disk.
package struct DatasetInfo: Sendable, Codable, Equatable {
  /// Column name of the paper's tables where there is one.
  package var id: String
  /// Other names accepted on input, in lower case.
  package var aliases: [String]
  package var title: String
  package var task = DatasetTask.classification
  /// `accuracy`, `mean-per-class` or `11-point-mAP` (Table 9 of the paper); `image-to-text-recall@1` for captions.
  package var metric: String
  /// Nil for the generic adapters.
  package var classCount: Int?
  package var splits: [SplitInfo]
  /// The split that zero-shot results are reported on.
  package var defaultSplit: String

  /// The score of uniform guessing; nil where it depends on the labels.
  package var chance: Double? {
    task == .classification ? classCount.map { 1 / Double($0) } : nil
  }

  /// The split that `name` means: its name, or one of its aliases, whatever the case. Generic datasets, which
  /// list no splits, take any name.
  /// - Throws: `EvalError.usage` naming the known splits.
  package func split(named name: String) throws -> SplitInfo {
    if splits.isEmpty { return SplitInfo(name: name) }
    let wanted = name.lowercased()
    for split in splits where split.name.lowercased() == wanted || split.aliases.contains(wanted) {
      return split
    }
    let known = splits.map(\.name)
    throw EvalError(
      .usage, "no split `\(name)`; known splits are \(known.joined(separator: ", "))", subject: id,
      remedy: NearMiss.hint(for: name, among: known))
  }
}

/// A split and the sizes it is known to come in.
package struct SplitInfo: Sendable, Codable, Equatable {
  package var name: String
  /// In lower case.
  package var aliases: [String]
  /// The first one is what the split should be; empty where nothing is published.
  package var variants: [SplitVariant]

  package init(name: String, aliases: [String] = [], variants: [SplitVariant] = []) {
    self.name = name
    self.aliases = aliases
    self.variants = variants
  }

  package var expectedCount: Int? { variants.first?.count }
}

/// A published form of a split, recognised by its counts.
package struct SplitVariant: Sendable, Codable, Equatable {
  package var name: String
  package var count: Int
  /// Number of classes, where it tells variants apart.
  package var classes: Int?
  /// Samples of every class, where it is the same for all.
  package var perClass: Int?

  package init(_ name: String, count: Int, classes: Int? = nil, perClass: Int? = nil) {
    self.name = name
    self.count = count
    self.classes = classes
    self.perClass = perClass
  }

  /// - Parameters:
  ///   - counts: samples of each class.
  ///   - total: samples, where they may be in several classes; else the sum of the counts.
  package func matches(counts: [Int], total: Int? = nil) -> Bool {
    (total ?? counts.reduce(0, +)) == count
      && (classes.map { $0 == counts.count } ?? true)
      && (perClass.map { wanted in counts.allSatisfy { $0 == wanted } } ?? true)
  }
}
