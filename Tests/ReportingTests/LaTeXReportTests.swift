import Core
import Experiments
import Foundation
import Reporting
import Statistics
import TestSupport
import Testing

/// `Tools/check-report-formats.py` compiles what these look at as text.
struct LaTeXReportTests {
  private func report(
    _ rows: [ResultRow], tasks: [TaskOutcome] = [], sections: [ReportSection] = []
  ) -> String {
    LaTeXReport.render(ReportText(rows: rows, tasks: tasks, machine: nil, sections: sections))
  }

  private func row(
    _ dataset: String, model: String, _ value: Double?, interval: Interval? = nil
  ) throws -> ResultRow {
    try ResultRow(
      experiment: "zero-shot", dataset: dataset, model: model, metric: "accuracy", value: value,
      interval95: nil, interval99_5: interval, intervalMethod: nil, n: 100, nExpected: 100,
      nFailed: 0, partial: false, chance: nil, reference: nil, verdict: .noReference,
      nearTies: nil, emptyClasses: nil,
      protocol: ReportFixture.makeProtocol(dataset, "accuracy", model: model))
  }

  /// The table of that name as it can be pasted.
  private func block(_ name: String, of text: String) throws -> String {
    let start = try #require(text.range(of: "% table tab:\(name)\n"))
    let end = try #require(text.range(of: "% end of tab:\(name)\n"))
    return String(text[start.upperBound..<end.lowerBound])
  }

  @Test("report.tex is the committed one")
  func golden() throws {
    let text = LaTeXReport.render(
      ReportText(
        rows: try ReportFixture.rows(), tasks: ReportFixture.tasks, machine: ReportTests.machine))
    try ReportTests().expectGolden(text, "report.tex")
  }

  @Test(
    "whatever a name holds is shown",
    arguments: [
      (
        "50% of $x & #1_{y}~^\\",
        ##"50\% of \$x \& \#1\_\{y\}\textasciitilde{}\textasciicircum{}\textbackslash{}"##
      ),
      ("<b>|\"q\"", ##"\textless{}b\textgreater{}\textbar{}\textquotedbl{}q\textquotedbl{}"##),
      ("--no ,, ''", "-{}-no ,{}, '{}'"), ("–- ’’ !‘", "--{}- '{}' !{}`"),
      ("[x] *y*", "{[}x{]} {*}y{*}"),
      ("Ångström é ñ ż ğ", ##"\r{A}ngstr\"{o}m \'{e} \~{n} \.{z} \u{g}"##),
      ("í ş ą ế", ##"\'{\i} \c{s} \k{a} \'{\^{e}}"##),
      ("Straße œuvre łódź", ##"Stra\ss{}e \oe{}uvre \l{}\'{o}d\'{z}"##),
      ("1–2 × 3 ≥ −4 → α", ##"1--2 $\times$ 3 $\geq$ $-$4 $\rightarrow$ $\alpha$"##),
      ("中文", ##"\texttt{U+4E2D}\,\texttt{U+6587}"##), ("a🙂", ##"a\texttt{U+1F642}"##),
      ("tab\there", "tab here"), ("\u{0301}a", ##"\texttt{U+0301}a"##),
    ])
  func escaped(name: String, expected: String) throws {
    let rows = try [row(name, model: "a", 0.5), row("Other", model: "a", 0.25)]
    let text = report(rows)
    #expect(text.utf8.allSatisfy { $0 < 128 })
    #expect(try block("a-zero-shot", of: text).contains("\n\(expected) & "), "\(text)")
  }

  @Test("a long word may be broken, so that it does not run out of its column")
  func longWords() throws {
    let path = "/data/imagenet/val/n01440764/ILSVRC2012.JPEG"
    let task = TaskOutcome(
      experiment: "zero-shot", dataset: "D", model: "a", status: .failed, message: path)
    let text = report([try row("D", model: "a", 0.5)], tasks: [task])
    let block = try block("a-tasks-without-a-result", of: text)
    #expect(block.contains("/data/\\allowbreak{}imagenet/\\allowbreak{}val/\\allowbreak{}"))
    #expect(block.replacing("\\allowbreak{}", with: "").contains(path))
  }

  @Test("in bold: the best, and what its 99.5 % interval does not tell from it; of means the best")
  func bold() throws {
    let interval = Interval(lower: 0.7, upper: 0.9)
    let narrow = Interval(lower: 0.79, upper: 0.81)
    let rows = try [
      row("A", model: "x", 0.8, interval: interval), row("B", model: "x", 0.8, interval: narrow),
      row("A", model: "y", 0.7, interval: interval), row("B", model: "y", 0.7, interval: narrow),
      row("A", model: "z", 0.6999, interval: interval), row("B", model: "z", nil),
    ]
    let block = try block("all-models-zero-shot", of: report(rows))
    #expect(block.contains("\nA & \\textbf{80.0} & \\textbf{70.0} & 70.0 \\\\\n"))
    #expect(block.contains("\nB & \\textbf{80.0} & 70.0 & -- \\\\\n"))
    #expect(
      report(rows).contains("Metric: accuracy") && !block.contains("accuracy &"),
      "what all rows share is in the caption")
  }

  @Test("a table that is too wide is cut, each part with the names of its rows")
  func parts() throws {
    let models = (1...40).map { "model-number-\($0)" }
    let rows = try models.flatMap { model in
      try ["A", "B", "C"].map { try row($0, model: model, 0.5) }
    }
    let text = report(rows)
    let first = try block("all-models-zero-shot", of: text)
    let second = try block("all-models-zero-shot-part-2", of: text)
    for part in [first, second] {
      let lines = part.split(separator: "\n").filter { $0.hasPrefix("A & ") }
      #expect(lines.count == 1)
      let specification = try #require(part.firstMatch(of: /\{tabular\}\{@\{\}(l?r+)@\{\}\}/))
      #expect(lines[0].count { $0 == "&" } + 1 == specification.1.count)
    }
    let cells = text.matches(of: /\nA & ([^\\]*(?:\\textbf\{50\.0\}[^\\]*)*)/).map(\.1)
      .joined().matches(of: /50\.0/).count
    #expect(cells >= 40)
  }

  @Test("a long table goes over pages")
  func long() throws {
    let rows = try (1...60).map { try row("Dataset\($0)", model: "a", Double($0) / 100) }
    let block = try block("a-zero-shot", of: report(rows))
    #expect(block.contains("\\begin{longtable}") && block.contains("\\endfirsthead"))
    #expect(block.split(separator: "\n").count { $0.hasPrefix("Dataset") && $0 != "Dataset" } >= 60)
  }

  @Test("sections have their tables; one of figures alone is left out")
  func sections() throws {
    let rows = [try row("A", model: "a", 0.5)]
    let sections = [
      ReportSection(
        title: "Only figures", blocks: ["![f](figures/f.svg)\n\n[Numbers](figures/f.csv)\n"]),
      ReportSection(
        title: "With a table", blocks: ["of x:\n\n| A | B |\n| --- | --: |\n| a\\|b | **1** |\n"]),
    ]
    let text = report(rows, sections: sections)
    #expect(!text.contains("Only figures"))
    let block = try block("with-a-table-of-x", of: text)
    #expect(block.contains("\\caption{With a table, of x.}\\label{tab:with-a-table-of-x}"))
    #expect(block.contains("\na\\textbar{}b & \\textbf{1} \\\\\n"))
  }
}
