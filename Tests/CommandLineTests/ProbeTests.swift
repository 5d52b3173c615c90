import Core
import Foundation
import TensorFiles
import TestSupport
import Testing

/// `clip-eval probe` on feature files, as anybody would call it.
@Suite struct ProbeTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func path(_ name: String) -> String { folder.url.appending(path: name).path }

  private static let problems = TestPaths.fixtures.appending(path: "probes")

  /// The fixture's own optimum (Tools/make-probe-fixtures.py), from scikit-learn and Newton's method in float64.
  private struct Reference: Decodable {
    struct Problem: Decodable {
      struct Fit: Decodable {
        struct Truth: Decodable {
          let objective: Double
          let labels: [Int64]
        }
        let C: Double
        let truth: Truth
      }
      let name: String
      let fits: [Fit]
    }
    let problems: [Problem]
  }

  /// A problem's training file, and a test file whose labels are those the optimum with this C predicts.
  private func problem(_ name: String, C: Double) throws -> (
    train: String, test: String, objective: Double, labels: [Int64]
  ) {
    let references = try JSONDecoder().decode(
      Reference.self, from: Data(contentsOf: Self.problems.appending(path: "references.json")))
    let fits = try #require(references.problems.first { $0.name == name }?.fits)
    let truth = try #require(fits.first { $0.C == C }?.truth)
    let train = Self.problems.appending(path: "\(name).safetensors")
    let features = try SafetensorsFile(train).tensor("test_features")
    let (rows, columns) = (features.shape[0], features.shape[1])
    let test = path("\(name)-test.safetensors")
    let classes = truth.labels.count / rows
    try SafetensorsFile.write(
      [
        TensorPayload(name: "features", shape: [rows, columns], floats: features.floats()),
        TensorPayload(
          name: "labels", shape: classes == 1 ? [rows] : [rows, classes], integers: truth.labels),
      ], to: URL(filePath: test))
    return (train.path, test, truth.objective, truth.labels)
  }

  @Test(
    "--C: scikit-learn's optimum and its predictions, from every preset",
    arguments: [
      ("ten-classes", "converged", 1e-6), ("two-classes", "converged", 1e-6),
      ("ten-classes", "paper", 1e-4), ("two-classes", "sklearn-1.7", 1e-4),
    ])
  func one(name: String, solver: String, tolerance: Double) throws {
    let program = try Program()
    let problem = try problem(name, C: 0.316)
    let result = try program(
      "probe", "--train", problem.train, "--test", problem.test, "--C", "0.316", "--solver", solver,
      "--json", "--save", path("w.safetensors"), "--predictions", path("p.safetensors"))
    #expect(result.code == 0, "\(result.errors)")
    let document = try result.json()
    #expect(document["kind"] as? String == "probe")
    #expect(document["accuracy"] as? Double == 1)
    #expect(document["value"] as? Double == 1 && document["metric"] as? String == "accuracy")
    let n = problem.labels.count
    #expect(document["n"] as? Int == n)
    // Clopper–Pearson with no failure: α/2 to the power of 1/n.
    let interval = try #require(document["interval95"] as? [Double])
    #expect(abs(interval[0] - pow(0.025, 1 / Double(n))) < 1e-9 && interval[1] == 1)
    let objective = try #require(document["objective"] as? Double)
    #expect(abs(objective - problem.objective) <= tolerance * problem.objective)
    #expect(document["C"] as? Double == 0.316)
    #expect(document["converged"] as? Bool == true)
    let norm = try #require(document["gradientNorm"] as? Double)
    #expect(norm > 0 && norm <= (solver == "converged" ? 1e-6 : 1e-3))
    let iterations = try #require(document["iterations"] as? Int)
    #expect(iterations > 1 && document["evaluations"] as? Int ?? 0 >= iterations)
    #expect(document["solver"] as? String == solver)
    #expect(document["selection"] as? String == "fixed")
    #expect(document["curve"] is NSNull && document["isAtEdge"] is NSNull)
    #expect(document["classCount"] as? Int == (name == "ten-classes" ? 10 : 2))
    #expect(document["seconds"] as? Double ?? -1 >= 0)
    let train = try #require(document["train"] as? [String: Any])
    #expect(train["mappedRows"] as? Int == train["rows"] as? Int)

    let predictions = try SafetensorsFile(URL(filePath: path("p.safetensors")))
    #expect(try predictions.tensor("prediction").integers() == problem.labels)
    #expect(try predictions.tensor("label").integers() == problem.labels)
    let kept = try program("inspect", path("w.safetensors"), "--json").json()
    #expect(kept["kind"] as? String == "probe-weights")
    #expect(kept["objective"] as? Double == objective && kept["C"] as? Double == 0.316)
    let table = try program("inspect", path("w.safetensors"))
    #expect(table.code == 0)
    #expect(
      table.text.split(separator: "\n").contains {
        $0.split(separator: " ") == ["solver", solver[...]]
      }, "\(table.text)")
  }

  @Test("A table for people says the same, and warns of a fit that did not converge")
  func table() throws {
    let problem = try problem("ten-classes", C: 0.316)
    let result = try Program()(
      "probe", "--train", problem.train, "--test", problem.test, "--C", "0.316",
      "--max-iterations", "2")
    #expect(result.code == 0)
    #expect(result.text.contains("NOT converged (converged: iterations)"))
    #expect(result.text.contains("C           0.316, given"))
    #expect(result.errors.contains("warning: the fit did not converge: stopped by iterations"))
  }

  /// Two features of three classes, and a little noise that no seed decides.
  private func write(_ name: String, _ count: Int, shift: Double = 0) throws -> String {
    var floats: [Float] = []
    var labels: [Int64] = []
    for i in 0..<count {
      let owner = i % 3
      let angle = Double(owner) * 2.1 + 0.9 * sin(Double(i) * 1.7 + shift)
      let length = 1 + 0.3 * cos(Double(i) * 0.6 + shift)
      floats += [Float(length * cos(angle)), Float(length * sin(angle))]
      labels.append(Int64(owner))
    }
    try SafetensorsFile.write(
      [
        TensorPayload(name: "features", shape: [count, 2], floats: floats),
        TensorPayload(name: "labels", shape: [count], integers: labels),
      ], metadata: ["classes": #"["x","y","z"]"#, "feature": "pooled"],
      to: URL(filePath: path(name)))
    return path(name)
  }

  private func curve(_ result: Program.Result) throws -> [(C: Double, score: Double)] {
    #expect(result.code == 0, "\(result.errors)")
    return try #require(try result.json()["curve"] as? [[String: Any]]).map {
      (try #require($0["C"] as? Double), try #require($0["score"] as? Double))
    }
  }

  @Test("--search: the paper's grid on --val, a last fit on both, and it goes on from what is kept")
  func search() throws {
    let files = [
      "--train", try write("a.safetensors", 90), "--val", try write("v.safetensors", 30, shift: 2),
      "--test", try write("t.safetensors", 60, shift: 4), "--search",
    ]
    let program = try Program(environment: ["CLIP_EVAL_CACHE": path("cache")])
    let first = try program.run(["probe", "--json"] + files)
    let points = try curve(first)
    let document = try first.json()
    #expect((7...15).contains(points.count))
    let exponents = points.map { (log10($0.C) + 6) * 8 }
    #expect(exponents.allSatisfy { abs($0 - $0.rounded()) < 1e-9 && (0...96).contains($0) })
    #expect(exponents == exponents.sorted())
    for coarse in stride(from: 0.0, through: 96, by: 16) {
      #expect(exponents.contains { abs($0 - coarse) < 1e-9 })
    }
    let best = try #require(points.map(\.score).max())
    #expect(document["C"] as? Double == points.first { $0.score == best }?.C)
    #expect(document["selection"] as? String == "validation")
    #expect(document["selectionSamples"] as? Int == 30 && document["holdOut"] is NSNull)
    #expect(document["trainingSamples"] as? Int == 120)
    #expect(first.errors.contains("search on 30 samples, fits of 90 × 2 features"))
    #expect(first.errors.contains("C = 0.01: accuracy "))

    let kept = try FileManager.default.subpathsOfDirectory(atPath: path("cache/probes"))
      .filter { $0.hasSuffix(".safetensors") }.sorted()
    #expect(kept.count == points.count)
    let damaged = URL(filePath: path("cache/probes/\(kept[0])"))
    try Data(contentsOf: damaged).dropLast().write(to: damaged)
    let second = try program.run(["probe", "--json"] + files)
    #expect(try curve(second).map(\.score) == points.map(\.score))
    #expect(second.errors.contains(damaged.path) && second.errors.contains("It is fitted again."))
    // Seconds are those of the fits that were made; a fit made now has others.
    func seconds(_ result: Program.Result) throws -> [Double?] {
      try #require(try result.json()["curve"] as? [[String: Any]]).map { $0["seconds"] as? Double }
    }
    let changed = zip(try seconds(first), try seconds(second)).count { $0 != $1 }
    #expect(changed == 1)

    let table = try program.run(["probe", "--quiet"] + files)
    #expect(table.text.contains("← best"))
    #expect(!table.errors.contains("C = 0.01"))
  }

  @Test("SIGINT in the middle of a search: 130, and the same command goes on with the same curve")
  func interrupted() throws {
    let problem = try problem("ten-classes", C: 0.316)
    let arguments = [
      "probe", "--train", problem.train, "--test", problem.test, "--search", "--json", "--threads",
      "1",
    ]
    let expected = try curve(Program().run(arguments))
    let program = try Program(environment: ["CLIP_EVAL_CACHE": path("cache")])
    func kept() -> Int {
      ((try? FileManager.default.subpathsOfDirectory(atPath: path("cache"))) ?? [])
        .count { $0.hasSuffix(".safetensors") && !$0.contains("/.") }
    }
    let running = try program.start(arguments)
    while running.isRunning, kept() == 0 { usleep(500) }
    running.signal(SIGINT)
    let stopped = try running.finish()
    // The process may have finished first; normally it has not, by far.
    if stopped.code != 0 {
      #expect(stopped.code == 130, "\(stopped.errors)")
      #expect(stopped.errors.contains("The same command continues"))
      #expect((1..<expected.count).contains(kept()))
    }
    let resumed = try curve(program.run(arguments))
    #expect(resumed.map(\.C) == expected.map(\.C))
    #expect(resumed.map(\.score) == expected.map(\.score))
  }

  @Test(
    "Without --val a fifth of each class is held out, the same every time, and then fitted on too")
  func holdOut() throws {
    let files = [
      "--train", try write("a.safetensors", 90), "--test", try write("t.safetensors", 60, shift: 4),
    ]
    let program = try Program()
    let first = try program.run(["probe", "--json", "--search", "--fresh"] + files)
    let points = try curve(first)
    let document = try first.json()
    #expect(document["selection"] as? String == "hold-out")
    let holdOut = try #require(document["holdOut"] as? [String: Any])
    #expect(holdOut["fraction"] as? Double == 0.2 && holdOut["seed"] as? Int == 0)
    // 6 of the 30 samples of each of three classes.
    #expect(holdOut["samples"] as? Int == 18 && document["selectionSamples"] as? Int == 18)
    #expect(document["trainingSamples"] as? Int == 90)
    let again = try program.run(["probe", "--json", "--search", "--fresh"] + files)
    #expect(try curve(again).map(\.score) == points.map(\.score))
    let flat = try curve(program.run(["probe", "--json", "--flat-search"] + files))
    #expect(flat.count == 97)
    for point in points {
      #expect(flat.first { abs($0.C / point.C - 1) < 1e-9 }?.score == point.score)
    }
  }

  @Test("The peak at the edge of the grid is told")
  func edge() throws {
    // Every C separates these: the smallest is the first of the best.
    try SafetensorsFile.write(
      [
        TensorPayload(name: "features", shape: [4, 1], floats: [-1, 1, -2, 2]),
        TensorPayload(name: "labels", shape: [4], integers: [0, 1, 0, 1]),
      ], to: URL(filePath: path("e.safetensors")))
    let file = path("e.safetensors")
    let result = try Program()(
      "probe", "--train", file, "--val", file, "--test", file, "--search", "--json")
    #expect(try result.json()["isAtEdge"] as? Bool == true)
    #expect(try result.json()["C"] as? Double == 1e-6)
    #expect(result.errors.contains("warning: the best C, 1e-06, is at the edge of the grid"))
    #expect(result.errors.contains("byte for byte"))
  }

  @Test("--shots: the same draws every time, their mean with an interval over seeds")
  func fewShot() throws {
    let files = [
      "--train", try write("a.safetensors", 90), "--test", try write("t.safetensors", 60, shift: 4),
      "--shots", "4,1", "--seeds", "3", "--json",
    ]
    let program = try Program()
    let result = try program.run(["probe", "--C", "1"] + files)
    #expect(result.code == 0, "\(result.errors)")
    let document = try result.json()
    #expect(document["kind"] as? String == "few-shot-probe")
    #expect(document["selection"] as? String == "fixed")
    let points = try #require(document["points"] as? [[String: Any]])
    #expect(points.map { $0["shots"] as? Int } == [1, 4])
    for point in points {
      let shots = try #require(point["shots"] as? Int)
      let runs = try #require(point["runs"] as? [[String: Any]])
      #expect(runs.map { $0["seed"] as? Int } == [1, 2, 3])
      #expect(runs.allSatisfy { $0["trainingSamples"] as? Int == 3 * shots })
      #expect(runs.allSatisfy { $0["C"] as? Double == 1 && $0["curve"] is NSNull })
      let values = runs.compactMap { $0["value"] as? Double }
      let mean = values.reduce(0, +) / 3
      #expect(abs((point["value"] as? Double ?? -1) - mean) < 1e-12)
      // Student's t of 2 degrees of freedom at 97.5 %.
      let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 2).squareRoot()
      let reach = 4.302_652_729_911_275 * deviation / 3.0.squareRoot()
      let interval = try #require(point["seedInterval95"] as? [Double])
      #expect(abs(interval[0] - (mean - reach)) < 1e-9 && abs(interval[1] - (mean + reach)) < 1e-9)
      #expect((point["interval95"] as? [Double])?.count == 2)
      #expect((point["seedIntervalMethod"] as? String)?.contains("training-sample") == true)
    }
    func values(_ result: Program.Result) throws -> [Double?] {
      try #require(try result.json()["points"] as? [[String: Any]]).map { $0["value"] as? Double }
    }
    #expect(try values(program.run(["probe", "--C", "1"] + files)) == values(result))

    let searched = try program.run(["probe", "--search"] + files)
    let found = try #require(try searched.json()["points"] as? [[String: Any]])
    #expect(try searched.json()["selection"] as? String == "few-shot")
    for point in found {
      let runs = try #require(point["runs"] as? [[String: Any]])
      // min(k, 4) further examples of each of three classes.
      let shots = try #require(point["shots"] as? Int)
      #expect(runs.allSatisfy { $0["selectionSamples"] as? Int == 3 * min(shots, 4) })
      #expect(runs.allSatisfy { ($0["curve"] as? [Any])?.isEmpty == false })
    }
    let whole = try program.run(
      ["probe", "--search", "--val", try write("v.safetensors", 30, shift: 2)] + files)
    #expect(try whole.json()["selection"] as? String == "validation")
  }

  @Test("--knn: votes by cosine, weighted by the temperature")
  func nearest() throws {
    func write(_ name: String, _ floats: [Float], _ labels: [Int64]) throws -> String {
      try SafetensorsFile.write(
        [
          TensorPayload(name: "features", shape: [labels.count, 2], floats: floats),
          TensorPayload(name: "labels", shape: [labels.count], integers: labels),
        ], to: URL(filePath: path(name)))
      return path(name)
    }
    let train = try write("a.safetensors", [1, 0, 0, 1, 0, 2, -1, 0], [0, 1, 1, 0])
    // Nearest to (1, 0) alone; nearer to it than to both of (0, ±): what decides is how much a vote counts.
    let test = try write("t.safetensors", [5, 0.1, 1, 0.9], [0, 1])
    let program = try Program()
    func accuracy(_ more: String...) throws -> Double? {
      let result = try program.run(["probe", "--train", train, "--test", test, "--json"] + more)
      #expect(result.code == 0, "\(result.errors)")
      return try result.json()["accuracy"] as? Double
    }
    #expect(try accuracy("--knn", "1") == 0.5)
    // cos 41.99° = 0.7433 once, cos 48.01° = 0.6690 twice: exp(0.0743 / 0.01) > 2, exp(0.0743 / 1) < 2.
    #expect(try accuracy("--knn", "3", "--temperature", "0.01") == 0.5)
    #expect(try accuracy("--knn", "3", "--temperature", "1") == 1)
  }

  @Test("Several classes a sample: one regression each, mean average precision")
  func severalClasses() throws {
    let problem = try problem("multi-label", C: 0.316)
    let result = try Program()(
      "probe", "--train", problem.train, "--test", problem.test, "--C", "0.316", "--json",
      "--absent-classes", "leave-out")
    #expect(result.code == 0, "\(result.errors)")
    let document = try result.json()
    let objective = try #require(document["objective"] as? Double)
    #expect(abs(objective - problem.objective) <= 1e-6 * problem.objective)
    #expect(document["metric"] as? String == "11-point-mAP" && document["accuracy"] is NSNull)
    // The optimum's own predictions rank every positive before every negative.
    #expect(document["value"] as? Double == 1)
  }

  @Test("Labels are joined by the ids of classes, not by their numbers")
  func joined() throws {
    func write(_ name: String, classes: String, labels: [Int64]) throws -> String {
      try SafetensorsFile.write(
        [
          TensorPayload(name: "features", shape: [4, 1], floats: [-1, 1, -2, 2]),
          TensorPayload(name: "labels", shape: [4], integers: labels),
        ], metadata: ["classes": classes, "feature": name], to: URL(filePath: path(name)))
      return path(name)
    }
    let train = try write("a.safetensors", classes: #"["cat","dog"]"#, labels: [0, 1, 0, 1])
    let test = try write("t.safetensors", classes: #"["dog","cat"]"#, labels: [1, 0, 1, 0])
    let result = try Program()("probe", "--train", train, "--test", test, "--C", "1", "--json")
    #expect(try result.json()["accuracy"] as? Double == 1)
    #expect(
      result.errors.contains(
        "warning: the kind of features of \(train) is a.safetensors, that of \(test) is t.safetensors"
      ))
    let other = try write("o.safetensors", classes: #"["dog","cow"]"#, labels: [0, 1, 0, 0])
    let refused = try Program()("probe", "--train", train, "--test", other, "--C", "1")
    #expect(refused.code == 65)
    #expect(refused.errors.contains("\(other), row 1: class \"cow\" has no training sample in"))
  }

  @Test("--normalize: the same as unit features, whatever their length was")
  func normalized() throws {
    func write(_ name: String, _ scale: (Int) -> Float) throws -> String {
      let floats = (0..<12).flatMap { i in
        [cos(Float(i)) * scale(i), sin(Float(i)) * scale(i)]
      }
      try SafetensorsFile.write(
        [
          TensorPayload(name: "features", shape: [12, 2], floats: floats),
          TensorPayload(
            name: "labels", shape: [12], integers: (0..<12).map { sin(Float($0)) > 0 ? 1 : 0 }),
        ], to: URL(filePath: path(name)))
      return path(name)
    }
    let unit = try write("u.safetensors") { _ in 1 }
    let long = try write("l.safetensors") { Float(1 << ($0 % 4)) }
    let program = try Program()
    func objective(_ file: String, _ more: String...) throws -> Double {
      let result = try program.run(
        ["probe", "--train", file, "--test", file, "--C", "1", "--json"] + more)
      return try #require(try result.json()["objective"] as? Double)
    }
    let expected = try objective(unit)
    #expect(abs(try objective(long, "--normalize") - expected) < 1e-6 * expected)
    #expect(abs(try objective(long) - expected) > 1e-2 * expected)
  }
}
