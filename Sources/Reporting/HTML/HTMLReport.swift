import Core
package import Experiments

/// `report.html`: one file that needs nothing besides itself, neither network nor the folder it lies in. Made of the same values as
/// `report.md`; what it shows of single predictions is in `DatasetDetail`.
///
/// Everything reads and prints without scripts: they sort and filter tables, and show protocols where one is.
package struct HTMLReport: Sendable {
  package var title = "clip-eval report"
  package var rows: [ResultRow]
  /// The name of each row's run; empty in a report of one.
  package var runs: [String] = []
  package var tasks: [TaskOutcome]
  package var machine: MachineDescription?
  /// What a reader should know first, as plain text.
  package var remarks: [String] = []
  /// What is made of the rows of several models or datasets.
  package var sections: [ReportSection] = []
  /// Those that sections show.
  package var figures: [FigureFile] = []
  package var details: [DatasetDetail] = []

  package init(rows: [ResultRow], tasks: [TaskOutcome], machine: MachineDescription?) {
    self.rows = rows
    self.tasks = tasks
    self.machine = machine
  }

  package func render() -> String {
    let pages = PageDetails(details, rows: rows)
    let shown = rows.filter(PageResults.isShown)
    let protocols = PageProtocols(shown + pages.templateRows)
    var parts: [(id: String, title: String, markup: String)] = [
      ("summary", "Summary", PageSummary(rows: rows, tasks: tasks, machine: machine).markup),
      (
        "results", "Results",
        PageResults(rows, runs: runs, sections: pages.sections, protocols: protocols).markup
      ),
    ]
    func add(_ title: String, _ blocks: [String]) {
      let markup = MarkdownHTML(figures: figures, subject: title, protocols: protocols)
        .markup(blocks)
      if !markup.isEmpty { parts.append(("s\(parts.count)", title, markup)) }
    }
    add("All models", Array(ModelComparison.blocks(rows).dropFirst()))
    for section in sections { add(section.title, section.blocks) }
    let datasets = pages.markup(protocols)
    if !datasets.isEmpty { parts.append(("datasets", "Datasets", datasets)) }
    let models = rows.map(\.model).uniqued().map { model in
      let blocks = MarkdownReport.blocks(ofModel: model, rows)
      let markup = MarkdownHTML(subject: model, protocols: protocols).markup(blocks)
      return markup.isEmpty
        ? ""
        : "<details class=\"task\"><summary>\(HTML.escaped(model))</summary>\n\(markup)</details>\n"
    }.joined()
    if !models.isEmpty {
      parts.append(
        (
          "models", "Models",
          "<p class=\"quiet\">Fits of probes, robustness, what prompts change, agreement with float32.</p>\n\(models)"
        ))
    }
    parts.append(("protocols", "Protocols", protocols.markup))
    if !rows.isEmpty {
      let legend = MarkdownReport.legend(rows).split(separator: "\n").dropFirst().joined(
        separator: "\n")
      parts.append(
        ("legend", "Legend", MarkdownHTML(subject: "Legend").markup([legend])))
    }
    return page(parts.filter { !$0.markup.isEmpty })
  }

  private func page(_ parts: [(id: String, title: String, markup: String)]) -> String {
    let style = PageStyle.text + Palette.styleSheet
    let policy =
      "default-src 'none'; img-src data:; style-src '\(SHA256.integrity(style))'; script-src '\(SHA256.integrity(PageScript.text))'; base-uri 'none'; form-action 'none'"
    let links = parts.map { "<li><a href=\"#\($0.id)\">\(HTML.escaped($0.title))</a></li>" }
    let sections = parts.map {
      "<section id=\"\($0.id)\" class=\"part\"><h2>\(HTML.escaped($0.title))</h2>\n\($0.markup)</section>\n"
    }
    let lead = remarks.map { "<p>\(HTML.escaped($0))</p>\n" }.joined()
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta http-equiv="Content-Security-Policy" content="\(policy)"/>
      <meta name="color-scheme" content="light dark"/>
      <title>\(HTML.escaped(title))</title>
      <style>\(style)</style>
      </head>
      <body>
      <a class="skip" href="#summary">Skip to the summary</a>
      <header><h1>\(HTML.escaped(title))</h1>
      \(lead)</header>
      <nav aria-label="Parts of the report"><ul>\(links.joined())</ul></nav>
      <main>
      \(sections.joined())</main>
      <footer><p class="quiet">Values are percentages. Made by clip-eval\(machine?.version.map { " " + HTML.escaped($0) } ?? "") from \(runs.isEmpty ? "the run’s" : "the runs’") results alone.</p></footer>
      <dialog id="dialog" aria-labelledby="dialog-title"><form method="dialog"><h2 id="dialog-title">Protocol</h2><button>Close</button></form><div id="dialog-body"></div></dialog>
      <script>\(PageScript.text)</script>
      </body>
      </html>

      """
  }
}
