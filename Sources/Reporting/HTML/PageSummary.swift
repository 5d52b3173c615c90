import Core
import Experiments

/// What ran, what failed and what is partial.
struct PageSummary {
  let rows: [ResultRow]
  let tasks: [TaskOutcome]
  let machine: MachineDescription?

  private static let mostSamples = 50
  /// Longer tables of tasks without a result begin closed: results come first.
  private static let mostOpenTasks = 5

  var markup: String { tiles + machineLine + failures + partial + samples }

  private var tiles: String {
    let shown = rows.filter(PageResults.isShown)
    let done = tasks.count { $0.status == .ok }
    let open = tasks.count - done
    var tiles = [
      tile(
        counted(rows.count, "result"),
        "on \(counted(rows.map(\.datasetName).uniqued().count, "dataset"))"),
      tile(
        counted(rows.map(\.model).uniqued().count, "model"),
        rows.map(\.experiment).uniqued().joined(separator: ", ")),
    ]
    if !tasks.isEmpty {
      tiles.append(
        open == 0
          ? tile("\(done) of \(tasks.count)", "tasks gave results", "good")
          : tile("\(open) of \(tasks.count)", "tasks gave no result", "bad"))
    }
    let partial = shown.filter(\.partial).map(\.datasetName).uniqued().count
    if partial > 0 {
      tiles.append(
        tile(counted(partial, "dataset"), "partial: not all of its samples or classes", "bad"))
    }
    let lost = Set(
      tasks.flatMap { task in task.failedSamples.map { [task.model, task.dataset, $0.id] } }
    ).count
    if lost > 0 { tiles.append(tile(counted(lost, "sample"), "could not be evaluated", "bad")) }
    let compared = shown.filter { $0.verdict != .noReference }
    if !compared.isEmpty {
      let verdicts = Verdict.allCases.compactMap { verdict -> String? in
        let count = compared.count { $0.verdict == verdict }
        return count > 0 ? "\(count) \(verdict.rawValue)" : nil
      }
      tiles.append(
        tile(
          "\(compared.count) compared",
          "with published numbers: \(verdicts.joined(separator: ", "))"))
    }
    return "<ul class=\"tiles\">\(tiles.joined())</ul>\n"
  }

  private func tile(_ figure: String, _ text: String, _ kind: String = "") -> String {
    "<li class=\"\(kind)\"><b>\(HTML.escaped(figure))</b> <span>\(HTML.escaped(text))</span></li>"
  }

  private var machineLine: String {
    machine.map { "<p class=\"quiet\">\(MarkdownHTML(subject: "").inline($0.sentence))</p>\n" }
      ?? ""
  }

  private var failures: String {
    let open = tasks.filter { $0.status != .ok }
    guard !open.isEmpty else { return "" }
    var table = HTMLTable(
      "Tasks without a result",
      [.text("Dataset"), .text("Status"), .text("Reason"), .text("Experiment"), .text("Model")])
    let lines = open.map { task in
      [
        task.dataset, task.status.rawValue, task.message ?? Markdown.unknown, task.experiment,
        task.model,
      ]
    }.uniqued()
    for cells in lines {
      table.append(
        cells.enumerated().map { index, cell in
          index == 1 ? "<span class=\"bad\">\(HTML.escaped(cell))</span>" : HTML.escaped(cell)
        })
    }
    guard lines.count > Self.mostOpenTasks else { return table.markup }
    // All names stand in the open, on paper too; reasons are long.
    let names = open.map(\.status).uniqued().map { status in
      let datasets = open.filter { $0.status == status }.map(\.dataset).uniqued()
      return
        "<p><span class=\"bad\">\(status.rawValue):</span> \(HTML.escaped(datasets.joined(separator: ", ")))</p>"
    }.joined(separator: "\n")
    return
      "\(names)\n<details class=\"reasons\"><summary>Reasons of \(counted(lines.count, "task"))</summary>\n\(table.markup)</details>\n"
  }

  private var partial: String {
    let lines = rows.filter { $0.partial && PageResults.isShown($0) }.map { row in
      [
        row.datasetName, row.protocol.split ?? Markdown.unknown, "\(row.n)",
        row.nExpected.map { String($0) } ?? Markdown.unknown, "\(row.nFailed)",
      ]
    }.uniqued()
    guard !lines.isEmpty else { return "" }
    var table = HTMLTable(
      "Partial: not all samples, or classes, of a known split",
      [
        .text("Dataset"), .text("Split"), .number("Evaluated"), .number("Expected"),
        .number("Failed"),
      ])
    for cells in lines { table.append(cells.map(HTML.escaped)) }
    return table.markup
  }

  private var samples: String {
    let affected = tasks.filter { !$0.failedSamples.isEmpty }
    guard !affected.isEmpty else { return "" }
    let lists = affected.map { task in
      let items = task.failedSamples.prefix(Self.mostSamples).map {
        "<li>\(HTML.escaped($0.id)): \(HTML.escaped($0.reason))</li>"
      }.joined()
      let rest = task.failedSamples.count - Self.mostSamples
      let title =
        "\(task.dataset), \(task.experiment), \(task.model): \(task.failedSamples.count)"
      return "<h4>\(HTML.escaped(title))</h4><ul>\(items)</ul>"
        + (rest > 0 ? "<p class=\"quiet\">and \(rest) others, listed in run.json</p>" : "")
    }.uniqued()
    return
      "<details><summary>Samples that could not be evaluated</summary>\(lists.joined())</details>\n"
  }
}
