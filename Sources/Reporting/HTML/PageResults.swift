import Core
import Experiments

/// Every result in one table, but for those of single templates and single seeds, which are summed up elsewhere.
struct PageResults {
  let rows: [ResultRow]
  /// Of each row; empty in a report of one run.
  private let runs: [String]
  /// By their dataset's name.
  let sections: [String: String]
  let protocols: PageProtocols
  private let models: [String]
  private let left: (templates: Int, seeds: Int)

  /// - Parameter sections: ids of the sections of datasets that have one.
  init(
    _ all: [ResultRow], runs: [String], sections: [String: String], protocols: PageProtocols
  ) {
    let shown = all.filter(Self.isShown)
    self.runs = zip(all, runs).filter { Self.isShown($0.0) }.map(\.1)
    rows = shown
    models = shown.map(\.model).uniqued()
    left = (
      all.count { $0.protocol.isOfSingleTemplate },
      all.count { !$0.protocol.isOfSingleTemplate && !Self.isShown($0) }
    )
    self.sections = sections
    self.protocols = protocols
  }

  static func isShown(_ row: ResultRow) -> Bool {
    !row.protocol.isOfSingleTemplate && row.probe?.seed == nil
  }

  var markup: String {
    guard !rows.isEmpty else { return "<p>No results.</p>\n" }
    return filters + table + notes
  }

  // MARK: filters

  /// Shown by the script, which is what makes them work.
  private var filters: String {
    var controls =
      "<label class=\"wide\">Search <input type=\"search\" id=\"search\" placeholder=\"dataset, model, setting…\"/></label>"
    controls += choice("Model", "model", models)
    controls += choice("Experiment", "experiment", rows.map(\.experiment).uniqued())
    controls += choice("Run", "run", runs.uniqued())
    controls += choice(
      "Verdict", "verdict",
      Verdict.allCases.filter { verdict in rows.contains { $0.verdict == verdict } }.map(\.rawValue)
    )
    if rows.count > mainRows {
      controls +=
        "<label class=\"check\"><input type=\"checkbox\" id=\"main-only\" checked=\"\"/> Main metrics only</label>"
    }
    if rows.contains(where: \.partial), rows.contains(where: { !$0.partial }) {
      controls +=
        "<label class=\"check\"><input type=\"checkbox\" id=\"partial-only\"/> Partial only</label>"
    }
    return
      "<form id=\"filters\" hidden=\"\">\(controls)<output id=\"shown\" role=\"status\"></output></form>\n"
  }

  private func choice(_ title: String, _ key: String, _ values: [String]) -> String {
    guard values.count > 1 else { return "" }
    let options = values.map { "<option>\(HTML.escaped($0))</option>" }.joined()
    return
      "<label>\(title) <select data-key=\"\(key)\"><option value=\"\">all</option>\(options)</select></label>"
  }

  // MARK: table

  private var table: String {
    let hasReferences = rows.contains { $0.reference != nil }
    let hasFailed = rows.contains { $0.nFailed > 0 }
    var columns: [HTMLTable.Column] = [.text("Dataset")]
    if models.count > 1 { columns.append(.text("Model")) }
    columns += [.number("Value"), .number("95 % interval"), .drawing("0 to 100")]
    if hasReferences { columns += [.number("Paper"), .number("Delta"), .text("Verdict")] }
    // Before what is wide: in sight without scrolling.
    columns += [
      .text("Protocol"), .text("Metric"), .text("Experiment"), .text("Setting"),
      .number("n / expected"),
    ]
    if hasFailed { columns.append(.number("Failed")) }
    columns.append(.number("Chance"))
    if !runs.isEmpty { columns.append(.text("Run")) }
    var table = HTMLTable(
      "Results, percent", showsCaption: false, name: "result-table",
      isLong: true, columns)
    for (place, (row, isMain)) in zip(rows, isMain).enumerated() {
      var cells = [dataset(row)]
      if models.count > 1 { cells.append(HTML.escaped(row.model)) }
      cells += [
        "<b>\(Percent.text(row.value))</b>", Percent.text(row.interval95), IntervalPlot.markup(row),
      ]
      if hasReferences {
        cells += [
          row.reference.map {
            "<span title=\"\(HTML.escaped($0.source))\">\(Percent.text($0.value))</span>"
          }
            ?? Markdown.unknown, Percent.signed(row.delta),
          row.verdict.markup
            + (row.explainedBy.map { " <span class=\"quiet\">(\(HTML.escaped($0)))</span>" } ?? ""),
        ]
      }
      cells += [
        protocols.link(row), HTML.escaped(row.metric), HTML.escaped(row.experiment),
        HTML.escaped(row.setting),
        row.nExpected == row.n
          ? "\(row.n)"
          : "\(row.n) / \(row.nExpected.map { String($0) } ?? Markdown.unknown)",
      ]
      if hasFailed { cells.append("\(row.nFailed)") }
      cells.append(Percent.text(row.chance))
      if !runs.isEmpty { cells.append(HTML.escaped(runs[place])) }
      var attributes =
        " data-model=\"\(HTML.escaped(row.model))\" data-experiment=\"\(HTML.escaped(row.experiment))\""
      if hasReferences { attributes += " data-verdict=\"\(row.verdict.rawValue)\"" }
      if !runs.isEmpty { attributes += " data-run=\"\(HTML.escaped(runs[place]))\"" }
      if isMain { attributes += " data-main=\"\"" }
      if row.partial { attributes += " data-partial=\"\"" }
      table.append(cells, attributes: attributes)
    }
    return table.markup
  }

  private func dataset(_ row: ResultRow) -> String {
    let name = HTML.escaped(row.datasetName)
    return (sections[row.datasetName].map { "<a href=\"#\($0)\">\(name)</a>" } ?? name)
      + (row.partial ? " <span class=\"bad tag\">partial</span>" : "")
  }

  private var mainRows: Int { isMain.count { $0 } }

  /// Of each row whether its metric is the one the paper reports: the first of its task's.
  private var isMain: [Bool] {
    var seen: Set<EvaluationProtocol> = []
    return rows.map { row in
      var key = row.protocol
      key.metric = nil
      return seen.insert(key).inserted
    }
  }

  private var notes: String {
    var lines = [
      "In the drawings: dot, the value; bar, its 95 % interval; grey tick, chance"
        + (rows.contains { $0.reference != nil } ? "; orange tick, the paper’s value." : "."),
      "A single n: all samples of the split.",
    ]
    let parts = [
      left.templates > 0 ? counted(left.templates, "result") + " of single templates" : nil,
      left.seeds > 0 ? counted(left.seeds, "result") + " of single seeds" : nil,
    ].compactMap(\.self)
    if !parts.isEmpty {
      lines.append("Not shown: \(parts.joined(separator: " and ")), listed in results.csv.")
    }
    return "<p class=\"quiet\">\(HTML.escaped(lines.joined(separator: " ")))</p>\n"
  }
}
