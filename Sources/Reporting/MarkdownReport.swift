import Core
package import Experiments
import Foundation
import Metrics

/// `report.md`: what was measured, how it compares with the paper, under which protocol, and what is missing.
/// Made from result rows alone; a section for each model, in the order the rows come.
package enum MarkdownReport {
  package static func render(_ text: ReportText) -> String {
    var blocks = text.lead + text.comparison
    for section in text.sections {
      blocks += ["## \(Markdown.escaped(section.title))"] + section.blocks
    }
    for model in text.models {
      blocks += [model.heading] + model.blocks
      if let protocols = model.protocols { blocks += ["### Protocol"] + protocols.blocks }
    }
    if let legend = text.legend { blocks.append(legend) }
    return blocks.map { $0.hasSuffix("\n") ? $0 : $0 + "\n" }.joined(separator: "\n")
  }

  /// What there is of one model: its results, and the protocols that they were made under.
  static func part(
    of model: String, _ rows: [ResultRow], _ tasks: [TaskOutcome]
  ) -> (blocks: [String], protocols: ProtocolSection?) {
    var blocks: [String] = []
    let robust = rows.filter { $0.model == model && $0.robustness != nil }
    let all = rows.filter { $0.model == model && $0.robustness == nil }
    let prompts = PromptComparison(all)
    let own = all.filter { !prompts.leavesOut($0) }
    for experiment in own.map(\.experiment).uniqued() {
      blocks.append("### \(Markdown.escaped(experiment))")
      let rows = own.filter { $0.experiment == experiment }
      blocks += ProbeTables.blocks(rows.filter { $0.probe != nil }, others: all)
      let rest = rows.filter { $0.probe == nil }
      guard !rest.isEmpty else { continue }
      blocks.append(
        experiment == RetrievalExperiment.name
          ? RetrievalTable.text(rest)
          : results(rest, namesPrompts: !prompts.isEmpty || experiment == PromptStudy.experiment))
    }
    if !robust.isEmpty {
      blocks.append("### \(Markdown.escaped(RobustnessExperiment.name))")
      blocks += RobustnessResults.blocks(robust)
    }
    if all.count > own.count {
      blocks.append(
        "Not shown: \(counted(all.count - own.count, "result")) of single templates (`set#number`), which are summed up below and listed in results.csv."
      )
    }
    blocks += prompts.blocks
    if let agreement = precisionAgreement(own) {
      blocks += ["### Agreement with float32", agreement]
    }
    if let incomplete = incompleteTasks(tasks.filter { $0.model == model }) {
      blocks += ["### Tasks without a result", incomplete]
    }
    blocks += failedSamples(tasks.filter { $0.model == model })
    let means = FewShotTable.Means(own)
    return (
      blocks,
      own.isEmpty && robust.isEmpty
        ? nil
        : ProtocolSection(
          own.filter { !means.replace($0) } + robust.filter { $0.probe?.seed == nil })
    )
  }

  /// What the report tells of one model besides the table of all results.
  static func blocks(ofModel model: String, _ rows: [ResultRow]) -> [String] {
    let all = rows.filter { $0.model == model && $0.robustness == nil }
    let robust = rows.filter { $0.model == model && $0.robustness != nil }
    var blocks: [String] = []
    for experiment in all.map(\.experiment).uniqued() {
      let own = all.filter { $0.experiment == experiment && $0.probe != nil }
      guard !own.isEmpty else { continue }
      blocks += ["### \(Markdown.escaped(experiment))"] + ProbeTables.blocks(own, others: all)
    }
    let shifts = RobustnessResults.blocks(robust)
    if !shifts.isEmpty {
      blocks += ["### \(Markdown.escaped(RobustnessExperiment.name))"] + shifts
    }
    let prompts = PromptComparison(all)
    blocks += prompts.blocks
    if let agreement = precisionAgreement(all.filter { !prompts.leavesOut($0) }) {
      blocks += ["### Agreement with float32", agreement]
    }
    return blocks
  }

  /// - Parameter namesPrompts: with the class names and templates of each row, where a dataset has rows under several.
  private static func results(_ rows: [ResultRow], namesPrompts: Bool) -> String {
    let promptColumns: [(title: String, alignment: MarkdownTable.Alignment)] = [
      ("Class names", .left), ("Templates", .left),
    ]
    var table = MarkdownTable(
      [("Dataset", .left)] + (namesPrompts ? promptColumns : []) + [
        ("Metric", .left), ("Value", .right), ("95 % interval", .right),
        ("n / expected", .right), ("Failed", .right), ("Chance", .right), ("Paper", .right),
        ("Delta", .right), ("Verdict", .left), ("Protocol", .left),
      ])
    for row in rows {
      let prompts = PromptProtocol(row.protocol)
      table.append(
        [row.datasetText + (row.partial ? " **(partial)**" : "")]
          + (namesPrompts ? [prompts.classNames.text, prompts.templatesText] : []) + [
            Markdown.escaped(row.metric), Percent.text(row.value), Percent.text(row.interval95),
            "\(row.n) / \(row.nExpected.map { String($0) } ?? Markdown.unknown)", "\(row.nFailed)",
            Percent.text(row.chance), Percent.text(row.reference?.value), Percent.signed(row.delta),
            row.verdict.rawValue + (row.explainedBy.map { " (\(Markdown.escaped($0)))" } ?? ""),
            "`\(row.protocolHash.short)`",
          ])
    }
    return table.text
  }

  /// A line for each dataset whose features are not float32: what that changed, on a sample of its images.
  static func precisionAgreement(_ rows: [ResultRow]) -> String? {
    var table = MarkdownTable([
      ("Dataset", .left), ("Precision", .left), ("Samples", .right), ("Mean cosine", .right),
      ("Smallest cosine", .right), ("Same top-1", .right),
    ])
    var seen: Set<[String]> = []
    for row in rows {
      guard let agreement = row.precisionAgreement else { continue }
      let cells = [
        row.datasetText,
        row.protocol.precision.map(Markdown.escaped) ?? Markdown.unknown,
        "\(agreement.n)", String(format: "%.6f", agreement.meanCosine),
        String(format: "%.6f", agreement.minimumCosine), Percent.text(agreement.sameTop1),
      ]
      if seen.insert(cells).inserted { table.append(cells) }
    }
    guard !table.isEmpty else { return nil }
    return table.text
      + "\nMeasured on the number of images under Samples, spread evenly over the split; the top-1 of each precision is with classes from its own text features.\n"
  }

  private static func incompleteTasks(_ tasks: [TaskOutcome]) -> String? {
    var table = MarkdownTable([
      ("Dataset", .left), ("Experiment", .left), ("Status", .left), ("Reason", .left),
    ])
    let lines = tasks.filter { $0.status != .ok }.map { task in
      [
        Markdown.escaped(task.dataset), Markdown.escaped(task.experiment), task.status.rawValue,
        task.message.map(Markdown.escaped) ?? Markdown.unknown,
      ]
    }
    for line in lines.uniqued() { table.append(line) }
    return table.isEmpty ? nil : table.text
  }

  private static func failedSamples(_ tasks: [TaskOutcome]) -> [String] {
    let affected = tasks.filter { !$0.failedSamples.isEmpty }
    guard !affected.isEmpty else { return [] }
    return ["### Samples that could not be evaluated"]
      + affected.map { task in
        let heading =
          "\(Markdown.escaped(task.dataset)), \(Markdown.escaped(task.experiment)): \(task.failedSamples.count)\n\n"
        return heading
          + task.failedSamples
          .map { "- \(Markdown.escaped($0.id)): \(Markdown.escaped($0.reason))\n" }.joined()
      }.uniqued()
  }
}
