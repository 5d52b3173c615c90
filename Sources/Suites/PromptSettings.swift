import Foundation
import YAMLFiles
import Yams

/// What a suite says of the experiment `prompts`: for all of its entries, or for one. What it leaves out is nil.
package struct PromptSettings: Sendable, Equatable {
  package enum Selection: Sendable, Equatable {
    /// One half of the images, scored on the other.
    case half
    /// The training split that belongs to the entry's.
    case train
    case split(String)
    case nothing
  }

  package var base: SuiteFile.PromptReference?
  package var from: SuiteFile.PromptReference?
  package var selection: Selection?
  package var size: Int?
  package var seed: Int?

  package init() {}

  /// These, with another's in their place where it says something.
  func overridden(by own: PromptSettings) -> PromptSettings {
    var result = self
    result.base = own.base ?? base
    result.from = own.from ?? from
    result.selection = own.selection ?? selection
    result.size = own.size ?? size
    result.seed = own.seed ?? seed
    return result
  }
}

extension PromptSettings {
  private static let keys = ["base", "from", "select", "size", "seed"]

  /// Reads a `prompts:` map, strictly.
  ///
  ///     prompts:
  ///       base: generic/single  # what differences are to; generic/single where it is compared, otherwise the first set
  ///       from: openai-2021     # whose templates are taken one by one, and selected from; otherwise the set with the most
  ///       select: half          # on what: half of the images, train, a split by name, or none
  ///       size: 7               # most templates; otherwise until none gains anything
  ///       seed: 1               # of the halves
  ///
  /// - Parameter folder: the suite's.
  /// - Throws: `EvalError.malformedData` with line and column.
  init(_ node: Node, folder: URL, _ yaml: YAMLReader) throws {
    let fields = try YAMLFields(node, allowed: Self.keys, in: yaml)
    func reference(_ key: String) throws -> SuiteFile.PromptReference? {
      try fields[key].flatMap { node in
        guard case .scalar = node else {
          throw yaml.error("expected one template set", at: node)
        }
        return try SuiteFile.promptReferences(node, .templates, folder, yaml).first
      }
    }
    base = try reference("base")
    from = try reference("from")
    selection = try fields["select"].map { node -> Selection in
      switch try yaml.text(node, "half, train, a split or none") {
      case "half": return .half
      case "train": return .train
      case "none": return .nothing
      case let split: return .split(split)
      }
    }
    size = try fields["size"].map { try Self.number($0, from: 1, "a number of templates", yaml) }
    seed = try fields["seed"].map { try Self.number($0, from: 0, "a seed", yaml) }
    guard selection == .nothing else { return }
    for key in ["size", "seed"] {
      guard let node = fields[key] else { continue }
      throw yaml.error("nothing is selected: \(key) has no use", at: node)
    }
  }

  private static func number(
    _ node: Node, from lowest: Int, _ what: String, _ yaml: YAMLReader
  ) throws -> Int {
    let written = try yaml.text(node, what)
    guard let number = Int(written), (lowest...1_000_000).contains(number) else {
      throw yaml.error(
        "expected \(what) (\(lowest), \(lowest + 1), …), found \"\(written)\"", at: node)
    }
    return number
  }
}
