import Foundation
import TensorFiles
import TestSupport
import Testing

/// `explain` where the cause of the gap is known: the published number is what the same features give under another protocol.
@Suite struct ExplainRunTests {
  private static let classes = [
    "angry", "disgust", "fear", "happy", "sad", "surprise", "neutral",
  ]
  private static let width = 16
  private static let templates = ["a photo of a {} face.", "{} face", "someone who looks {}"]

  private let scene: Scene
  private var features: URL { scene.url.appending(path: "features") }

  /// FER2013's 3,589 private and 3,589 public test images as features that lie about their class's direction, classes of different sizes and
  /// spreads; two sets of names and three of templates, of which each prompt lies somewhere about its class's direction.
  init() throws {
    scene = try Scene()
    for (name, words) in [
      ("openai-2021", Self.classes), ("laion", Self.classes.map { "\($0)ish" }),
    ] {
      let names = zip(Self.classes, words).map { "\($0): \"\($1)\"" }.joined(separator: ", ")
      let templates = Self.templates.map { "\"\($0)\"" }.joined(separator: ", ")
      try scene.write(
        "dataset: FER2013\nset: \(name)\nversion: 1\nsource: a test\nclasses: {\(names)}\n"
          + (name == "laion" ? "" : "templates: [\(templates)]\n"),
        to: "prompts/FER2013/\(name).yaml")
    }
    try scene.write(
      "dataset: generic\nset: bare\nversion: 1\nsource: a test\ntemplates: [\"{}\"]\n",
      to: "prompts/generic/bare.yaml")
    try writeTexts()
    try writeImages("test", [0], spread: 0.25)
    try writeImages("laion", [0, 1], spread: 0.25)
    try scene.write("model: features\nlogitScale: 20\n", to: "features/embeddings.yaml")
  }

  private static func normal(_ noise: inout Noise) -> Float {
    // Twelve uniform numbers less their mean: near enough.
    let sum = (0..<12).reduce(0.0) { sum, _ in
      sum + Double(noise.next() >> 11) / 9.007199254740992e15
    }
    return Float(sum - 6)
  }

  private func writeTexts() throws {
    let words = Self.classes + Self.classes.map { "\($0)ish" }
    let templates = Self.templates + ["{}", "a {}."]
    var texts: [String] = []
    var rows: [Float] = []
    for (number, word) in words.enumerated() {
      for (place, template) in templates.enumerated() {
        texts.append(template.replacing("{}", with: word))
        var noise = Noise(seed: UInt64(1000 * number + place))
        rows += (0..<Self.width).map {
          ($0 == number % 7 ? 1 : 0) + 0.3 * Self.normal(&noise)
        }
      }
    }
    let lines = Data(texts.joined(separator: "\n").utf8)
    try FileManager.default.createDirectory(
      at: features.appending(path: "FER2013"), withIntermediateDirectories: true)
    try SafetensorsFile.write(
      [
        TensorPayload(name: "features", shape: [texts.count, Self.width], floats: rows),
        TensorPayload(name: "ids", type: .uint8, shape: [lines.count], bytes: lines),
      ], to: features.appending(path: "FER2013/prompts.safetensors"))
  }

  /// - Parameters:
  ///   - halves: of 3,589 images each; the second lies wider about its directions.
  private func writeImages(_ split: String, _ halves: [Int], spread: Float) throws {
    var (labels, rows): ([Int64], [Float]) = ([], [])
    var names: [String] = []
    for half in halves {
      for image in 0..<3589 {
        // 1, 2, … 7 of 28.
        let place = image % 28
        let label = (0..<7).first { place < ($0 + 1) * ($0 + 2) / 2 } ?? 6
        var noise = Noise(seed: UInt64(100_000 * (half + 1) + image))
        let own = spread + 0.08 * Float(label) + (half == 1 ? 0.5 : 0)
        rows += (0..<Self.width).map { ($0 == label ? 1 : 0) + own * Self.normal(&noise) }
        labels.append(Int64(label))
        names.append("\(half)-\(image)")
      }
    }
    let ids = names.joined(separator: "\n")
    try SafetensorsFile.write(
      [
        TensorPayload(name: "features", shape: [labels.count, Self.width], floats: rows),
        TensorPayload(name: "labels", shape: [labels.count], integers: labels),
        TensorPayload(name: "ids", type: .uint8, shape: [ids.utf8.count], bytes: Data(ids.utf8)),
      ], metadata: ["classes": "[\(Self.classes.map { "\"\($0)\"" }.joined(separator: ","))]"],
      to: features.appending(path: "FER2013/\(split).safetensors"))
  }

  // MARK: runs and numbers

  private func program(reference: String) throws -> Program {
    var program = try scene.program()
    program.environment["CLIP_EVAL_REPORTS_REFERENCE"] =
      scene.url.appending(path: reference).path
    return program
  }

  @discardableResult
  private func run(
    _ output: String, names: String = "openai-2021", templates: String = "openai-2021",
    split: String = "test", reference: String? = nil
  ) throws -> URL {
    try scene.write(
      """
      suite: faces
      version: 1
      description: Faces.
      experiments: [zero-shot]
      datasets:
        - dataset: FER2013
          split: \(split)
          classNames: \(names)
          templates: \(templates)
      """, to: "faces.yaml")
    let folder = scene.url.appending(path: output)
    let result = try program(reference: try reference ?? publish(0.5, to: "other")).run([
      "run", scene.url.appending(path: "faces.yaml").path, "--model", features.path, "--output",
      folder.path, "--quiet",
    ])
    #expect(result.code == 0, "\(result.errors)")
    return folder
  }

  private func value(_ run: URL) throws -> Double {
    try #require(try resultRows(run).first?["value"] as? Double)
  }

  /// A table that has this number for the features.
  /// - Returns: the folder's name.
  private func publish(
    _ value: Double, to name: String, split: String = "test", images: Int = 3589
  ) throws -> String {
    try scene.write(
      "model,weightsSHA256,gflops,source\nfeatures,\(String(repeating: "0", count: 64)),1,a test\n",
      to: "\(name)/models.csv")
    try scene.write(
      "experiment,dataset,model,metric,value,unit,condition,source\nzero-shot,FER2013,features,accuracy,\(value * 100),percent,,A test's table\n",
      to: "\(name)/table-11.csv")
    try scene.write(
      "dataset,split,options,images,captions,test,training,note\nFER2013,\(split),,\(images),,same,unknown,\n",
      to: "\(name)/samples.csv")
    return name
  }

  private func explain(
    _ run: URL, _ reference: String, _ more: String...
  ) throws -> (explanation: [String: Any], result: Program.Result) {
    let result = try program(reference: reference).run(
      ["explain", run.path, "--json", "--quiet"] + more)
    #expect(result.code == 0, "\(result.errors)")
    let all = try #require(try result.json()["explanations"] as? [[String: Any]])
    #expect(all.count == 1)
    return (try #require(all.first), result)
  }

  /// That one change is all, and leaves nothing.
  private func expect(
    _ explanation: [String: Any], axis: String, level: String, choice: String, gap: Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(
      abs((explanation["gap"] as? Double ?? .nan) - gap) < 1e-12, sourceLocation: sourceLocation)
    let attribution = try #require(
      explanation["attribution"] as? [String: Any],
      "\(explanation["conclusion"] ?? "") \(explanation["variants"] ?? "")",
      sourceLocation: sourceLocation)
    let parts = try #require(
      attribution["parts"] as? [[String: Any]], sourceLocation: sourceLocation)
    #expect(parts.count == 1, "\(parts)", sourceLocation: sourceLocation)
    #expect(parts.first?["axis"] as? String == axis, sourceLocation: sourceLocation)
    #expect(parts.first?["level"] as? String == level, sourceLocation: sourceLocation)
    #expect(parts.first?["choice"] as? String == choice, sourceLocation: sourceLocation)
    let share = parts.first?["shapley"] as? Double ?? .nan
    #expect(abs(share + gap) < 1e-12, sourceLocation: sourceLocation)
    let interval = parts.first?["interval95"] as? [Double] ?? []
    #expect(
      interval.count == 2 && interval[0] <= share && share <= interval[1],
      sourceLocation: sourceLocation)
    #expect(
      abs(attribution["residual"] as? Double ?? .nan) < 1e-12, sourceLocation: sourceLocation)
    #expect(attribution["agrees"] as? Bool == true, sourceLocation: sourceLocation)
    #expect(
      explanation["verdict"] as? String == "differs: protocol", sourceLocation: sourceLocation)
    let title = axis == "classNames" ? "class names" : axis
    #expect(
      explanation["explainedBy"] as? String == "\(title): \(level)", sourceLocation: sourceLocation)
  }

  // MARK: what was planted

  @Test("Class names: the published number is of other names")
  func classNames() throws {
    let base = try run("RUN")
    let other = try value(run("OTHER", names: "laion"))
    let gap = try value(base) - other
    #expect(abs(gap) > 0.0005)
    let found = try explain(base, publish(other, to: "planted")).explanation
    try expect(
      found, axis: "classNames", level: "laion", choice: "chosen by looking", gap: gap)
    #expect(found["usesSameImages"] as? Bool == true)
    #expect((found["tried"] as? Int ?? 0) >= 5)
    #expect((found["conclusion"] as? String)?.contains("Chosen by looking") == true)
  }

  @Test(
    "Class names that are not the paper's: its own explain the gap, and the known cause is tested")
  func papersNames() throws {
    let base = try run("RUN", names: "laion")
    let papers = try value(run("OTHER"))
    let found = try explain(base, publish(papers, to: "planted")).explanation
    try expect(
      found, axis: "classNames", level: "openai-2021", choice: "the paper's own",
      gap: value(base) - papers)
    let causes = try #require(found["causes"] as? [[String: Any]])
    let names = try #require(causes.first { $0["id"] as? String == "fer2013-names" })
    #expect(names["isTested"] as? Bool == true)
    let split = try #require(causes.first { $0["id"] as? String == "fer2013-split" })
    #expect(split["isTested"] as? Bool == true)
  }

  @Test("Templates")
  func templates() throws {
    let base = try run("RUN")
    let other = try value(run("OTHER", templates: "generic/bare"))
    let found = try explain(base, publish(other, to: "planted")).explanation
    try expect(
      found, axis: "templates", level: "generic/bare", choice: "chosen by looking",
      gap: value(base) - other)
  }

  @Test("Metric: the mean per class that is counted here")
  func metric() throws {
    let base = try run("RUN")
    let file = try SafetensorsFile(
      base.appending(path: "predictions/zero-shot/features/FER2013.safetensors"))
    let labels = try file.tensor("label").integers()
    let right = zip(labels, try file.tensor("prediction").integers()).map { $0 == $1 }
    let means = (0..<7).map { label -> Double in
      let own = labels.indices.filter { labels[$0] == Int64(label) }
      return Double(own.count { right[$0] }) / Double(own.count)
    }
    let other = means.reduce(0, +) / 7
    let found = try explain(base, publish(other, to: "planted")).explanation
    try expect(
      found, axis: "metric", level: "mean-per-class", choice: "chosen by looking",
      gap: value(base) - other)
  }

  @Test("Ensemble: the mean of probabilities that is computed here")
  func ensemble() throws {
    let base = try run("RUN")
    func rows(_ name: String) throws -> [[Double]] {
      let tensor = try SafetensorsFile(features.appending(path: "FER2013/\(name).safetensors"))
        .tensor("features")
      return try tensor.floats().map(Double.init).chunked(Self.width).map { row in
        let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return row.map { $0 / length }
      }
    }
    let (texts, images) = (try rows("prompts"), try rows("test"))
    let labels = try SafetensorsFile(features.appending(path: "FER2013/test.safetensors"))
      .tensor("labels").integers()
    var right = 0
    for (image, label) in zip(images, labels) {
      var means = [Double](repeating: 0, count: 7)
      for template in 0..<3 {
        let logits = (0..<7).map { owner in
          20 * zip(image, texts[5 * owner + template]).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let largest = logits.max() ?? 0
        let powers = logits.map { exp($0 - largest) }
        let sum = powers.reduce(0, +)
        for owner in 0..<7 { means[owner] += powers[owner] / sum }
      }
      if means.indices.max(by: { means[$0] < means[$1] }) == Int(label) { right += 1 }
    }
    let other = Double(right) / 3589
    let gap = try value(base) - other
    #expect(abs(gap) > 0.0005)
    let found = try explain(base, publish(other, to: "planted")).explanation
    try expect(
      found, axis: "ensemble", level: "probability", choice: "chosen by looking", gap: gap)
  }

  @Test("Split: the published number is of a preset's images")
  func split() throws {
    let base = try run("RUN")
    let other = try value(run("OTHER", split: "laion"))
    let gap = try value(base) - other
    #expect(gap > 0.05)
    let found = try explain(
      base, publish(other, to: "planted", split: "laion/test", images: 7178)
    ).explanation
    try expect(
      found, axis: "split", level: "laion/test", choice: "the paper's own", gap: gap)
    #expect(found["usesSameImages"] as? Bool == false)
    let notTried = try #require(found["notTried"] as? [[String: Any]])
    #expect(notTried.contains { ($0["reason"] as? String)?.contains("no features") == true })
  }

  @Test("Two changes: shares sum to the gap, and only the paper's own set the verdict")
  func two() throws {
    let base = try run("RUN", names: "laion", templates: "generic/bare")
    let papers = try value(run("OTHER"))
    let found = try explain(base, publish(papers, to: "planted")).explanation
    let attribution = try #require(found["attribution"] as? [String: Any])
    let parts = try #require(attribution["parts"] as? [[String: Any]])
    #expect(parts.map { $0["axis"] as? String } == ["classNames", "templates"])
    #expect(parts.allSatisfy { $0["choice"] as? String == "the paper's own" })
    let sum = parts.reduce(0) { $0 + ($1["shapley"] as? Double ?? .nan) }
    #expect(abs(sum - (papers - (try value(base)))) < 1e-12)
    #expect(found["verdict"] as? String == "differs: protocol")
    // The half of each step that it makes first and last: of two, Shapley's value.
    let (alone, with) = (
      try value(run("NAMES", templates: "generic/bare")),
      try value(run("TEMPLATES", names: "laion"))
    )
    let names = (alone - (try value(base)) + papers - with) / 2
    #expect(abs((parts[0]["shapley"] as? Double ?? .nan) - names) < 1e-12)
  }

  @Test("A gap that nothing closes stays unexplained")
  func unexplained() throws {
    let base = try run("RUN")
    let found = try explain(base, publish(0.999, to: "planted")).explanation
    #expect(found["verdict"] as? String == "differs: unexplained")
    #expect(found["explainedBy"] is NSNull)
  }

  // MARK: what is kept

  @Test("Kept in the run folder only where that is asked for; later reports tell it")
  func kept() throws {
    let other = try value(run("OTHER", names: "laion"))
    let reference = try publish(other, to: "planted")
    let base = try run("RUN", reference: reference)
    let results = base.appending(path: "results.jsonl")
    let before = try Data(contentsOf: results)
    let output = scene.url.appending(path: "WHY")
    let found = try explain(base, reference, "--output", output.path)
    #expect(try Data(contentsOf: results) == before)
    #expect(
      !FileManager.default.fileExists(atPath: base.appending(path: "explanations.json").path))
    for name in ["explain.md", "explain.csv", "explain.json"] {
      #expect(FileManager.default.fileExists(atPath: output.appending(path: name).path), "\(name)")
    }
    let written = try Data(contentsOf: output.appending(path: "explain.json"))
    #expect(String(decoding: written, as: UTF8.self) + "\n" == found.result.text)

    _ = try explain(base, reference, "--write")
    func check() throws {
      let row = try #require(try resultRows(base).first)
      #expect(row["verdict"] as? String == "differs: protocol")
      #expect(row["explainedBy"] as? String == "class names: laion")
      let report = try String(contentsOf: base.appending(path: "report.md"), encoding: .utf8)
      #expect(report.contains("differs: protocol (class names: laion)"))
      #expect(report.contains("## Why the numbers differ"))
    }
    try check()
    // Neither a report made anew nor a run that goes on loses it.
    #expect(try program(reference: reference)("report", base.path).code == 0)
    try check()
    _ = try run("RUN", reference: reference)
    try check()
    // Against another published number it no longer holds.
    let changed = try publish(0.9, to: "changed")
    #expect(try program(reference: changed)("report", base.path).code == 0)
    let report = try String(contentsOf: base.appending(path: "report.md"), encoding: .utf8)
    #expect(!report.contains("## Why the numbers differ"))
  }

  @Test("Results that no longer come out are refused, and say what changed")
  func changed() throws {
    let reference = try publish(0.5, to: "planted")
    let base = try run("RUN", reference: reference)
    let set = scene.prompts.appending(path: "FER2013/openai-2021.yaml")
    let text = try String(contentsOf: set, encoding: .utf8)
    try text.replacing("\"{} face\"", with: "\"a {}.\"").write(
      to: set, atomically: true, encoding: .utf8)
    let result = try program(reference: reference).run(["explain", base.path, "--quiet"])
    #expect(result.code == 78, "\(result.errors)")
    #expect(result.errors.contains("templatesHash was"))
    #expect(result.errors.contains("--prompts"))
  }

  @Test("Wrong input")
  func wrong() throws {
    let reference = try publish(0.5, to: "planted")
    let base = try run("RUN", reference: reference)
    func code(_ arguments: String..., contains text: String) throws -> Int32 {
      let result = try program(reference: reference).run(["explain"] + arguments + ["--quiet"])
      #expect(result.errors.contains(text), "\(result.errors)")
      return result.code
    }
    let run = base.path
    #expect(try code(scene.url.appending(path: "none").path, contains: "run.json") == 66)
    #expect(try code(run, "--axis", "classnams", contains: "classNames") == 64)
    #expect(try code(run, "--with", "metric", contains: "--with") == 64)
    #expect(
      try code(run, "--axis", "metric", "--with", "split", contains: "Name it with --axis too")
        == 64)
    #expect(try code(run, "--dataset", "CIFAR10", contains: "It has FER2013") == 64)
    #expect(try code(run, "--templates", "nobody", contains: "nobody") == 66)
    // A damaged file of findings stops --write, and nothing is lost.
    try scene.write("{", to: "RUN/explanations.json")
    #expect(try code(run, "--write", contains: "explanations.json") == 65)
    try FileManager.default.removeItem(at: base.appending(path: "explanations.json"))
    // Of a model of which nothing is published.
    let alone = try scene.program().run(["explain", run, "--quiet"])
    #expect(alone.code == 66 && alone.errors.contains("--dataset"), "\(alone.errors)")
    let asked = try scene.program().run(["explain", run, "--dataset", "fer2013", "--quiet"])
    #expect(asked.code == 0 && asked.text.contains("Nothing is published"), "\(asked.errors)")
  }

  @Test("In words, on a terminal")
  func text() throws {
    let other = try value(run("OTHER", names: "laion"))
    let reference = try publish(other, to: "planted")
    let base = try run("RUN", reference: reference)
    let result = try program(reference: reference).run(["explain", base.path])
    #expect(result.code == 0, "\(result.errors)")
    for text in [
      "variants tried, one change each", "divided (Shapley values)", "not tried:", "known causes:",
      "as run", "chosen by looking", "agrees with the paper", "within rounding",
    ] {
      #expect(result.text.contains(text), "\(text) in \(result.text)")
    }
    #expect(result.errors.contains("add --write"))
    let axis = try program(reference: reference).run([
      "explain", base.path, "--axis", "templates", "--quiet",
    ])
    #expect(axis.code == 0 && !axis.text.contains("mean-per-class"))
  }
}

extension Array {
  fileprivate func chunked(_ size: Int) -> [[Element]] {
    stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
  }
}
