import Core

/// What is known of a dataset without looking at a disk.
package struct DatasetInfo: Sendable, Codable, Equatable {
  /// Column name of the paper's tables where there is one.
  package var id: String
  /// Other names accepted on input, in lower case.
  package var aliases: [String]
  package var title: String
  package var task = DatasetTask.classification
  /// Table 9 of the paper: `accuracy`, `mean-per-class`, `11-point-mAP`, `ROC-AUC`, `mean-top1-top5`; for other tasks
  /// `image-to-text-recall@1`, `pm-0`, ….
  package var metric: String
  /// Nil for the generic adapters.
  package var classCount: Int?
  package var splits: [SplitInfo]
  /// The split that zero-shot results are reported on.
  package var defaultSplit: String

  /// What the paper says of the sizes; nil for datasets that Table 9 does not have.
  package var paper: PaperSizes? { PaperSizes.table9[id] }

  /// The score of uniform guessing; nil where it depends on the labels.
  package var chance: Double? {
    guard task == .classification, let classCount, classCount > 0 else { return nil }
    let count = Double(classCount)
    return switch metric {
    case "ROC-AUC": 0.5
    case "mean-top1-top5": (1 + min(5, count)) / (2 * count)
    default: 1 / count
    }
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
      remedy: NearMiss.hint(for: name, among: known + splits.flatMap(\.aliases)))
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
