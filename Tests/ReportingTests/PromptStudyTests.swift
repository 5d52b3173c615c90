import Core
import Experiments
import Foundation
import Reporting
import Statistics
import Testing

/// The report's section on templates, and its table as a file.
@Suite struct PromptStudyTests {
  private static func difference(_ value: Double, pValue: Double) throws -> PromptStudy.Difference {
    let json = """
      {"value": \(value), "interval95": [0.01, 0.03], "intervalMethod": "m", "test": "t", "pValue": \(pValue),
       "holm": null, "mcNemar": {"onlyFirst": 3, "onlySecond": 9, "pValue": \(pValue), "midP": 0.1}, "minimumDetectableEffect": null,
       "classes": [
         {"name": "cat|s", "n": 10, "first": 0.5, "second": 0.8, "difference": 0.3, "interval95": null, "intervalMethod": null,
          "onlyFirst": 0, "onlySecond": 3, "pValue": 0.25, "holm": 0.5},
         {"name": "dog", "n": 10, "first": 0.5, "second": 0.4, "difference": -0.1, "interval95": null, "intervalMethod": null,
          "onlyFirst": 1, "onlySecond": 0, "pValue": 1, "holm": 1}]}
      """
    return try JSONDecoder().decode(PromptStudy.Difference.self, from: Data(json.utf8))
  }

  private static func alone() throws -> PromptStudy.TemplateDifference {
    var difference = PromptStudy.TemplateDifference(
      value: -0.02, interval95: Interval(lower: -0.03, upper: -0.01), test: "mcnemar-exact",
      pValue: 0.01)
    difference.holm = 0.02
    return difference
  }

  private static func study() throws -> PromptStudy {
    var study = PromptStudy(
      model: "ViT-B/32", dataset: "DTD", options: nil, split: "test", classNames: "DTD/openai-2021",
      metric: "accuracy", n: 400, base: "generic/single")
    study.sets = [
      .init(
        set: "generic/single", templates: 1, ensemble: .embedding, value: 0.4,
        interval95: Interval(lower: 0.35, upper: 0.45)),
      .init(
        set: "DTD/openai-2021", templates: 2, ensemble: .embedding, value: 0.42, interval95: nil),
      .init(
        set: "DTD/openai-2021", templates: 2, ensemble: .probability, value: 0.41, interval95: nil),
    ]
    study.sets[1].difference = try difference(0.02, pValue: 0.01)
    study.sets[2].difference = try difference(0.01, pValue: 0.2)
    study.candidates = .init(
      set: "DTD/openai-2021", value: 0.42,
      templates: [
        .init(
          number: 1, text: "a \"{}\", of a kind", value: 0.38, without: 0.44,
          difference: try alone()),
        .init(number: 2, text: "b {}", value: 0.44, without: 0.38),
      ],
      sensitivity: PromptSensitivity(values: [0.38, 0.44], credits: nil, strata: nil, full: 1))
    study.selection = .init(
      set: "DTD/openai-2021[2]", on: "half", seed: 1, size: nil, selectedCount: 200,
      scoredCount: 200,
      path: try JSONDecoder().decode(
        PromptSelection.self,
        from: Data(#"{"steps": [{"template": 2, "selected": 0.46, "scored": 0.43}]}"#.utf8)),
      value: 0.43, interval95: nil, difference: try difference(0.03, pValue: 0.02),
      contrasts: [.init(set: "generic/single", selected: 0.41, scored: 0.4)])
    study.adjust()
    return study
  }

  @Test("Holm is over all differences, the selection's among them")
  func adjusted() throws {
    let study = try Self.study()
    #expect(study.sets.map { $0.difference?.holm } == [nil, 0.03, 0.2])
    #expect(study.selection?.difference?.holm == 0.04)
    let again = try JSONDecoder().decode(PromptStudy.self, from: CanonicalJSON.pretty(study))
    #expect(again == study)
  }

  @Test("Sets of the same templates are one question")
  func sameTemplates() throws {
    var study = try Self.study()
    study.sets[2] = .init(
      set: "DTD/copy", templates: 2, ensemble: .embedding, value: 0.42, interval95: nil)
    (study.sets[2].difference, study.sets[2].sameAs) = (study.sets[1].difference, "DTD/openai-2021")
    study.adjust()
    #expect(study.sets.map { $0.difference?.holm } == [nil, 0.02, 0.02])
    #expect(study.selection?.difference?.holm == 0.02)
    let text = ReportSection.prompts([study], figures: []).blocks.joined(separator: "\n")
    #expect(text.contains("| DTD/copy (the templates of DTD/openai-2021) | 2 | embedding |"))
  }

  @Test("Where the templates are of the base, another set's classes are shown")
  func classesOfAnother() throws {
    var study = try Self.study()
    study.base = "DTD/openai-2021"
    (study.sets[0].difference, study.sets[1].difference) = (study.sets[2].difference, nil)
    let text = ReportSection.prompts([study], figures: []).blocks.joined(separator: "\n")
    #expect(text.contains("Classes that change most from DTD/openai-2021 to generic/single"))
  }

  @Test("The section has the sets, the templates, the path with what flatters, and the classes")
  func section() throws {
    let study = try Self.study()
    let figures = FigureFile.make(PromptStudyTables.figures(study))
    #expect(figures.map(\.name) == ["templates-dtd-vit-b-32", "selection-dtd-vit-b-32"])
    let section = ReportSection.prompts([study], figures: figures, faults: ["x.json: damaged"])
    let text = section.blocks.joined(separator: "\n")
    #expect(
      text.contains(
        "| ViT-B/32 | DTD | accuracy | 40.0 | 42.0 | 41.0 | **+3.00** (+1.00 to +3.00) | 41.0 (38.0 – 44.0) | 4.2 | – |"
      ))
    #expect(
      text.contains(
        "| DTD/openai-2021 | 2 | embedding | 42.0 | – | **+2.00** (+1.00 to +3.00) | 0.0100 | 0.0300 | 3 | 9 |"
      ))
    #expect(
      text.contains(
        "| 1 | a \"{}\", of a kind | 38.0 | **−2.00** (−3.00 to −1.00) | 0.0200 | 44.0 | −2.00 |"))
    #expect(text.contains("| 2 | b {} | 44.0 | – | – | 38.0 | +4.00 |"))
    #expect(text.contains("200 images selected on: flattering | 200 images of the other half |"))
    #expect(text.contains("| 1 | 2. b {} | 46.0 | 43.0 |"))
    #expect(text.contains("for comparison: generic/single | 41.0 | 40.0 |"))
    #expect(text.contains("| cat\\|s | 10 | 50.0 | 80.0 | +30.00 |"))
    #expect(text.contains("(1 gain, 1 lose;"))
    #expect(text.hasSuffix("x.json: damaged"))
    #expect(text.contains("figures/selection-dtd-vit-b-32.svg"))
  }

  @Test("The table has one value a line and the same columns for all")
  func table() throws {
    let text = PromptStudyCSV.render(try Self.study())
    let lines = text.split(separator: "\r\n").map(String.init)
    #expect(
      lines[0]
        == "model,dataset,options,split,classNames,metric,part,set,ensemble,template,text,step,class,n,value,interval95.lower,interval95.upper,base,difference,difference95.lower,difference95.upper,test,pValue,holm"
    )
    let prefix = "ViT-B/32,DTD,,test,DTD/openai-2021,accuracy,"
    #expect(lines.dropFirst().allSatisfy { $0.hasPrefix(prefix) })
    let parts = lines.dropFirst().map { $0.dropFirst(prefix.count).prefix { $0 != "," } }
    #expect(
      parts == [
        "set", "set", "set", "template", "template", "without", "without", "mean", "deviation",
        "noise", "excess", "step-selected", "step-scored", "contrast-selected",
        "contrast-scored", "selection", "class", "class", "class", "class", "class", "class",
      ])
    #expect(
      lines.contains(
        "\(prefix)template,DTD/openai-2021,,1,\"a \"\"{}\"\", of a kind\",,,400,0.38,,,generic/single,-0.02,-0.03,-0.01,mcnemar-exact,0.01,0.02"
      ))
    #expect(lines.contains("\(prefix)template,DTD/openai-2021,,2,b {},,,400,0.44,,,,,,,,,"))
    #expect(
      lines.contains("\(prefix)step-scored,DTD/openai-2021[2],embedding,2,,1,,200,0.43,,,,,,,,,"))
  }

  @Test("Without templates or a selection there is neither figure nor table of them")
  func plain() throws {
    var study = try Self.study()
    (study.candidates, study.selection) = (nil, nil)
    study.notes = ["None of them."]
    #expect(PromptStudyTables.figures(study).isEmpty)
    let text = ReportSection.prompts([study], figures: []).blocks.joined(separator: "\n")
    #expect(text.contains("None of them.") && !text.contains("Greedy"))
    #expect(text.contains("| ViT-B/32 | DTD | accuracy | 40.0 | – | – | – | – | – | – |"))
  }
}
