import Core
import Experiments
import Foundation
import Metrics
import Reporting
import Statistics
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// The page, read by an XML parser: its markup is well-formed XML too, but for its one style sheet and script.
struct HTMLReportTests {
  private final class Page: NSObject, XMLParserDelegate {
    struct Element {
      var name: String
      var attributes: [String: String]
      /// With that of all within.
      var text = ""
    }
    private(set) var elements: [Element] = []
    private var open: [Int] = []
    let style: String
    let script: String

    init(_ report: HTMLReport) throws {
      let page = report.render()
      func content(_ name: String) throws -> Substring {
        let start = try #require(page.range(of: "<\(name)>")).upperBound
        return page[start..<(try #require(page.range(of: "</\(name)>"))).lowerBound]
      }
      style = String(try content("style"))
      script = String(try content("script"))
      super.init()
      let markup = page.replacing(style, with: "", maxReplacements: 1)
        .replacing(script, with: "", maxReplacements: 1)
      let parser = XMLParser(data: Data(markup.utf8))
      parser.delegate = self
      try #require(
        parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "") \(parser.lineNumber)")
    }

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String] = [:]
    ) {
      open.append(elements.count)
      elements.append(Element(name: name, attributes: attributes))
    }

    func parser(
      _ parser: XMLParser, didEndElement name: String, namespaceURI: String?,
      qualifiedName: String?
    ) {
      open.removeLast()
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
      for index in open { elements[index].text += string }
    }

    func all(_ name: String) -> [Element] { elements.filter { $0.name == name } }

    func all(_ name: String, class kind: String) -> [Element] {
      all(name).filter {
        ($0.attributes["class"] ?? "").split(separator: " ").contains(Substring(kind))
      }
    }

    /// Cells of the rows of the table whose caption begins so.
    func cells(_ caption: String) -> [[String]] {
      guard
        let start = elements.firstIndex(where: {
          $0.name == "caption" && $0.text.hasPrefix(caption)
        })
      else { return [] }
      var rows: [[String]] = []
      for element in elements[start...].dropFirst() {
        switch element.name {
        case "tr": rows.append([])
        case "th", "td": rows[rows.count - 1].append(element.text)
        case "caption": return rows
        default: break
        }
      }
      return rows
    }
  }

  private static let hostile = "<script>alert('1')</script>\"&<b onload=\"x\">|*`\u{0}\u{202E}"

  private func row(
    _ dataset: String, value: Double, templates: String? = nil, model: String = "clip-mini",
    metric: String = "accuracy"
  ) throws -> ResultRow {
    var entry = ReportFixture.makeProtocol(dataset, metric, model: model)
    if let templates { entry.templateSet = templates }
    return try ResultRow(
      experiment: "zero-shot", dataset: dataset, model: model, metric: metric, value: value,
      interval95: Interval(lower: value - 0.1, upper: value + 0.1), interval99_5: nil,
      intervalMethod: "clopper-pearson", n: 8, nExpected: 8, nFailed: 0, partial: false,
      chance: 0.25, reference: nil, verdict: .noReference, nearTies: 0, emptyClasses: nil,
      protocol: entry)
  }

  /// Four classes, the last without a sample; eight samples, three of which are right.
  private func detail(
    _ rows: [ResultRow], names: [String] = ["cat", "dog", "fish", "owl"], jpeg: Data? = nil
  ) throws -> DatasetDetail {
    let labels = [0, 0, 0, 1, 1, 1, 2, 2]
    let predictions = [0, 1, 1, 1, 1, 0, 0, 0]
    let confidence: [Float] = [0.9, 0.8, 0.7, 0.6, 0.9, 0.4, 0.52, 0.3]
    return DatasetDetail(
      rows: rows, classes: names.enumerated().map { .init(id: "c\($0)", name: $1) },
      counts: try PerClassCounts(labels: labels, predictions: predictions, classCount: 4),
      confusions: Confusion.pairs(labels: labels, predictions: predictions),
      calibration: Calibration(
        confidence: confidence, isRight: zip(labels, predictions).map { $0 == $1 }),
      errors: [
        .init(
          id: "images/\(names[0]).png", label: 0,
          guesses: [
            .init(classNumber: 1, probability: 0.8), .init(classNumber: 0, probability: 0.15),
          ], jpeg: jpeg)
      ])
  }

  @Test("the page needs nothing besides itself, and allows its own style and script alone")
  func selfContained() throws {
    let rows = try ReportFixture.rows()
    var report = HTMLReport(rows: rows, tasks: ReportFixture.tasks, machine: ReportTests.machine)
    report.details = [try detail([rows[0]], jpeg: Data([0xFF, 0xD8]))]
    let page = try Page(report)
    for element in page.elements {
      for (name, value) in element.attributes {
        #expect(!name.hasPrefix("on") && name != "style", "\(element.name) \(name)")
        if ["src", "href", "action", "srcset", "data"].contains(name) {
          #expect(value.hasPrefix("#") || value.hasPrefix("data:image/jpeg;base64,"), "\(value)")
        }
      }
    }
    #expect(page.all("link").isEmpty && page.all("iframe").isEmpty)
    #expect(!page.style.contains("url(") && !page.style.contains("@import"))
    let policy = try #require(
      page.all("meta").first { $0.attributes["http-equiv"] == "Content-Security-Policy" }?
        .attributes["content"])
    #expect(policy.hasPrefix("default-src 'none'; img-src data:;"))
    for (kind, text) in [("style", page.style), ("script", page.script)] {
      let hex = SHA256.hash(text).hex
      let bytes = stride(from: 0, to: 64, by: 2).compactMap {
        UInt8(hex.dropFirst($0).prefix(2), radix: 16)
      }
      #expect(policy.contains("\(kind)-src 'sha256-\(Data(bytes).base64EncodedString())'"))
    }
  }

  @Test("every table has a caption and scopes; ids are there once; links lead somewhere")
  func structure() throws {
    let rows = try ReportFixture.rows()
    var report = HTMLReport(rows: rows, tasks: ReportFixture.tasks, machine: ReportTests.machine)
    report.details = [try detail([rows[0]])]
    report.figures = FigureFixture.all()
    report.sections = [
      ReportSection(title: "Figures", blocks: report.figures.map(\.markdown) + ["- *a*\n- b\n"])
    ]
    let page = try Page(report)
    let tables = page.all("table").count
    #expect(tables > 6)
    #expect(
      page.all("caption").count == tables && page.all("caption").allSatisfy { !$0.text.isEmpty })
    #expect(page.all("th").allSatisfy { ["col", "row"].contains($0.attributes["scope"]) })
    let ids = page.elements.compactMap { $0.attributes["id"] }
    #expect(Set(ids).count == ids.count)
    for link in page.all("a") {
      let target = try #require(link.attributes["href"]?.dropFirst())
      #expect(ids.contains(String(target)), "\(target)")
    }
    #expect(
      page.all("svg").filter { $0.attributes["class"] == "ce-figure" }.count == report.figures.count
    )
    #expect(
      page.all("svg").allSatisfy {
        $0.attributes["aria-hidden"] != nil || $0.attributes["role"] == "img"
      })
    #expect(page.all("style").count == 1)
    #expect(page.all("html").first?.attributes["lang"] == "en")
  }

  @Test("whatever names hold is text")
  func escaping() throws {
    let hostile = Self.hostile
    let rows = [
      try row(hostile, value: 0.5, templates: hostile, model: hostile),
      try row(hostile, value: 0.4, templates: "\(hostile)#1", model: hostile),
      try row(hostile, value: 0.3, templates: "\(hostile)#2", model: hostile),
    ]
    let tasks = [
      TaskOutcome(
        experiment: hostile, dataset: hostile, model: hostile, status: .failed, message: hostile,
        failedSamples: [FailedSample(id: hostile, reason: hostile)])
    ]
    var report = HTMLReport(
      rows: rows, tasks: tasks,
      machine: MachineDescription(processor: hostile, threads: 1, kernel: hostile, version: hostile)
    )
    report.title = hostile
    report.remarks = [hostile]
    report.sections = [ReportSection(title: hostile, blocks: [])]
    report.details = [
      try detail([rows[0]], names: [hostile, hostile, hostile, hostile])
    ]
    let page = try Page(report)
    #expect(page.all("script").count == 1)
    #expect(page.all("b").allSatisfy { $0.attributes.keys.allSatisfy { $0 == "class" } })
    let shown = hostile.replacing("\u{0}", with: " ").replacing("\u{202E}", with: "")
    #expect(page.all("h1").first?.text == shown)
    #expect(page.all("title").first?.text == shown)
    #expect(page.cells("Results").dropFirst().first?.first == shown)
    #expect(page.cells("Most confused").dropFirst().first?.first == "\(shown) (c0)")
    #expect(page.all("li").contains { $0.text == "\(shown): \(shown)" })
  }

  @Test("each result is there with its interval, reference, verdict and protocol")
  func results() throws {
    let rows = try ReportFixture.rows()
    let page = try Page(HTMLReport(rows: rows, tasks: ReportFixture.tasks, machine: nil))
    let table = page.cells("Results")
    #expect(
      table.first == [
        "Dataset", "Model", "Value", "95 % interval", "0 to 100", "Paper", "Delta", "Verdict",
        "Protocol", "Metric", "Experiment", "Setting", "n / expected", "Failed", "Chance",
      ])
    #expect(
      table.dropFirst() == [
        [
          "MNIST", "clip-mini", "61.2", "60.3–62.2", "", "91.3", "−30.1",
          "≠ differs: unexplained", String(rows[0].protocolHash.hex.prefix(12)), "accuracy",
          "zero-shot", "paper", "10000", "0", "10.0",
        ],
        [
          "Pets|2, \"cats\" partial", "clip-mini", "50.0", "25.0–75.0", "", "50.0", "0.0",
          "✓ agrees", String(rows[1].protocolHash.hex.prefix(12)), "mean-per-class",
          "zero-shot", "paper", "8 / –", "2", "2.7",
        ],
        [
          "MNIST partial", "other_model", "–", "–", "", "–", "–", "no reference",
          String(rows[2].protocolHash.hex.prefix(12)), "accuracy", "zero-shot", "", "0 / 10000",
          "0", "–",
        ],
      ])
    // One click away: the list that the link leads to holds what the protocol says.
    let links = page.all("a", class: "protocol")
    let place = try #require(links.first?.attributes["href"]?.dropFirst())
    let list = try #require(page.elements.first { $0.attributes["id"] == String(place) })
    for text in ["image-folder", "MNIST/paper", "openai: shorter side 224 bicubic", "bf16"] {
      #expect(list.text.contains(text))
    }
  }

  @Test("what failed and what is partial is said first")
  func summary() throws {
    let page = try Page(
      HTMLReport(rows: ReportFixture.rows(), tasks: ReportFixture.tasks, machine: nil))
    #expect(
      page.cells("Tasks without a result").dropFirst() == [
        [
          "EuroSAT", "missing", "data/eurosat: expected folder 2750\nPut it there.", "zero-shot",
          "clip-mini",
        ],
        ["MNIST", "failed", "class \"7\" joins no name", "zero-shot", "third"],
      ])
    #expect(
      page.cells("Partial").dropFirst() == [
        ["Pets|2, \"cats\"", "test", "8", "–", "2"], ["MNIST", "–", "0", "10000", "0"],
      ])
    let tiles = page.all("li").map(\.text)
    #expect(tiles.contains("2 of 4 tasks gave no result"))
    #expect(tiles.contains("2 samples could not be evaluated"))
    #expect(
      tiles.contains("2 compared with published numbers: 1 agrees, 1 differs: unexplained"))
  }

  @Test("calibration, confusions, errors, classes and templates of a dataset")
  func details() throws {
    let rows =
      try [row("Pets", value: 0.375, templates: "Pets/demo")]
      + (1...8).map { try row("Pets", value: Double($0) / 10, templates: "Pets/demo#\($0)") }
    var report = HTMLReport(rows: rows, tasks: [], machine: nil)
    report.details = [try detail([rows[0]], jpeg: Data("JPEG".utf8))]
    let page = try Page(report)
    #expect(page.cells("Results").count == 2)
    let calibration = try #require(
      page.all("figure", class: "calibration").first?.text)
    // Alone in their bins, but for the two of 0.9: (|2 − 1.8| + 0.8 + 0.7 + |1 − 0.6| + 0.4 + 0.52 + 0.3) / 8.
    #expect(calibration.contains("equal width41.5 %"))
    #expect(calibration.contains("Mean confidence64.0 %"))
    #expect(calibration.contains("Accuracy37.5 %"))
    #expect(calibration.contains("Overconfident by26.5 points"))
    #expect(
      page.cells("Most confused").dropFirst().map { Array($0.prefix(4)) } == [
        ["cat", "dog", "2", "66.7"], ["fish", "cat", "2", "100.0"], ["dog", "cat", "1", "33.3"],
      ])
    // scipy.stats.binomtest(k, n).proportion_ci(): the exact interval.
    #expect(
      page.cells("Accuracy of each class").dropFirst() == [
        ["fish", "0", "2", "0.0", "0.0–84.2", "", "cat 2"],
        ["cat", "1", "3", "33.3", "0.8–90.6", "", "dog 2"],
        ["dog", "2", "3", "66.7", "9.4–99.2", "", "cat 1"],
      ])
    #expect(
      page.cells("Best and worst").dropFirst().map { Array($0.prefix(4)) } == [
        ["Pets/demo#8", "80.0", "70.0–90.0", "+42.5"],
        ["Pets/demo#7", "70.0", "60.0–80.0", "+32.5"],
        ["Pets/demo#6", "60.0", "50.0–70.0", "+22.5"],
        ["Pets/demo#3", "30.0", "20.0–40.0", "−7.5"],
        ["Pets/demo#2", "20.0", "10.0–30.0", "−17.5"],
        ["Pets/demo#1", "10.0", "0.0–20.0", "−27.5"],
      ])
    let image = try #require(page.all("img").first)
    #expect(image.attributes["src"] == "data:image/jpeg;base64,SlBFRw==")
    #expect(image.attributes["alt"] == "Sample images/cat.png")
    let error = try #require(page.all("ul", class: "errors").first?.text)
    #expect(error.contains("true: catdog 80.0cat 15.0images/cat.png"))
    #expect(page.all("svg", class: "reliability").count == 1)
  }

  @Test("classes that share a name are told apart by their ids")
  func sharedNames() throws {
    let rows = [try row("ImageNet", value: 0.375)]
    var report = HTMLReport(rows: rows, tasks: [], machine: nil)
    report.details = [try detail(rows, names: ["missile", "missile", "tench", "owl"])]
    let page = try Page(report)
    #expect(
      page.cells("Most confused").dropFirst().map { Array($0.prefix(2)) } == [
        ["missile (c0)", "missile (c1)"], ["tench", "missile (c0)"],
        ["missile (c1)", "missile (c0)"],
      ])
    let error = try #require(page.all("ul", class: "errors").first?.text)
    #expect(error.contains("true: missile (c0)missile (c1) 80.0missile (c0) 15.0"))
  }

  @Test("many tasks without a result: their names in the open, their reasons a click away")
  func manyMissing() throws {
    let tasks = ["A&B", "C", "D", "E", "F", "G"].map {
      TaskOutcome(
        experiment: "zero-shot", dataset: $0, model: "m", status: $0 == "D" ? .failed : .missing,
        message: "looked for \($0)")
    }
    let page = try Page(HTMLReport(rows: [], tasks: tasks, machine: nil))
    let paragraphs = page.all("p").map(\.text)
    #expect(paragraphs.contains("missing: A&B, C, E, F, G") && paragraphs.contains("failed: D"))
    let reasons = try #require(page.all("details", class: "reasons").first)
    #expect(reasons.attributes["open"] == nil && reasons.text.contains("looked for A&B"))
    #expect(page.all("summary").contains { $0.text == "Reasons of 6 tasks" })
  }

  @Test("of retrieval: images whose best caption is another's, with the rank of their own")
  func retrieval() throws {
    var own = try row("Captions", value: 0.5)
    own.experiment = "retrieval"
    var report = HTMLReport(rows: [own], tasks: [], machine: nil)
    report.details = [
      try DatasetDetail(
        rows: [own],
        misses: .init(
          imageCount: 40, captionCount: 200, missedCount: 20,
          images: [
            .init(
              id: "a&b.jpg", caption: "a <b>cat</b>", rank: 3,
              guesses: [
                .init(text: "a dog", isOwn: false, score: 21.25),
                .init(text: "a pet", isOwn: true, score: 20.04),
              ], jpeg: Data([0xFF, 0xD8])),
            .init(id: "c.jpg", caption: "far", rank: nil, guesses: [], jpeg: nil),
          ]))
    ]
    let page = try Page(report)
    #expect(page.all("p").contains { $0.text == "40 images · 200 captions · split test" })
    #expect(page.all("p").contains { $0.text.hasPrefix("2 of 20 images whose best caption") })
    #expect(page.all("p").contains { $0.text == "own caption, rank 3: a <b>cat</b>" })
    #expect(page.all("p").contains { $0.text == "own caption, rank beyond 10: far" })
    #expect(page.all("li", class: "good").map(\.text) == ["a pet 20.0"])
    #expect(page.all("img").map { $0.attributes["alt"] } == ["Sample a&b.jpg"])
    #expect(!page.all("h4").contains { $0.text == "Calibration" })
  }

  @Test("a page of many tasks stays small, and says what it leaves out")
  func budget() throws {
    let names = (0..<1000).map { "class number \($0)" }
    let labels = (0..<4000).map { $0 % 1000 }
    let predictions = labels.map { ($0 + $0 % 3) % 1000 }
    let counts = try PerClassCounts(labels: labels, predictions: predictions, classCount: 1000)
    let confusions = Confusion.pairs(labels: labels, predictions: predictions)
    var report = HTMLReport(rows: [], tasks: [], machine: nil)
    for number in 0..<100 {
      let own = try row("Set \(number)", value: 0.3)
      report.rows.append(own)
      report.details.append(
        DatasetDetail(
          rows: [own], classes: names.map { .init(id: $0, name: $0) }, counts: counts,
          confusions: confusions, calibration: nil,
          errors: (0..<12).map { index in
            .init(
              id: "\(index).jpg", label: 0, guesses: [.init(classNumber: 1, probability: nil)],
              jpeg: Data(repeating: 0xA5, count: 3000))
          }))
    }
    let page = try Page(report)
    #expect(page.all("img").count == 700)
    #expect(page.elements.count < 100_000)
    #expect(report.render().utf8.count < 8_000_000)
    #expect(page.cells("Accuracy of each class").count == 41)
    #expect(
      page.all("p").contains {
        $0.text.hasPrefix("Shown: the 40 classes of 1000 with the lowest accuracy.")
      })
  }

  @Test("a report of nothing says so")
  func empty() throws {
    let page = try Page(HTMLReport(rows: [], tasks: [], machine: nil))
    #expect(page.all("li").contains { $0.text == "0 results on 0 datasets" })
    #expect(page.all("p").contains { $0.text == "No results." })
  }
}
