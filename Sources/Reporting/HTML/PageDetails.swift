import Core
import Experiments
import Metrics
import Statistics

/// A section for each dataset with what single predictions tell: calibration, confusions, wrong samples, classes, templates.
struct PageDetails {
  private let datasets: [(name: String, id: String, details: [DatasetDetail])]
  let budget: PageBudget
  private let templates: [TemplateKey: [ResultRow]]

  private struct TemplateKey: Hashable {
    var experiment: String
    var model: String
    var dataset: String
    var metric: String
    var classNames: PromptSetName
    var templates: String?

    init(_ row: ResultRow) {
      let words = PromptProtocol(row.protocol)
      experiment = row.experiment
      model = row.model
      dataset = row.datasetName
      metric = row.metric
      classNames = words.classNames
      templates = words.templates.name
    }
  }

  init(_ details: [DatasetDetail], rows: [ResultRow]) {
    let details = details.filter { !$0.rows.isEmpty }
    let groups = Dictionary(grouping: details) { $0.rows[0].datasetName }
    datasets = details.map { $0.rows[0].datasetName }.uniqued().enumerated().map {
      ($1, "d\($0)", groups[$1] ?? [])
    }
    budget = PageBudget(details)
    templates = Dictionary(
      grouping: rows.filter { $0.protocol.isOfSingleTemplate && $0.value != nil },
      by: TemplateKey.init)
  }

  /// Ids of the sections by dataset.
  var sections: [String: String] {
    Dictionary(uniqueKeysWithValues: datasets.map { ($0.name, $0.id) })
  }

  func markup(_ protocols: PageProtocols) -> String {
    guard !datasets.isEmpty else { return "" }
    let list = datasets.map { "<li><a href=\"#\($0.id)\">\(HTML.escaped($0.name))</a></li>" }
    // A page of few opens with something to see.
    let opensFirst = datasets.reduce(0) { $0 + $1.details.count } <= 30
    return "<ul class=\"index\">\(list.joined())</ul>\n"
      + datasets.map { dataset in
        let first = dataset.details[0]
        let facts = Self.facts(first)
        return
          "<section class=\"dataset\" id=\"\(dataset.id)\"><h3>\(HTML.escaped(dataset.name))</h3>"
          + "<p class=\"quiet\">\(HTML.escaped(facts))</p>\n"
          + dataset.details.enumerated().map {
            markup($1, isOpen: opensFirst && $0 == 0, protocols)
          }.joined() + "</section>\n"
      }.joined()
  }

  /// Of what a dataset consists.
  private static func facts(_ detail: DatasetDetail) -> String {
    let row = detail.rows[0]
    let sizes =
      detail.misses.map {
        [counted($0.imageCount, "image"), counted($0.captionCount, "caption")]
      } ?? [
        counted(detail.classes.count, "class", "classes"),
        counted(detail.precisions == nil ? detail.counts.trials.reduce(0, +) : row.n, "sample"),
      ]
    return (sizes + [row.protocol.split.map { "split \($0)" }].compactMap(\.self))
      .joined(separator: " · ")
  }

  /// The rows of single templates that are shown.
  var templateRows: [ResultRow] {
    datasets.flatMap { $0.details.flatMap { bestAndWorst($0).rows } }
  }

  private func markup(
    _ detail: DatasetDetail, isOpen: Bool, _ protocols: PageProtocols
  ) -> String {
    let row = detail.rows[0]
    let title = [row.model, row.experiment, row.setting, detail.run].filter { !$0.isEmpty }
      .joined(separator: " · ")
    let error = detail.calibration.map { " · ECE \(Percent.text($0.equalWidthError))" } ?? ""
    var result =
      "<details class=\"task\"\(isOpen ? " open=\"\"" : "")><summary><span>\(HTML.escaped(title))</span> <span class=\"figure\">\(IntervalPlot.markup(row))<b>\(Percent.text(row.value))</b> \(HTML.escaped(row.metric))\(error)</span></summary>\n"
    let values = detail.rows.map { row in
      "\(HTML.escaped(row.metric)) <b>\(Percent.text(row.value))</b> [\(Percent.text(row.interval95))] \(protocols.link(row))"
    }
    result += "<p>\(values.joined(separator: " · "))</p>\n"
    if let misses = detail.misses {
      result += self.misses(misses)
    } else if let precisions = detail.precisions {
      result += self.precisions(detail, precisions) + templates(detail, protocols)
    } else {
      result += "<div class=\"pair\">\(calibration(detail))\(confusions(detail))</div>\n"
      result += errors(detail) + templates(detail, protocols) + classes(detail)
    }
    return result + "</details>\n"
  }

  // MARK: parts

  private func calibration(_ detail: DatasetDetail) -> String {
    guard let calibration = detail.calibration else {
      return
        "<div><h4>Calibration</h4><p class=\"quiet\">Not known: the run has no probabilities for these predictions.</p></div>"
    }
    let gap = calibration.meanConfidence - calibration.accuracy
    let facts = [
      ("ECE, \(Calibration.binCount) bins of equal width", calibration.equalWidthError),
      ("ECE, \(Calibration.binCount) bins of equal mass", calibration.equalMassError),
      ("Mean confidence", calibration.meanConfidence), ("Accuracy", calibration.accuracy),
    ].map { "<dt>\($0.0)</dt><dd>\(Percent.text($0.1)) %</dd>" }.joined()
    let word = gap > 0 ? "Overconfident" : "Underconfident"
    return
      "<div><h4>Calibration</h4><figure class=\"calibration\">\(ReliabilityChart.markup(calibration))"
      + "<figcaption><dl class=\"settings\">\(facts)<dt>\(word) by</dt><dd>\(Percent.text(abs(gap))) points</dd></dl></figcaption></figure></div>"
  }

  private func confusions(_ detail: DatasetDetail) -> String {
    guard !detail.confusions.isEmpty else {
      return "<div><h4>Most confused</h4><p>No sample is taken for another class.</p></div>"
    }
    var table = HTMLTable(
      "Most confused pairs of classes", showsCaption: false,
      [.text("Class"), .text("Taken for"), .number("Samples"), .number("Of the class, %")])
    for pair in detail.confusions.prefix(min(10, budget.confusions)) {
      let samples = detail.counts.trials[pair.label]
      table.append([
        HTML.escaped(detail.name(pair.label)), HTML.escaped(detail.name(pair.prediction)),
        "\(pair.count)",
        Percent.text(samples > 0 ? Double(pair.count) / Double(samples) : nil),
      ])
    }
    let rest = detail.confusions.count - table.rowCount
    return "<div><h4>Most confused</h4>\(table.markup)"
      + (rest > 0 ? "<p class=\"quiet\">and \(counted(rest, "other pair"))</p>" : "") + "</div>"
  }

  private func errors(_ detail: DatasetDetail) -> String {
    let shown = detail.errors.prefix(budget.errors)
    guard !shown.isEmpty else { return "" }
    var pictures = budget.pictures
    let cards = shown.map { error in
      let guesses = error.guesses.map { guess in
        let kind = guess.classNumber == error.label ? " class=\"good\"" : ""
        let share = guess.probability.map { " <span>\(Percent.text($0))</span>" } ?? ""
        return "<li\(kind)>\(HTML.escaped(detail.name(guess.classNumber)))\(share)</li>"
      }.joined()
      return Self.card(
        id: error.id, jpeg: error.jpeg, pictures: &pictures,
        "<p><span class=\"quiet\">true:</span> <b class=\"good\">\(HTML.escaped(detail.name(error.label)))</b></p><ol>\(guesses)</ol>"
      )
    }.joined()
    return
      "<h4>Typical errors</h4><p class=\"quiet\">\(shown.count) of \(detail.errorCount) wrong predictions: the most confident of each confused pair, with the five best classes"
      + (shown.contains { $0.guesses.first?.probability != nil }
        ? " and their probabilities, %" : "")
      + ".</p>\n<ul class=\"errors\">\n\(cards)</ul>\n"
  }

  /// Up to three of each among the templates of the task's set that were taken alone, the best first.
  private func bestAndWorst(_ detail: DatasetDetail) -> (rows: [ResultRow], alone: Int) {
    guard let alone = templates[TemplateKey(detail.rows[0])], alone.count > 1 else {
      return ([], 0)
    }
    let sorted = alone.enumerated().sorted {
      ($1.element.value ?? 0, $0.offset) < ($0.element.value ?? 0, $1.offset)
    }.map(\.element)
    let count = min(3, sorted.count / 2)
    return (Array(sorted.prefix(count) + sorted.suffix(count)), alone.count)
  }

  private func templates(_ detail: DatasetDetail, _ protocols: PageProtocols) -> String {
    let (rows, alone) = bestAndWorst(detail)
    guard !rows.isEmpty else { return "" }
    var table = HTMLTable(
      "Best and worst templates alone", showsCaption: false,
      [
        .text("Template"), .number(detail.rows[0].metric), .number("95 % interval"),
        .number("Against all together"), .text("Protocol"),
      ])
    for row in rows {
      let together = detail.rows[0].value
      let difference = row.value.flatMap { value in together.map { value - $0 } }
      table.append([
        HTML.escaped(row.protocol.templateSet ?? Markdown.unknown), Percent.text(row.value),
        Percent.text(row.interval95), Percent.signed(difference), protocols.link(row),
      ])
    }
    return
      "<h4>Best and worst templates</h4><p class=\"quiet\">\(rows.count / 2) of each, of \(alone) taken alone.</p>\n\(table.markup)"
  }
}
