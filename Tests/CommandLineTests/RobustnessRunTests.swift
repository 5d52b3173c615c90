import Foundation
import TensorFiles
import TestSupport
import Testing

/// Robustness in suites, against NumPy and scikit-learn (`Tools/make-robustness-suite-fixtures.py`).
@Suite struct RobustnessRunTests {
  private static let fixtures = TestPaths.fixtures.appending(path: "robustness-suite")

  private static func expected() throws -> [String: Any] {
    try #require(
      JSONSerialization.jsonObject(
        with: Data(contentsOf: fixtures.appending(path: "expected.json"))) as? [String: Any])
  }

  private static func share(_ values: Any?, _ key: String) throws -> (value: Double, n: Int) {
    let found = try #require((values as? [String: Any])?[key] as? [String: Any])
    return (try #require(found["value"] as? Double), try #require(found["n"] as? Int))
  }

  private static let naturalShifts = [
    "ImageNetV2", "ImageNet-A", "ImageNet-R", "ObjectNet", "ImageNet-Sketch",
    "ImageNet-Vid-Robust", "YTBB-Robust",
  ]

  private func run(
    _ suite: String, features: String, data: URL? = nil, to name: String = "RUN",
    _ more: String..., in scene: Scene
  ) throws -> (result: Program.Result, output: URL) {
    try scene.write(suite, to: "robustness.yaml")
    let output = scene.url.appending(path: name)
    // The program's own class names: the scene's hide them.
    let program = try Program(environment: ["CLIP_EVAL_CACHE": scene.cache.path])
    let result = try program.run(
      [
        "run", scene.url.appending(path: "robustness.yaml").path, "--model",
        features.hasPrefix("/") ? features : Self.fixtures.appending(path: features).path,
        "--output", output.path,
      ] + (data.map { ["--data-root", $0.path] } ?? []) + more)
    return (result, output)
  }

  private static func naturalSuite(_ shifts: [String], _ more: String = "") -> String {
    "suite: shifts\nversion: 1\ndescription: Made by numpy.\nexperiments: [robustness]\n"
      + "robustness:\n  base: ImageNet\n  shifts: [\(shifts.joined(separator: ", "))]\n\(more)"
      + "datasets:\n"
      + (["ImageNet"] + shifts).map { name in
        "  - dataset: \(name)\n"
          + (["ObjectNet", "YTBB-Robust"].contains(name)
            ? "    classNames: own-names\n    templates: own-names\n" : "")
      }.joined()
  }

  @Test("the seven natural shifts of ImageNet, each by its own rule")
  func naturalShifts() throws {
    let scene = try Scene()
    let expected = try #require(try Self.expected()["naturalShifts"] as? [String: Any])
    let (run, output) = try run(
      Self.naturalSuite(Self.naturalShifts, "  baselines: natural-shifts\n"), features: "features",
      data: Self.fixtures.appending(path: "data"), in: scene)
    #expect(run.code == 0, "\(run.errors)")
    let rows = try resultRows(output)
    #expect(rows.count == 9)
    var maps: Set<String> = []
    for name in Self.naturalShifts {
      let own = rows.filter { $0["dataset"] as? String == name }
      let metrics = own.compactMap { $0["metric"] as? String }
      #expect(metrics == (own.count == 2 ? ["pm-0", "pm-10"] : ["accuracy"]), "\(name)")
      for row in own {
        let metric = try #require(row["metric"] as? String)
        let (value, n) = try Self.share(expected[name], metric)
        #expect(abs(try #require(row["value"] as? Double) - value) < 1e-12, "\(name) \(metric)")
        #expect(row["n"] as? Int == n, "\(name) \(metric)")
        #expect(row["interval95"] is [Double] || row["interval95"] is [Any])
        let record = try #require(row["robustness"] as? [String: Any])
        let base = try Self.share(expected[name], "base")
        #expect(
          abs(try #require(record["baseValue"] as? Double) - base.value) < 1e-12, "\(name) base")
        #expect(record["baseN"] as? Int == base.n && record["baseMetric"] as? String == "accuracy")
        #expect((record["baseInterval95"] as? [Double])?.count == 2)
        let entry = try #require(row["protocol"] as? [String: Any])
        let own = try #require(entry["robustness"] as? [String: Any])
        #expect(own["base"] as? String == "ImageNet" && own["mapHash"] is String)
        #expect(own["subsetHash"] as? String == record["subsetHash"] as? String)
        maps.insert(try #require(own["mapHash"] as? String))
      }
    }
    // ImageNetV2 and -Sketch have all of ImageNet's classes: one map.
    #expect(maps.count == 6)
    let restricted = try #require(
      rows.first { $0["dataset"] as? String == "ImageNet-A" }?["protocol"] as? [String: Any])
    #expect((restricted["robustness"] as? [String: Any])?["baseClassCount"] as? Int == 200)
    let object = try #require(
      rows.first { $0["dataset"] as? String == "ObjectNet" }?["protocol"] as? [String: Any])
    #expect((object["robustness"] as? [String: Any])?["baseClassCount"] as? Int == 125)
    #expect((object["robustness"] as? [String: Any])?["classCount"] as? Int == 113)
    // A set of which frames have no feature counts for neither.
    let vid = try #require(rows.first { $0["dataset"] as? String == "ImageNet-Vid-Robust" })
    #expect(vid["nExpected"] as? Int == 1109 && vid["nFailed"] as? Int == 1109 - 37)
    let ytbb = try #require(rows.first { $0["dataset"] as? String == "YTBB-Robust" })
    let record = try #require(ytbb["robustness"] as? [String: Any])
    let wanted = try #require((expected["YTBB-Robust"] as? [String: Any])?["neverRight"] as? Int)
    #expect(record["unmatchedSamples"] as? Int == wanted)
    try checkAverage(rows, output)
  }

  /// The paper's average: of pm-0 and pm-10 first, then over the seven; and of the bases.
  private func checkAverage(_ rows: [[String: Any]], _ output: URL) throws {
    var (bases, shifts): ([Double], [Double]) = ([], [])
    for name in Self.naturalShifts {
      let own = rows.filter { $0["dataset"] as? String == name }
      let values = own.compactMap { $0["value"] as? Double }
      shifts.append(values.reduce(0, +) / Double(values.count))
      bases.append(
        try #require((own[0]["robustness"] as? [String: Any])?["baseValue"] as? Double))
    }
    let table = try String(contentsOf: output.appending(path: "robustness.csv"), encoding: .utf8)
    let line = try #require(
      table.split(whereSeparator: \.isNewline).first { $0.contains(",mean,") }
    ).split(separator: ",", omittingEmptySubsequences: false)
    #expect(line[0] == "synthetic" && line[1] == "zero-shot")
    #expect(abs(try #require(Double(line[3])) - bases.reduce(0, +) / 7) < 1e-12)
    #expect(abs(try #require(Double(line[5])) - shifts.reduce(0, +) / 7) < 1e-12)
    let lines = try #require(
      JSONSerialization.jsonObject(
        with: Data(contentsOf: output.appending(path: "robustness-lines.json"))) as? [[String: Any]]
    )
    #expect(lines.count == 8 && lines[0]["shift"] as? String == "mean")
    let adversarial = try #require(
      lines.first { $0["shift"] as? String == "ImageNet-A" }?["line"] as? [String: Any])
    #expect(adversarial["shift"] as? String == "imagenet-a")
    #expect(adversarial["base"] as? String == "imagenet-on-a-classes")
    #expect(adversarial["withoutPlace"] as? [String] == ["resnet50"])
    #expect(adversarial["count"] as? Int == 79 && adversarial["sha256"] is String)
    // The line through the baselines says what a standard model of this base accuracy has.
    #expect(Double(line[7]) != nil && Double(line[8]) != nil)
    let report = try String(contentsOf: output.appending(path: "report.md"), encoding: .utf8)
    #expect(report.contains("## Robustness of ImageNet") && report.contains("Effective robustness"))
    let svg = try String(
      contentsOf: output.appending(path: "figures/robustness-imagenet-mean.svg"), encoding: .utf8)
    #expect(svg.contains("Line: 80 models of Reports/reference/robustness-natural-shifts.csv"))
    #expect(
      FileManager.default.fileExists(
        atPath: output.appending(path: "figures/robustness-imagenet-mean.svg").path))
  }

  @Test("adapted to class shift: the shift's own names, and zero-shot's value on the base")
  func classShift() throws {
    let scene = try Scene()
    let expected = try #require(
      (try Self.expected()["naturalShifts"] as? [String: Any])?["ObjectNet"])
    let (run, output) = try run(
      Self.naturalSuite(["ObjectNet"], "  classifiers: [zero-shot, class-shift]\n"),
      features: "features", in: scene)
    #expect(run.code == 0, "\(run.errors)")
    let rows = try resultRows(output)
    #expect(rows.count == 2)
    for (row, key) in zip(rows, ["accuracy", "class-shift"]) {
      let value = try Self.share(expected, key).value
      #expect(abs(try #require(row["value"] as? Double) - value) < 1e-12, "\(key)")
      let record = try #require(row["robustness"] as? [String: Any])
      let base = try Self.share(expected, "base").value
      #expect(abs(try #require(record["baseValue"] as? Double) - base) < 1e-12)
    }
    #expect(
      Set(rows.compactMap { ($0["protocol"] as? [String: Any])?["hash"] as? String }).count == 2)
  }

  @Test("the shift's own names are of all its classes: none of its frames is never right")
  func classShiftOfAllClasses() throws {
    let scene = try Scene()
    let copy = scene.url.appending(path: "features")
    try FileManager.default.copyItem(at: Self.fixtures.appending(path: "features"), to: copy)
    // person: person
    let names = try String(
      contentsOf: TestPaths.project.appending(path: "Prompts/YTBB-Robust/own-names.yaml"),
      encoding: .utf8)
    let ids = names.matches(of: /\n  ([a-z ]+):/).map { String($0.1) }
    #expect(ids.count == 23)
    try scene.write(ids.map { "\($0)\n" }.joined(), to: "features/YTBB-Robust/classes.ids.txt")
    let weights = ids.indices.flatMap { number in
      (0..<8).map { Float(1 + (number * 7 + $0 * $0 * 5) % 11) }
    }
    try NPYFile.write(
      shape: [ids.count, 8], values: weights,
      to: copy.appending(path: "YTBB-Robust/classes.npy"))
    let (run, output) = try run(
      Self.naturalSuite(["YTBB-Robust"], "  classifiers: [zero-shot, class-shift]\n"),
      features: copy.path, data: Self.fixtures.appending(path: "data"), in: scene)
    #expect(run.code == 0, "\(run.errors)")
    let rows = try resultRows(output)
    #expect(rows.count == 4)
    for row in rows {
      let record = try #require(row["robustness"] as? [String: Any])
      let entry = try #require(
        (row["protocol"] as? [String: Any])?["robustness"] as? [String: Any])
      let isZeroShot = record["classifier"] as? String == "zero-shot"
      #expect(entry["unmatched"] as? String == (isZeroShot ? "never-right" : nil))
      #expect((record["unmatchedSamples"] as? Int == 0) == !isZeroShot)
    }
    #expect(run.errors.components(separatedBy: "are never right").count == 2)
  }

  @Test("a shift without results leaves no mean over the others")
  func missingShift() throws {
    let scene = try Scene()
    let (run, output) = try run(
      Self.naturalSuite(["ImageNetV2", "ImageNet-Sketch"], "  baselines: testbed\n"),
      features: "features", to: "RUN", "--dataset", "ImageNetV2", in: scene)
    #expect(run.code == 0, "\(run.errors)")
    let report = try String(contentsOf: output.appending(path: "report.md"), encoding: .utf8)
    #expect(report.contains("| Model | Kind | ImageNetV2 | ImageNet-Sketch | Mean |"))
    #expect(report.contains("none where one is missing: synthetic (ImageNet-Sketch)"), "\(report)")
    // The testbed has the same images in another copy.
    let table = try String(contentsOf: output.appending(path: "robustness.csv"), encoding: .utf8)
    #expect(table.contains("synthetic,zero-shot,ImageNetV2,") && !table.contains(",mean,"))
    let lines = try String(
      contentsOf: output.appending(path: "robustness-lines.json"), encoding: .utf8)
    #expect(lines.contains("\"imagenetv2-format-val\"") && lines.contains("\"count\" : 85"))
    // Columns may be called as the datasets otherwise are.
    try scene.write(
      "model,type,imagenet1k,imagenet-v2\n"
        + (1...3).map { "m\($0),standard,0.\($0),0.\($0)\n" }.joined(), to: "mine.csv")
    let (other, second) = try self.run(
      Self.naturalSuite(["ImageNetV2"], "  baselines: mine.csv\n"), features: "features",
      to: "SECOND", in: scene)
    #expect(other.code == 0, "\(other.errors)")
    let own = try String(
      contentsOf: second.appending(path: "robustness-lines.json"), encoding: .utf8)
    #expect(own.contains("\"imagenet1k\"") && own.contains("\"imagenet-v2\""))
  }

  @Test("a report says where a suite no longer reads, and keeps what an earlier one made of it")
  func unreadSuite() throws {
    let scene = try familyScene()
    let (run, output) = try run(
      Self.family("classifiers: [zero-shot]").replacing(
        "probe: {C: 0.5, validation: hold-out}\n", with: ""), features: "family", in: scene)
    #expect(run.code == 0, "\(run.errors)")
    let table = try Data(contentsOf: output.appending(path: "robustness.csv"))
    let record = output.appending(path: "run.json")
    let text = try String(contentsOf: record, encoding: .utf8)
    try Data(text.replacing("shifts: [Away]", with: "shifts: Away").utf8).write(to: record)
    let made = try Program()("report", output.path)
    #expect(made.code == 0 && made.errors.contains("does not now"), "\(made.errors)")
    let report = try String(contentsOf: output.appending(path: "report.md"), encoding: .utf8)
    #expect(report.contains("## Robustness\n") && report.contains("does not now"))
    #expect(try Data(contentsOf: output.appending(path: "robustness.csv")) == table)
  }

  @Test(
    "baselines of one's own: too few models; zero-shot beside a standard one")
  func ownBaselines() throws {
    let scene = try familyScene()
    func report(_ rows: String, _ name: String) throws -> String {
      try scene.write("model,type,Home,Away\n" + rows, to: "table.csv")
      let (run, output) = try run(
        Self.family("baselines: table.csv\n  classifiers: [zero-shot, probe]", probe: "{C: 0.5}"),
        features: "family", to: name, in: scene)
      #expect(run.code == 0, "\(run.errors)")
      return try String(contentsOf: output.appending(path: "report.md"), encoding: .utf8)
    }
    let few = try report("a,standard,0.5,0.4\nb,zero-shot,0.6,0.5\n", "A")
    #expect(
      few.contains("no line: it needs three models, and 1 of 2 of table.csv count (models of type"))
    let zeroShot = try #require(try Self.expected()["family"] as? [String: Any])["zero-shot"]
    let base = try Self.share(zeroShot, "base").value
    let near = "a,standard,0.5,0.4\nb,standard,0.6,0.5\nnear,standard,\(base - 0.01),0.3\n"
    let whole = try report(near, "B")
    #expect(whole.contains("percentage points above zero-shot family"), "\(whole)")
    #expect(whole.contains("figures/paired-shifts-near-zero-shot-"))
    #expect(whole.contains("figures/adapt-to-home-"))
    try checkChange(scene.url.appending(path: "B"))
    let far = try report("a,standard,0.5,0.4\nb,standard,0.1,0.05\nc,standard,0.2,0.1\n", "C")
    #expect(far.contains("Effective robustness") && !far.contains("paired-shifts"))
  }

  /// The interval of what adapting to the base changes is that of the same images: about the normal one of their differences.
  private func checkChange(_ run: URL) throws {
    func right(_ classifier: String) throws -> [Double] {
      let file = try SafetensorsFile(
        run.appending(path: "predictions/robustness/family/Away.test.\(classifier).safetensors"))
      return zip(try file.tensor("label").integers(), try file.tensor("prediction").integers())
        .map { $0 == $1 ? 1 : 0 }
    }
    let differences = zip(try right("probe"), try right("zero-shot")).map { $0 - $1 }
    let n = Double(differences.count)
    let mean = differences.reduce(0, +) / n
    let squares = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let reach = 1.96 * (squares / n).squareRoot() / n.squareRoot()
    let table = try String(
      contentsOf: run.appending(path: "figures/adapt-to-home-family.csv"), encoding: .utf8)
    let bars = table.split(whereSeparator: \.isNewline).map { $0.split(separator: ",") }
    let bar = try #require(bars.first { $0.contains("Away") }).compactMap { Double($0) }
    #expect(abs(bar[1] - mean) < 1e-12 && reach > 0.02)
    #expect(abs(bar[2] - (mean - reach)) < 0.012 && abs(bar[3] - (mean + reach)) < 0.012)
    #expect(bars.contains { $0.contains("Home (4 classes)") })
  }

  private static func family(_ more: String, probe: String = "{C: 0.5, validation: hold-out}")
    -> String
  {
    """
    suite: family
    version: 1
    description: Made by numpy.
    experiments: [robustness]
    probe: \(probe)
    robustness:
      base: Home
      shifts: [Away]
      \(more)
    datasets:
      - {dataset: Home, layout: image-folder, path: none, split: test, classNames: animals.yaml, templates: generic/bare}
      - {dataset: Away, layout: image-folder, path: none, split: test}

    """
  }

  private func familyScene() throws -> Scene {
    let scene = try Scene()
    try scene.write(
      "dataset: Home\nset: animals\nversion: 1\nsource: a test\nclasses:\n"
        + ["bear", "cat", "dog", "fox", "owl"].map { "  \($0): \($0)\n" }.joined(),
      to: "animals.yaml")
    return scene
  }

  @Test("a probe of the base, and ensembles of its weights with zero-shot's")
  func family() throws {
    let scene = try familyScene()
    let expected = try #require(try Self.expected()["family"] as? [String: Any])
    let (run, output) = try run(
      Self.family(
        "classifiers: [zero-shot, probe, ensemble]\n  alphas: [0, 0.25, 0.5, 0.75, 1]",
        probe: "{C: 0.5}"), features: "family", in: scene)
    #expect(run.code == 0, "\(run.errors)")
    let rows = try resultRows(output)
    #expect(rows.count == 7)
    func check(_ row: [String: Any], _ values: Any?, _ what: String) throws {
      let (value, n) = try Self.share(values, "accuracy")
      #expect(abs(try #require(row["value"] as? Double) - value) < 1e-12, "\(what)")
      #expect(row["n"] as? Int == n)
      let record = try #require(row["robustness"] as? [String: Any])
      let base = try Self.share(values, "base")
      #expect(abs(try #require(record["baseValue"] as? Double) - base.value) < 1e-12, "\(what)")
      #expect(record["baseN"] as? Int == base.n)
    }
    try check(rows[0], expected["zero-shot"], "zero-shot")
    try check(rows[1], expected["probe"], "probe")
    let ensemble = try #require(expected["ensemble"] as? [[String: Any]])
    for (row, values) in zip(rows.dropFirst(2), ensemble) {
      try check(row, values, "alpha \(values["alpha"] ?? "")")
      #expect(
        (row["robustness"] as? [String: Any])?["alpha"] as? Double == values["alpha"] as? Double)
    }
    // Predictions are in the shift's own numbers.
    let file = try SafetensorsFile(
      output.appending(path: "predictions/robustness/family/Away.test.zero-shot.safetensors"))
    let labels = try file.tensor("label").integers()
    let predictions = try file.tensor("prediction").integers()
    #expect(Set(labels) == [0, 1, 2, 3])
    let right = zip(labels, predictions).count { $0 == $1 }
    #expect(Double(right) / Double(labels.count) == rows[0]["value"] as? Double)

    // The same command finds the fits done, and writes the same bytes.
    let before = try Data(contentsOf: output.appending(path: "results.jsonl"))
    let (again, _) = try self.run(
      Self.family(
        "classifiers: [zero-shot, probe, ensemble]\n  alphas: [0, 0.25, 0.5, 0.75, 1]",
        probe: "{C: 0.5}"), features: "family", in: scene)
    #expect(again.code == 0, "\(again.errors)")
    #expect(try Data(contentsOf: output.appending(path: "results.jsonl")) == before)
    let timings = try String(contentsOf: output.appending(path: "timings.jsonl"), encoding: .utf8)
    #expect(timings.contains("\"fits\":0") && !timings.contains("\"fits\":1"))
    // And a report is made of rows alone.
    let report = try Data(contentsOf: output.appending(path: "report.md"))
    let made = try Program()("report", output.path)
    #expect(made.code == 0, "\(made.errors)")
    #expect(try Data(contentsOf: output.appending(path: "report.md")) == report)
  }

  @Test("few-shot probes of the base: each seed, and means of both values")
  func fewShot() throws {
    let scene = try familyScene()
    let (run, output) = try run(
      Self.family(
        "classifiers: [few-shot]", probe: "{shots: [1, 4, 200], seeds: 2}"), features: "family",
      in: scene)
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.errors.contains("200 shots are left out"))
    let rows = try resultRows(output)
    #expect(
      rows.map { ($0["probe"] as? [String: Any])?["seed"] as? Int } == [1, 2, nil, 1, 2, nil])
    for mean in [2, 5] {
      for key in ["value", "baseValue"] {
        let values = try (mean - 2...mean).map { row in
          try #require(
            key == "value"
              ? rows[row][key] as? Double
              : (rows[row]["robustness"] as? [String: Any])?[key] as? Double)
        }
        #expect(abs(values[2] - (values[0] + values[1]) / 2) < 1e-12)
      }
      #expect(
        ((rows[mean]["robustness"] as? [String: Any])?["baseSeedInterval95"] as? [Double])?.count
          == 2)
    }
  }

  @Test(
    "what cannot be a suite of robustness is told with its place",
    arguments: [
      ("  classifiers: [zero-shot, zero-shot]", "listed twice", 9),
      ("  classifiers: [magic]", "unknown classifier \"magic\"", 9),
      ("  alphas: [0.5]", "no classifier is an ensemble", 9),
      ("  classifiers: [ensemble]\n  alphas: [1.5]", "from 0 to 1", 10),
      ("  baselines: tested", "testbed", 9),
      ("  unmatched: keep", "expected leave-out", 9),
      ("  scale: cubic", "unknown scale", 9),
    ])
  func badBlocks(block: String, message: String, line: Int) throws {
    let scene = try familyScene()
    let suite = Self.family(String(block.dropFirst(2))).replacing(
      "probe: {C: 0.5, validation: hold-out}\n", with: "")
    let (run, _) = try run(suite, features: "family", in: scene)
    #expect(run.code == 78)
    #expect(run.errors.contains(message), "\(run.errors)")
    #expect(run.errors.contains("robustness.yaml:\(line - 1)"), "\(run.errors)")
  }

  @Test func badFamilies() throws {
    let scene = try familyScene()
    func check(_ old: String, _ new: String, _ message: String, code: Int32 = 78) throws {
      let suite = Self.family("classifiers: [zero-shot]")
        .replacing("probe: {C: 0.5, validation: hold-out}\n", with: "").replacing(old, with: new)
      let found = try run(suite, features: "family", in: scene).result
      #expect(found.code == code, "\(message): \(found.errors)")
      #expect(found.errors.contains(message), "\(found.errors)")
    }
    try check("shifts: [Away]", "shifts: [Home]", "Home is the base")
    try check("shifts: [Away]", "shifts: [Awy]", "Away is neither the base nor a shift")
    try check("shifts: [Away]", "shifts: [Away, Away]", "Away is a shift already")
    try check("shifts: [Away]", "shifts: []", "at least one shift")
    try check("experiments: [robustness]", "experiments: [zero-shot]", "none of the suite's")
    try check(
      "robustness:\n  base: Home\n  shifts: [Away]\n  classifiers: [zero-shot]\n", "",
      "needs a base and its shifts")
    try scene.write("model,type,Home\na,standard,0.5\n", to: "table.csv")
    try check(
      "classifiers: [zero-shot]", "baselines: table.csv", "has no column Away")
    // Away has four of Home's five classes: Home is no shift of it.
    let swapped = Self.family("classifiers: [probe]", probe: "{C: 1}")
      .replacing("base: Home", with: "base: Away").replacing(
        "shifts: [Away]", with: "shifts: [Home]")
    let found = try run(swapped, features: "family", in: scene).result
    #expect(found.code == 1)
    #expect(found.errors.contains("no features of the split train of Away"), "\(found.errors)")
  }

  @Test func classesThatTheBaseLacks() throws {
    let scene = try familyScene()
    let suite = Self.family("classifiers: [zero-shot]")
      .replacing("probe: {C: 0.5, validation: hold-out}\n", with: "")
    let classes = "features/Away/classes.txt"
    // A copy of the features in which one class has another name.
    let copy = scene.url.appending(path: "features")
    try FileManager.default.copyItem(at: Self.fixtures.appending(path: "family"), to: copy)
    try scene.write("owl\ndog\nbear\nwolf\n", to: classes)
    try scene.write(suite, to: "robustness.yaml")
    let program = try Program()
    func run(_ output: String) throws -> Program.Result {
      try program(
        "run", scene.url.appending(path: "robustness.yaml").path, "--model", copy.path, "--output",
        scene.url.appending(path: output).path)
    }
    let refused = try run("A")
    #expect(refused.code == 1)
    #expect(refused.errors.contains("1 of 4 classes are none of Home's: wolf"), "\(refused.errors)")
    try scene.write(
      suite.replacing("classifiers: [zero-shot]", with: "unmatched: leave-out"),
      to: "robustness.yaml")
    let left = try run("B")
    #expect(left.code == 0, "\(left.errors)")
    #expect(left.errors.contains("are left out"))
    let row = try #require(try resultRows(scene.url.appending(path: "B")).first)
    #expect(row["n"] as? Int == 105)
    #expect((row["robustness"] as? [String: Any])?["unmatchedSamples"] as? Int == 35)
    #expect((row["robustness"] as? [String: Any])?["baseN"] as? Int == 90)
  }
}
