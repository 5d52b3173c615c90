import Foundation
import TensorFiles
import TestSupport
import Testing

/// `run` with linear probes, few-shot probes and nearest neighbours on a folder of features.
@Suite struct ProbeRunTests {
  private static let fixtures = TestPaths.fixtures.appending(path: "probe-suite")

  private struct Expected: Decodable {
    struct Point: Decodable {
      var C: Double
      var score: Double
    }
    struct Fit: Decodable {
      var accuracy: Double
      var objective: Double
      var auc: Double?
    }
    var curve: [Point]
    var C: Double
    var searched: Fit
    var given: Fit
    var knn: Double
  }

  private static func expected(_ name: String) throws -> Expected {
    let all = try JSONDecoder().decode(
      [String: Expected].self, from: Data(contentsOf: fixtures.appending(path: "expected.json")))
    return try #require(all[name])
  }

  private func run(
    _ experiments: String, dataset: String = "Four", probe: String = "{}", entry: String = "",
    in scene: Scene
  ) throws -> (result: Program.Result, output: URL) {
    try scene.write(
      """
      suite: probes
      version: 1
      description: Probes of features made by numpy.
      experiments: [\(experiments)]
      probe: \(probe)
      datasets:
        - dataset: \(dataset)
          layout: image-folder
          path: none
          split: test
          \(entry)
      """, to: "probes.yaml")
    let output = scene.url.appending(path: "RUN")
    let result = try scene.program()(
      "run", scene.url.appending(path: "probes.yaml").path, "--model",
      Self.fixtures.appending(path: "features").path, "--output", output.path)
    return (result, output)
  }

  @Test("a test split that is not there stops a probe before anything is fitted")
  func missingTest() throws {
    let scene = try Scene()
    let (absent, _) = try run("linear-probe", probe: "{test: [absent]}", in: scene)
    #expect(absent.code == 1 && absent.errors.contains("absent"), "\(absent.errors)")
    #expect(!absent.errors.contains("Four fits"), "\(absent.errors)")
    // That fits would be told.
    let other = try Scene()
    #expect(try run("linear-probe", in: other).result.errors.contains("Four fits"))
  }

  @Test("scikit-learn's search: its C, its curve and its accuracy", arguments: ["Four", "Two"])
  func search(dataset: String) throws {
    let scene = try Scene()
    let expected = try Self.expected(dataset)
    let (run, output) = try run(
      "linear-probe", dataset: dataset, probe: "{validation: val}", in: scene)
    #expect(run.code == 0, "\(run.errors)")
    let row = try #require(try resultRows(output).first)
    #expect(row["experiment"] as? String == "linear-probe")
    #expect(abs(try #require(row["value"] as? Double) - expected.searched.accuracy) < 1e-12)
    let probe = try #require(row["probe"] as? [String: Any])
    #expect(abs(try #require(probe["C"] as? Double) / expected.C - 1) < 1e-12)
    #expect(probe["converged"] as? Bool == true && probe["isAtEdge"] as? Bool == false)
    let objective = try #require(probe["objective"] as? Double)
    #expect(abs(objective - expected.searched.objective) < 1e-5 * expected.searched.objective)
    let curve = try #require(probe["curve"] as? [[String: Double]])
    #expect(curve.count == expected.curve.count)
    for (point, wanted) in zip(curve, expected.curve) {
      #expect(abs(try #require(point["C"]) / wanted.C - 1) < 1e-9)
      #expect(abs(try #require(point["score"]) - wanted.score) < 1e-12, "C = \(wanted.C)")
    }
    let record = try #require(row["protocol"] as? [String: Any])
    let own = try #require(record["probe"] as? [String: Any])
    #expect(own["selection"] as? String == "validation")
    #expect(own["validationSplits"] as? [String] == ["val"] && own["search"] as? String == "paper")
    let file = try SafetensorsFile(
      output.appending(path: "predictions/linear-probe/features/\(dataset).safetensors"))
    let labels = try file.tensor("label").integers()
    let predictions = try file.tensor("prediction").integers()
    let right = zip(labels, predictions).count { $0 == $1 }
    #expect(Double(right) / Double(labels.count) == row["value"] as? Double)
  }

  @Test func aGivenCIsFittedOnce() throws {
    let scene = try Scene()
    let expected = try Self.expected("Two").given
    let (run, output) = try run(
      "linear-probe", dataset: "Two", probe: "{C: 0.316, validation: val}",
      entry: "metric: ROC-AUC", in: scene)
    #expect(run.code == 0, "\(run.errors)")
    let rows = try resultRows(output)
    #expect(rows.map { $0["metric"] as? String } == ["ROC-AUC", "accuracy"])
    #expect(abs(try #require(rows[0]["value"] as? Double) - expected.auc!) < 1e-9)
    #expect(abs(try #require(rows[1]["value"] as? Double) - expected.accuracy) < 1e-12)
    let probe = try #require(rows[0]["probe"] as? [String: Any])
    #expect((probe["curve"] as? [Any])?.isEmpty == true && probe["trainingSamples"] as? Int == 150)
    let objective = try #require(probe["objective"] as? Double)
    #expect(abs(objective - expected.objective) < 1e-5 * expected.objective)
  }

  @Test("neighbours vote as numpy counts them", arguments: ["Four", "Two"])
  func neighbours(dataset: String) throws {
    let scene = try Scene()
    let (run, output) = try run(
      "knn", dataset: dataset, probe: "{neighbours: 7, validation: val}", in: scene)
    #expect(run.code == 0, "\(run.errors)")
    let row = try #require(try resultRows(output).first)
    #expect(abs(try #require(row["value"] as? Double) - Self.expected(dataset).knn) < 1e-12)
  }

  @Test func fewShot() throws {
    let scene = try Scene()
    let (run, output) = try run(
      "few-shot", probe: "{shots: [1, 4], seeds: 2}", in: scene)
    #expect(run.code == 0, "\(run.errors)")
    let rows = try resultRows(output)
    let shots = rows.map { ($0["probe"] as? [String: Any])?["shots"] as? Int }
    #expect(shots == [1, 1, 1, 4, 4, 4])
    let seeds = rows.map { ($0["probe"] as? [String: Any])?["seed"] as? Int }
    #expect(seeds == [1, 2, nil, 1, 2, nil])
    let values = rows.compactMap { $0["value"] as? Double }
    #expect(abs(values[2] - (values[0] + values[1]) / 2) < 1e-12)
    let mean = try #require(rows[5]["probe"] as? [String: Any])
    #expect(mean["seeds"] as? Int == 2 && mean["trainingSamples"] as? Int == 16)
    // Student's t with one degree of freedom, two-sided 95 %: 12.706205.
    let reach = 12.706204736 * abs(values[3] - values[4]) / 2
    let interval = try #require(mean["seedInterval95"] as? [Double])
    #expect(abs(interval[1] - (values[5] + reach)) < 1e-8)
    // The drawn examples are written, and their hashes recorded.
    let file = output.appending(path: "splits/Four/4-shot.seed-2.json")
    let split = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    let classes = try #require(split["classes"] as? [[String: Any]])
    #expect(classes.map { ($0["train"] as? [String])?.count } == [4, 4, 4, 4])
    #expect(classes.map { ($0["validation"] as? [String])?.count } == [4, 4, 4, 4])

    // The same command finds all of it done, and writes the same bytes.
    let before = try Data(contentsOf: output.appending(path: "results.jsonl"))
    let again = try self.run("few-shot", probe: "{shots: [1, 4], seeds: 2}", in: scene)
    #expect(again.result.code == 0, "\(again.result.errors)")
    #expect(try Data(contentsOf: output.appending(path: "results.jsonl")) == before)
    let timings = try String(
      contentsOf: output.appending(path: "timings.jsonl"), encoding: .utf8)
    #expect(timings.contains("\"fits\":0"))
    // Fits of a search are let go of once it is over.
    let kept = try FileManager.default.subpathsOfDirectory(
      atPath: output.appending(path: "checkpoints").path)
    #expect(!kept.contains { $0.contains("/search") })
    #expect(kept.count { $0.hasSuffix("outcome.json") } == 4)
  }

  @Test("other ways to choose C", arguments: ["validation", "cross-validation", "fixed"])
  func selections(selection: String) throws {
    let scene = try Scene()
    let fixed = selection == "fixed" ? ", C: 0.316" : ""
    let (run, output) = try run(
      "few-shot", probe: "{shots: [4], seeds: [7], selection: \(selection)\(fixed)}",
      in: scene)
    #expect(run.code == 0, "\(run.errors)")
    let rows = try resultRows(output)
    #expect(rows.count == 2)
    let probe = try #require(rows[0]["probe"] as? [String: Any])
    let own = try #require((rows[0]["protocol"] as? [String: Any])?["probe"] as? [String: Any])
    #expect(own["selection"] as? String == selection)
    #expect((own["holdOutFraction"] != nil) == (selection == "validation"))
    #expect(((probe["curve"] as? [Any])?.count ?? 0 > 8) == (selection != "fixed"))
    #expect(probe["trainingSamples"] as? Int == 16)
  }

  @Test func aHeldOutPartIsRecorded() throws {
    let scene = try Scene()
    let (run, output) = try run("linear-probe", in: scene)
    #expect(run.code == 0, "\(run.errors)")
    let row = try #require(try resultRows(output).first)
    let own = try #require((row["protocol"] as? [String: Any])?["probe"] as? [String: Any])
    #expect(own["selection"] as? String == "hold-out" && own["holdOutFraction"] as? Double == 0.2)
    #expect(own["validationSplits"] == nil && own["trainSplits"] as? [String] == ["train"])
    // The last fit is on all samples.
    #expect((row["probe"] as? [String: Any])?["trainingSamples"] as? Int == 90)
  }

  @Test func severalRoundsAreOneMean() throws {
    let scene = try Scene()
    let (run, output) = try run(
      "linear-probe", probe: "{train: [train, val], C: 1}", in: scene)
    #expect(run.code == 0, "\(run.errors)")
    let row = try #require(try resultRows(output).first)
    #expect(row["n"] as? Int == 160)
    let record = try #require(row["protocol"] as? [String: Any])
    #expect(record["metric"] as? String == "accuracy mean-over=2-predefined-splits")
    let accuracies = try ["train", "val"].map { round in
      let file = try SafetensorsFile(
        output.appending(path: "predictions/linear-probe/features/Four.\(round).safetensors"))
      let pairs = zip(try file.tensor("label").integers(), try file.tensor("prediction").integers())
      return Double(pairs.count { $0 == $1 }) / 80
    }
    #expect(accuracies[0] != accuracies[1])
    #expect(abs(try #require(row["value"] as? Double) - accuracies.reduce(0, +) / 2) < 1e-12)
    // A sample that both rounds test on is one draw.
    #expect((row["intervalMethod"] as? String)?.hasPrefix("cluster-bootstrap") == true)
  }

  @Test func anInterruptedSearchGoesOn() throws {
    let scene = try Scene()
    let probe = "{validation: val, search: flat}"
    let (whole, output) = try run("linear-probe", probe: probe, in: scene)
    #expect(whole.code == 0, "\(whole.errors)")
    let results = output.appending(path: "results.jsonl")
    let complete = try Data(contentsOf: results)
    // As if stopped before the last fit: its outcome is not there yet.
    let checkpoints = output.appending(path: "checkpoints/linear-probe/features/Four")
    let folder = try #require(
      FileManager.default.contentsOfDirectory(atPath: checkpoints.path).first)
    try FileManager.default.removeItem(
      at: checkpoints.appending(path: "\(folder)/outcome.json"))
    let (again, _) = try run("linear-probe", probe: probe, in: scene)
    #expect(again.code == 0, "\(again.errors)")
    #expect(try Data(contentsOf: results) == complete)
  }

  @Test func theTestSplitIsNotTrainedOn() throws {
    let scene = try Scene()
    let copy = scene.url.appending(path: "features")
    try FileManager.default.copyItem(at: Self.fixtures.appending(path: "features"), to: copy)
    // A split under another name that shares samples with the test split.
    for ending in ["npy", "labels.npy", "ids.txt"] {
      try FileManager.default.copyItem(
        at: copy.appending(path: "Four/test.\(ending)"),
        to: copy.appending(path: "Four/other.\(ending)"))
    }
    try scene.write(
      """
      suite: probes
      version: 1
      description: A test split in disguise.
      experiments: [knn]
      datasets:
        - {dataset: Four, layout: image-folder, path: none, split: test, probe: {train: other}}
      """, to: "probes.yaml")
    let run = try scene.program()(
      "run", scene.url.appending(path: "probes.yaml").path, "--model", copy.path, "--output",
      scene.url.appending(path: "RUN").path)
    #expect(run.code == 1)
    #expect(
      run.errors.contains(
        "80 samples of the split test are in the split other too, which is learned from"))
  }

  @Test func aDryRunShowsTheSplits() throws {
    let scene = try Scene()
    _ = try run("linear-probe", in: scene)
    let plan = try scene.program()(
      "run", scene.url.appending(path: "probes.yaml").path, "--model",
      Self.fixtures.appending(path: "features").path, "--dry-run", "--json")
    #expect(plan.code == 0, "\(plan.errors)")
    let tasks = try #require(try plan.json()["tasks"] as? [[String: Any]])
    #expect(tasks.map { $0["images"] as? Int } == [170])
    let task = try #require(tasks[0]["task"] as? [String: Any])
    #expect((task["probe"] as? [String: Any])?["solver"] as? String == "converged")
  }

  /// A model's own features, and the same ones as files, give the same probe.
  @Test func modelsAreProbedOnPooledFeatures() throws {
    let scene = try Scene()
    let data = TestPaths.fixtures.appending(path: "datasets/DTD/torchvision").path
    try scene.write(
      """
      suite: textures
      version: 1
      description: A few textures.
      experiments: [linear-probe, few-shot, knn]
      probe: {shots: [1], seeds: 1, selection: validation, neighbours: 1}
      datasets: [{dataset: DTD}]
      """, to: "textures.yaml")
    let suite = scene.url.appending(path: "textures.yaml").path
    let program = try scene.program()
    let (own, other) = (scene.url.appending(path: "A"), scene.url.appending(path: "B"))
    let first = try program(
      "run", suite, "--model", Program.model, "--data-root", data, "--output", own.path)
    #expect(first.code == 0, "\(first.errors)")
    let features = scene.url.appending(path: "features")
    for split in ["train", "val", "test"] {
      let made = try program(
        "embed", "images", "--model", Program.model, "--dataset", "DTD", "--split", split,
        "--data-root", data, "--feature", "pooled", "--no-normalize", "--output",
        features.appending(path: "DTD/\(split).safetensors").path)
      #expect(made.code == 0, "\(made.errors)")
    }
    let second = try program(
      "run", suite, "--model", features.path, "--data-root", data, "--output", other.path)
    #expect(second.code == 0, "\(second.errors)")
    let (rows, others) = (try resultRows(own), try resultRows(other))
    #expect(rows.count == others.count && rows.count > 3)
    for (row, wanted) in zip(rows, others) {
      #expect(row["value"] as? Double == wanted["value"] as? Double)
      let record = try #require(row["protocol"] as? [String: Any])
      #expect(record["featureKind"] as? String == "pooled")
      #expect(record["normalisation"] as? String == "none")
      let (fit, same) = (row["probe"] as? [String: Any], wanted["probe"] as? [String: Any])
      #expect(fit?["objective"] as? Double == same?["objective"] as? Double)
    }
  }

  @Test func drawsAreTakenFromCoOpsFiles() throws {
    let scene = try Scene()
    // The labels of the fixture's first eight training samples, numbered and called another way.
    let names = ["w", "x", "y", "z"]
    let labels = [0, 0, 0, 1, 0, 2, 0, 3]
    func entries(_ rows: [Int]) -> String {
      rows.map {
        "[\"old/machine/train/00\($0).png\", \(3 - labels[$0]), \"\(names[labels[$0]])\"]"
      }.joined(separator: ", ")
    }
    try scene.write(
      "{\"train\": [\(entries([0, 3, 5, 7]))], \"val\": [\(entries([2]))]}",
      to: "coop/Four/shot_1-seed_5.json")
    let (run, output) = try run(
      "few-shot", probe: "{shots: [1], seeds: [5], splits: coop}", in: scene)
    #expect(run.code == 0, "\(run.errors)")
    let file = output.appending(path: "splits/Four/1-shot.seed-5.json")
    let split = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    let classes = try #require(split["classes"] as? [[String: Any]])
    #expect(
      classes.map { $0["train"] as? [String] } == [
        ["train/000.png"], ["train/003.png"], ["train/005.png"], ["train/007.png"],
      ])
    #expect((split["origin"] as? String)?.hasPrefix("coop sha256=") == true)
    let other = try Scene()
    try other.write("", to: "coop/README")
    let (missing, _) = try self.run(
      "few-shot", probe: "{shots: [1], seeds: [5], splits: coop}", in: other)
    #expect(missing.errors.contains("shot_1-seed_5.pkl or shot_1-seed_5.json for Four"))
  }
}
