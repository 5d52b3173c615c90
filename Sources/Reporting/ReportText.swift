import Core
package import Experiments

/// What `report.md` and `report.tex` say, as Markdown: made once for both.
package struct ReportText: Sendable {
  struct Model: Sendable {
    var heading: String
    var blocks: [String]
    /// Nil for a model without results.
    var protocols: ProtocolSection?
  }

  /// What stands first.
  let lead: [String]
  /// Several models side by side.
  let comparison: [String]
  /// Every model that was asked for.
  let models: [Model]
  let sections: [ReportSection]
  /// Nil without rows.
  let legend: String?

  /// - Parameters:
  ///   - remarks: what a reader should know first, as plain text: what each suite says of itself, whether the run was finished.
  ///   - sections: what is made of the rows of several models or datasets.
  package init(
    rows: [ResultRow], tasks: [TaskOutcome], machine: MachineDescription?, remarks: [String] = [],
    sections: [ReportSection] = []
  ) {
    lead =
      ["# clip-eval report"] + remarks.map(Markdown.escaped) + [Self.summary(rows, tasks)]
      + [machine?.sentence].compactMap(\.self)
    comparison = ModelComparison.blocks(rows)
    models = (rows.map(\.model) + tasks.map(\.model)).uniqued().map { model in
      let part = MarkdownReport.part(of: model, rows, tasks)
      return Model(
        heading: "## \(Markdown.escaped(model))", blocks: part.blocks, protocols: part.protocols)
    }
    self.sections = sections
    legend = rows.isEmpty ? nil : MarkdownReport.legend(rows)
  }

  private static func summary(_ rows: [ResultRow], _ tasks: [TaskOutcome]) -> String {
    let datasets = rows.map(\.dataset).uniqued().count
    var parts = [
      "\(counted(rows.count, "result")) on \(counted(datasets, "dataset")).",
      "Values are percentages.",
    ]
    let incomplete = tasks.count { $0.status != .ok }
    if incomplete > 0 { parts.append("**\(counted(incomplete, "task")) gave no result.**") }
    // Tasks that differ in prompts alone lose the same samples.
    let lost = Set(
      tasks.flatMap { task in
        task.failedSamples.map { [task.model, task.experiment, task.dataset, $0.id] }
      }
    ).count
    if lost > 0 { parts.append("**\(counted(lost, "sample")) could not be evaluated.**") }
    return parts.joined(separator: " ")
  }
}
