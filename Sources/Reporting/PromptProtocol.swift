import Core
import Experiments

/// The words of an evaluation: what two rows may differ in and still be put side by side in a comparison of prompts.
struct PromptProtocol: Hashable {
  let classNames: PromptSetName
  /// The whole set, where one template of it was used.
  let templates: PromptSetName
  /// Of the template in its set, from 1; nil for all of them together.
  let template: Int?
  /// `probability`, where a set is no ensemble in embedding space, as it is where nothing is said.
  let ensemble: String?

  init(_ record: EvaluationProtocol) {
    classNames = PromptSetName(
      reference: record.classNameSet, hash: record.classNamesHash, dataset: record.dataset)
    ensemble = record.ensemble == "embedding" ? nil : record.ensemble
    let parsed = record.templateSet.flatMap { try? TemplateReference($0) }
    template = parsed?.number
    templates = PromptSetName(
      reference: parsed?.set ?? record.templateSet,
      // A single template's hash says nothing of the set's.
      hash: template == nil ? record.templatesHash : nil, dataset: record.dataset)
  }
}

extension PromptProtocol {
  /// The set, or the one template of it.
  var templatesText: String {
    templates.text + (template.map { Markdown.escaped("#\($0)") } ?? "")
      + (ensemble.map { " (\(Markdown.escaped($0)))" } ?? "")
  }
}

/// A prompt set as tables name it.
struct PromptSetName: Hashable {
  /// Without its dataset where that is the evaluated one; so the sets of one kind have one name on all datasets.
  let name: String?
  let hash: SHA256Digest?

  init(reference: String?, hash: SHA256Digest?, dataset: String) {
    let own = dataset + "/"
    name = reference.map { $0.hasPrefix(own) ? String($0.dropFirst(own.count)) : $0 }
    self.hash = hash
  }

  var text: String { name.map(Markdown.escaped) ?? Markdown.unknown }
}

/// What rows must agree in to be put side by side.
struct EvaluatedSplit: Hashable {
  let experiment: String
  let dataset: String
  let split: String?
  /// What was chosen of the dataset besides the split, as the protocol has it.
  let options: String?
  private let rest: [String?]

  /// - Parameter keys: of the protocol, besides the dataset and the split.
  init(_ row: ResultRow, sharing keys: [EvaluationProtocol.CodingKeys]) {
    experiment = row.experiment
    dataset = row.dataset
    split = row.protocol.split
    options = row.protocol.datasetOptions
    rest = keys.map { row.protocol.text($0) }
  }
}

extension EvaluatedSplit {
  /// The dataset with its options, as tables name it.
  var datasetText: String { Markdown.dataset(dataset, options: options) }
}

extension ResultRow {
  /// The dataset with its options, as tables name it.
  var datasetText: String { Markdown.dataset(dataset, options: `protocol`.datasetOptions) }
}

extension Markdown {
  static func dataset(_ id: String, options: String?) -> String {
    [id, options].compactMap { $0.map(escaped) }.joined(separator: " ")
  }
}

extension Sequence<ResultRow> {
  /// The rows by split, splits in order of first appearance.
  func grouped(
    by split: (ResultRow) -> EvaluatedSplit
  ) -> [(split: EvaluatedSplit, rows: [ResultRow])] {
    let groups = Dictionary(grouping: self, by: split)
    return map(split).uniqued().map { ($0, groups[$0] ?? []) }
  }
}
