import Core
import Datasets
import Experiments
import Imaging
import Neural

/// Levels that may be of other image features.
extension VariantLevels {
  mutating func addSplits() throws {
    guard let split = row.protocol.split else { return }
    own[ProtocolAxis.split.rawValue] = split
    guard base.task.own == nil else { return }
    let info = try base.task.adapter().info
    // Of presets of the same samples the authors' own is the one that is tried.
    let plain = info.splits.map(\.name).filter { !$0.contains("/") }
    let presets = info.splits.map(\.name).filter { $0.contains("/") }
    let authors = presets.filter { $0.hasPrefix("openai/") }
    for other in plain + authors + presets.filter({ !$0.hasPrefix("openai/") }) where other != split
    {
      if Self.isTest(other) { add(.split(other), other) }
    }
  }

  /// Parts that presets train and tune on are no test sets; nor are the dataset's own training images (`coop-train`, SVHN's `extra`).
  static func isTest(_ split: String) -> Bool {
    guard !split.contains("/") else { return split.hasSuffix("/test") }
    return !split.split(separator: "-").contains { $0.hasPrefix("train") || $0 == "extra" }
  }

  mutating func addOptions() throws {
    guard base.task.own == nil, let chosen = base.task.options else { return }
    own[ProtocolAxis.options.rawValue] = base.task.optionsText
    let adapter = try DatasetRegistry.adapter(named: base.task.dataset)
    for option in adapter.options {
      for value in option.values where !value.hasSuffix(":N") && value != chosen[option.name] {
        add(
          .option(name: option.name, value: value), "\(option.name)=\(value)")
      }
    }
  }

  mutating func addPreprocessing() {
    // What the variants change of it.
    own[ProtocolAxis.preprocessing.rawValue] = row.protocol.preprocessing.map { recipe in
      let parts = recipe.split(separator: "|")
      return
        (parts.prefix(1)
        + parts.dropFirst().filter { $0.hasPrefix("resize(") || $0.hasPrefix("crop(") })
        .joined(separator: " ")
    }
    var squashed = base.preprocessing
    (squashed.resize, squashed.crop) = (.squash, .off)
    add(.preprocessing(squashed), "resize=squash crop=none")
    var shorter = base.preprocessing
    (shorter.resize, shorter.crop) = (.shorter, .center)
    add(.preprocessing(shorter), "resize=shorter crop=center")
    for order in PreprocessRecipe.Order.allCases {
      var other = base.preprocessing
      other.order = order
      add(.preprocessing(other), "recipe=\(order.rawValue)")
    }
  }

  mutating func addPrecision() {
    own[ProtocolAxis.precision.rawValue] = row.protocol.precision
    for precision in TowerPrecision.allCases where precision != base.precision {
      add(.precision(precision), precision.rawValue, isPapers: precision == .fp32)
    }
  }
}
