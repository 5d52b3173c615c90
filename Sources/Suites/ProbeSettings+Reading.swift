import Foundation
import YAMLFiles
import Yams

extension ProbeSettings {
  private static let keys = [
    "solver", "feature", "normalise", "search", "C", "train", "validation", "test", "shots",
    "seeds", "selection", "splits", "neighbours", "temperature",
  ]

  /// Reads a `probe:` map, strictly.
  ///
  ///     probe:
  ///       solver: converged      # converged, paper or sklearn-1.7
  ///       feature: pooled        # pooled (the paper's penultimate layer) or projected
  ///       normalise: false       # true scales every feature to length 1
  ///       search: paper          # paper or flat; or, instead of a search,
  ///       C: 0.316
  ///       train: train           # splits; a list of several for as many probes, over which the result is the mean
  ///       validation: val        # or hold-out: a fifth of each class of the training split
  ///       test: test             # the entry's split otherwise
  ///       shots: [1, 2, 4, 8, 16] # few-shot
  ///       seeds: 3               # few-shot: 1, 2 and 3; or a list
  ///       selection: few-shot    # few-shot: few-shot, validation, cross-validation or fixed
  ///       splits: coop           # few-shot: a folder of CoOp's files, relative to the suite, in place of draws
  ///       neighbours: 20         # knn
  ///       temperature: 0.07      # knn
  ///
  /// - Parameter folder: the suite's.
  /// - Throws: `EvalError.malformedData` with line and column.
  init(_ node: Node, folder: URL, _ yaml: YAMLReader) throws {
    let fields = try YAMLFields(node, allowed: Self.keys, in: yaml)
    solver = try fields["solver"].map { try SuiteFile.choice($0, "solver", yaml) }
    feature = try fields["feature"].map { try SuiteFile.choice($0, "feature", yaml) }
    normalise = try fields["normalise"].map { try SuiteFile.flag($0, yaml) }
    search = try fields["search"].map { try SuiteFile.choice($0, "search", yaml) }
    C = try fields["C"].map { try Self.positive($0, "C", yaml) }
    if C != nil, let search = fields["search"] {
      throw yaml.error("C is given: there is nothing to search for", at: search)
    }
    train = try fields["train"].map { try Self.names($0, yaml) }
    validation = try fields["validation"].map { try Self.names($0, yaml) }
    test = try fields["test"].map { try Self.names($0, yaml) }
    shots = try fields["shots"].map { try Self.numbers($0, from: 1, "examples a class", yaml) }
    seeds = try fields["seeds"].map { node in
      guard case .scalar = node else { return try Self.numbers(node, from: 0, "seeds", yaml) }
      return Array(1...(try Self.number(node, from: 1, "a number of seeds", yaml)))
    }
    selection = try fields["selection"].map { try SuiteFile.choice($0, "selection", yaml) }
    splits = try fields["splits"].map { node in
      URL(filePath: try yaml.text(node, "a path"), relativeTo: folder).standardizedFileURL.path
    }
    neighbours = try fields["neighbours"].map {
      try Self.number($0, from: 1, "a number of neighbours", yaml)
    }
    temperature = try fields["temperature"].map { try Self.positive($0, "temperature", yaml) }
  }

  private static func positive(_ node: Node, _ what: String, _ yaml: YAMLReader) throws -> Double {
    let written = try yaml.text(node, "a number")
    guard let number = Double(written), number.isFinite, number > 0 else {
      throw yaml.error("expected a positive number for \(what), found \"\(written)\"", at: node)
    }
    return number
  }

  /// Far above any use, and small enough for sums and lists.
  private static let largest = 1_000_000

  private static func number(
    _ node: Node, from lowest: Int, _ what: String, _ yaml: YAMLReader
  ) throws -> Int {
    let written = try yaml.text(node, what)
    guard let number = Int(written), (lowest...largest).contains(number) else {
      throw yaml.error(
        "expected \(what) (\(lowest), \(lowest + 1), …), found \"\(written)\"", at: node)
    }
    return number
  }

  private static func numbers(
    _ node: Node, from lowest: Int, _ what: String, _ yaml: YAMLReader
  ) throws -> [Int] {
    let nodes = try yaml.list(node, "a list of \(what)")
    guard !nodes.isEmpty else {
      throw yaml.error("expected a list of \(what), found none", at: node)
    }
    var seen: Set<Int> = []
    return try nodes.map { item in
      let number = try number(item, from: lowest, what, yaml)
      guard seen.insert(number).inserted else {
        throw yaml.error("\(number) is listed twice", at: item)
      }
      return number
    }
  }

  private static func names(_ node: Node, _ yaml: YAMLReader) throws -> [String] {
    guard case .sequence = node else { return [try yaml.text(node, "a split")] }
    let nodes = try yaml.list(node, "a list of splits")
    guard !nodes.isEmpty else { throw yaml.error("expected at least one split", at: node) }
    return try nodes.map { try yaml.text($0, "a split") }
  }
}
