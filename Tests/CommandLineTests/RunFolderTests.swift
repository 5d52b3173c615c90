import Foundation
import TensorFiles
import TestSupport
import Testing

/// One run of the scene's suite that several tests look at.
private let finished: Result<FinishedRun, any Error> = Result {
  let run = try FinishedRun()
  // Globals are never released: the folder is removed when the process ends.
  atexit { removeFinishedRun() }
  return run
}

private func removeFinishedRun() {
  if let run = try? finished.get() { try? FileManager.default.removeItem(at: run.scene.url) }
}

private struct FinishedRun: @unchecked Sendable {
  let scene: Scene
  let result: Program.Result
  var folder: URL { scene.url.appending(path: "RUN") }

  init() throws {
    scene = try Scene()
    result = try scene.program().run(scene.arguments(to: "RUN", "--threads", "2"))
  }
}

/// The files of a run folder whose bytes depend on the inputs alone.
func stableFiles(_ folder: URL) throws -> [String: Data] {
  var files: [String: Data] = [:]
  let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
  for path in paths
  where path.hasPrefix("results.") || path.hasSuffix(".safetensors") || path.hasSuffix(".txt") {
    files[path] = try Data(contentsOf: folder.appending(path: path))
  }
  return files
}

func resultRows(_ folder: URL) throws -> [[String: Any]] {
  let text = try String(contentsOf: folder.appending(path: "results.jsonl"), encoding: .utf8)
  return try text.split(separator: "\n").map {
    try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
  }
}

@Suite struct RunFolderTests {
  @Test("A run writes the files of the contract and a table")
  func files() throws {
    let run = try finished.get()
    #expect(run.result.code == 0, "\(run.result.errors)")
    let paths = try FileManager.default.subpathsOfDirectory(atPath: run.folder.path)
    let files = Set(paths.filter { !FileManager.default.isFolder(run.folder.appending(path: $0)) })
    var expected: Set = [
      "run.json", "results.jsonl", "results.csv", "timings.jsonl", "report.md",
      "report.html", "report.tex",
    ]
    for dataset in ["image-folder", "csv", "MNIST", "CIFAR10"] {
      expected.insert("predictions/zero-shot/tiny-clip/\(dataset).safetensors")
      expected.insert("predictions/zero-shot/tiny-clip/\(dataset).ids.txt")
      expected.insert("predictions/zero-shot/tiny-clip/\(dataset).classes.tsv")
    }
    #expect(files.filter { !$0.hasSuffix(".jpg") } == expected)
    #expect(run.result.text.contains("report: \(run.folder.path)/report.md"))
    #expect(run.result.text.hasPrefix("dataset "))
  }

  @Test("Beside predictions lie class names and pictures of errors; the page shows them")
  func errors() throws {
    let folder = try finished.get().folder
    let predictions = folder.appending(path: "predictions/zero-shot/tiny-clip")
    let file = try SafetensorsFile(predictions.appending(path: "CIFAR10.safetensors"))
    let labels = try file.tensor("label").integers()
    let predicted = try file.tensor("prediction").integers()
    let scores = try file.tensor("score").floats().map(Double.init)
    let confidence = try file.tensor("confidence").floats().map(Double.init)
    #expect(confidence.count == labels.count)
    for (sample, value) in confidence.enumerated() {
      // All ten classes share what the five best ones leave at most of the probability.
      let five = (5 * sample..<5 * sample + 5).map { exp(scores[$0] - scores[5 * sample]) }
      let fifth = five[4]
      #expect(value <= 1 / five.reduce(0, +) + 2e-6)
      #expect(value >= 1 / (five.reduce(0, +) + 5 * fifth) - 2e-6)
    }
    let names = try String(
      contentsOf: predictions.appending(path: "CIFAR10.classes.tsv"), encoding: .utf8)
    #expect(names.hasPrefix("id\tname\nairplane\t"))
    #expect(names.count { $0 == "\n" } == 11)
    let pictures = try FileManager.default.contentsOfDirectory(
      atPath: predictions.appending(path: "CIFAR10.errors").path)
    let wrong = zip(labels, predicted).count { $0 != $1 }
    #expect(pictures.count == min(12, wrong) && wrong > 0)
    for picture in pictures {
      let sample = try #require(Int(picture.dropLast(4)))
      #expect(picture.hasSuffix(".jpg") && labels[sample] != predicted[sample])
    }
    let page = try String(contentsOf: folder.appending(path: "report.html"), encoding: .utf8)
    #expect(page.contains("ECE, 15 bins of equal mass"))
    #expect(page.count { $0 == "\n" } > 100)
    #expect(page.split(separator: "data:image/jpeg;base64,").count > min(12, wrong))
  }

  @Test("Rows of a bf16 run say how far its features are from float32")
  func bf16() throws {
    let scene = try Scene()
    let result = try scene.program().run(scene.arguments(to: "RUN", "--precision", "bf16"))
    if result.code == 78, result.errors.contains("AVX512_BF16") {
      return print("SKIPPED: this processor has no bfloat16 arithmetic")
    }
    #expect(result.code == 0, "\(result.errors)")
    let exact = try resultRows(try finished.get().folder)
    let rows = try resultRows(scene.url.appending(path: "RUN"))
    #expect(rows.count == exact.count)
    for (row, exactRow) in zip(rows, exact) {
      #expect(exactRow["precisionAgreement"] is NSNull)
      let agreement = try #require(row["precisionAgreement"] as? [String: Any])
      #expect(agreement["n"] as? Int == row["n"] as? Int)
      // The features are not the same, and close.
      let cosine = try #require(agreement["minimumCosine"] as? Double)
      #expect(cosine > 0.999 && cosine < 1)
      #expect((row["protocol"] as? [String: Any])?["precision"] as? String == "bf16")
    }
  }

  @Test("A result row has every key of the contract, null where nothing is known")
  func rowKeys() throws {
    let rows = try resultRows(try finished.get().folder)
    #expect(
      rows.map { "\($0["dataset"] ?? "") \($0["metric"] ?? "")" } == [
        "image-folder accuracy", "csv accuracy", "MNIST accuracy", "MNIST accuracy@5",
        "CIFAR10 accuracy", "CIFAR10 accuracy@5",
      ])
    let keys: Set = [
      "schemaVersion", "experiment", "dataset", "model", "metric", "value", "interval95",
      "interval99_5", "intervalMethod", "n", "nExpected", "nFailed", "partial", "chance",
      "reference", "delta", "verdict", "protocol",
    ]
    let protocolKeys: Set = [
      "dataset", "layout", "variant", "split", "datasetOptions", "splitHash", "datasetFingerprint",
      "classNameSet",
      "classNamesHash", "captions", "captionsHash", "templateSet", "templatesHash", "ensemble",
      "preprocessing", "model",
      "weightsSHA256", "featuresSHA256", "activation", "precision", "featureKind", "normalisation",
      "metric", "seed", "hash",
    ]
    var hashes: Set<String> = []
    for row in rows {
      #expect(keys.isSubset(of: row.keys))
      let record = try #require(row["protocol"] as? [String: Any])
      #expect(Set(record.keys) == protocolKeys)
      #expect(row["reference"] is NSNull && row["delta"] is NSNull)
      #expect(row["verdict"] as? String == "no reference")
      hashes.insert(try #require(record["hash"] as? String))
    }
    #expect(hashes.count == rows.count)
    let mnist = rows[2]
    #expect(mnist["n"] as? Int == 30)
    #expect(mnist["nExpected"] as? Int == 10_000)
    #expect(mnist["partial"] as? Bool == true)
    #expect(mnist["chance"] as? Double == 0.1)
    #expect(mnist["intervalMethod"] as? String == "clopper-pearson")
    // Nobody knows how many toys there should be.
    #expect(rows[0]["nExpected"] is NSNull)
  }

  @Test("The CSV is the rows, flattened")
  func csv() throws {
    let run = try finished.get()
    let lines = try String(
      contentsOf: run.folder.appending(path: "results.csv"), encoding: .utf8
    ).split(whereSeparator: \.isNewline).map(String.init)
    let rows = try resultRows(run.folder)
    #expect(lines.count == rows.count + 1)
    let header = lines[0].split(separator: ",").map(String.init)
    #expect(
      header.starts(with: [
        "schemaVersion", "experiment", "dataset", "model", "metric", "value", "interval95.lower",
        "interval95.upper", "interval99_5.lower", "interval99_5.upper", "intervalMethod", "n",
        "nExpected", "nFailed", "partial", "chance",
      ]))
    #expect(header.contains("protocol.preprocessing") && header.last == "protocol.hash")
    for (line, row) in zip(lines.dropFirst(), rows) {
      let cell = try #require(Double(line.split(separator: ",")[5]))
      #expect(abs(cell - (try #require(row["value"] as? Double))) < 1e-15)
    }
  }

  @Test("Predictions name every sample, and the accuracy follows from them")
  func predictions() throws {
    let run = try finished.get()
    let folder = run.folder.appending(path: "predictions/zero-shot/tiny-clip")
    for (dataset, count) in [("image-folder", 14), ("csv", 8), ("MNIST", 30), ("CIFAR10", 40)] {
      let file = try SafetensorsFile(folder.appending(path: "\(dataset).safetensors"))
      #expect(
        Set(file.tensors.keys) == ["index", "label", "prediction", "top5", "score", "confidence"])
      let label = try file.tensor("label").integers()
      let prediction = try file.tensor("prediction").integers()
      let top = try file.tensor("top5")
      #expect(try file.tensor("index").integers() == (0..<count).map(Int64.init))
      #expect(file.tensors["label"]?.type == .int64 && top.type == .int64)
      #expect(file.tensors["score"]?.type == .float32)
      #expect(top.shape == [count, 5] && file.tensors["score"]?.shape == [count, 5])
      #expect(try (0..<count).map { try top.integers()[5 * $0] } == prediction)
      let correct = zip(label, prediction).filter { $0 == $1 }.count
      let row = try #require(
        try resultRows(run.folder).first {
          $0["dataset"] as? String == dataset && $0["metric"] as? String == "accuracy"
        })
      let value = try #require(row["value"] as? Double)
      #expect(abs(value - Double(correct) / Double(count)) < 1e-15)
      let ids = try String(
        contentsOf: folder.appending(path: "\(dataset).ids.txt"), encoding: .utf8)
      #expect(ids.split(separator: "\n").count == count && ids.hasSuffix("\n"))
      if dataset == "MNIST" { #expect(label == (0..<30).map { Int64($0 * 7 % 10) }) }
      if dataset == "CIFAR10" { #expect(label == (0..<40).map { Int64($0 % 10) }) }
      if dataset == "image-folder" {
        #expect(label == [0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2])
        #expect(ids.hasPrefix("toys/blue ball/0.ppm\n"))
        #expect(ids.contains("\ntoys/red_box/rgb-444-75x50.jpg\n"))
      }
    }
  }

  /// Image and text features by another door, put together here.
  @Test("Predictions are the argmax of cosines with the ensembled prompts")
  func againstEmbed() throws {
    let run = try finished.get()
    let scene = run.scene
    let program = try scene.program(cache: "another")
    let (images, texts) = (
      scene.url.appending(path: "i.npy").path, scene.url.appending(path: "t.npy").path
    )
    let first = try program(
      "embed", "images", "--dataset", "image-folder", "--split", "toys", "--data-root",
      scene.data.path, "--model", Program.model, "--output", images)
    #expect(first.code == 0, "\(first.errors)")
    let second = try program(
      "embed", "texts", "a ball.", "ball", "a box.", "box", "a tree.", "tree", "--model",
      Program.model, "--output", texts)
    #expect(second.code == 0, "\(second.errors)")
    let x = try rows(images)
    let t = try rows(texts)
    let classes = (0..<3).map { c in unit(zip(t[2 * c], t[2 * c + 1]).map(+)) }
    let file = try SafetensorsFile(
      run.folder.appending(path: "predictions/zero-shot/tiny-clip/image-folder.safetensors"))
    let prediction = try file.tensor("prediction").integers()
    #expect(prediction.count == x.count)
    for (row, predicted) in zip(x, prediction) {
      let scores = classes.map { c in zip(row, c).map(*).reduce(0, +) }
      let best = try #require(scores.max())
      #expect(scores[Int(predicted)] > best - 1e-6)
    }
  }

  private func rows(_ path: String) throws -> [[Double]] {
    let tensor = try NPYFile.read(URL(filePath: path))
    let values = try tensor.floats().map(Double.init)
    return stride(from: 0, to: values.count, by: tensor.shape[1]).map {
      Array(values[$0..<$0 + tensor.shape[1]])
    }
  }

  private func unit(_ x: [Double]) -> [Double] {
    let norm = x.map { $0 * $0 }.reduce(0, +).squareRoot()
    return x.map { $0 / norm }
  }

  @Test("run.json says what was asked for and how it ended; inspect shows it")
  func record() throws {
    let run = try finished.get()
    let shown = try run.scene.program()("inspect", run.folder.path, "--json").json()
    let data = try Data(contentsOf: run.folder.appending(path: "run.json"))
    let record = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    for key in ["start", "end", "state", "threads", "precision", "planHash", "programVersion"] {
      #expect("\(shown[key] ?? "absent")" == "\(record[key] ?? "missing")")
    }
    #expect(record["state"] as? String == "complete")
    #expect(record["threads"] as? Int == 2)
    let suites = try #require(record["suites"] as? [[String: Any]])
    #expect(
      suites.first?["text"] as? String
        == (try String(contentsOf: run.scene.suite, encoding: .utf8)))
    #expect((record["plan"] as? [Any])?.count == 4)
    let tasks = try #require(record["tasks"] as? [[String: Any]])
    #expect(tasks.map { $0["status"] as? String } == ["ok", "ok", "ok", "ok"])
    let machine = try #require(record["machine"] as? [String: Any])
    #expect(machine["blasCore"] is String && machine["isa"] is String)
  }

  @Test("A folder of a version that did not know some of the keys is read")
  func earlierVersion() throws {
    let run = try finished.get()
    let folder = run.scene.url.appending(path: "EARLIER")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let text = try String(
      contentsOf: run.folder.appending(path: "results.jsonl"), encoding: .utf8)
    let without = text.replacing("\"captions\":null,\"captionsHash\":null,", with: "")
    #expect(without != text)
    try Data(without.utf8).write(to: folder.appending(path: "results.jsonl"))
    let data = try Data(contentsOf: run.folder.appending(path: "run.json"))
    var record = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    let plan = try #require(record["plan"] as? [[String: Any]])
    #expect(plan.allSatisfy { $0["captionsPerImage"] is NSNull })
    record["plan"] = plan.map { $0.filter { $0.key != "captionsPerImage" } }
    try JSONSerialization.data(withJSONObject: record).write(
      to: folder.appending(path: "run.json"))
    let program = try run.scene.program()
    for command in ["report", "inspect"] {
      let result = try program(command, folder.path)
      #expect(result.code == 0, "\(result.errors)")
    }
    let report = try String(contentsOf: folder.appending(path: "report.md"), encoding: .utf8)
    #expect(report.contains("| CIFAR10"))
  }

  @Test("The same bytes again, on one thread, on three, and from an empty cache")
  func reproducible() throws {
    let run = try finished.get()
    let scene = run.scene
    let expected = try stableFiles(run.folder)
    #expect(expected.count == 10)
    let variants = [
      ("cache", "AGAIN", "2"), ("one", "ONE", "1"), ("three", "THREE", "3"), ("one", "ONE", "3"),
    ]
    for (cache, output, threads) in variants {
      let result = try scene.program(cache: cache)
        .run(scene.arguments(to: output, "--threads", threads, "--quiet"))
      #expect(result.code == 0, "\(result.errors)")
      #expect(result.errors.isEmpty)
      #expect(try stableFiles(scene.url.appending(path: output)) == expected)
    }
    let fresh = try scene.program().run(scene.arguments(to: "AGAIN", "--fresh", "--quiet"))
    #expect(fresh.code == 0, "\(fresh.errors)")
    #expect(try stableFiles(scene.url.appending(path: "AGAIN")) == expected)
  }

  @Test("Reports are made anew from results alone")
  func report() throws {
    let run = try finished.get()
    let copy = run.scene.url.appending(path: "REPORT")
    try FileManager.default.copyItem(at: run.folder, to: copy)
    let names = ["report.md", "report.html", "report.tex", "results.csv"].map {
      copy.appending(path: $0)
    }
    let before = try names.map { try Data(contentsOf: $0) }
    for name in names { try FileManager.default.removeItem(at: name) }
    let result = try run.scene.program()("report", copy.path)
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.text == copy.path + "/report.md\n")
    #expect(try names.map { try Data(contentsOf: $0) } == before)
  }

  @Test("--sqlite adds the rows of runs to a database, and refuses other files")
  func database() throws {
    let run = try finished.get()
    let copy = run.scene.url.appending(path: "FOR-DATABASE")
    try FileManager.default.copyItem(at: run.folder, to: copy)
    let file = run.scene.url.appending(path: "results.sqlite")
    for _ in 0..<2 {
      let result = try run.scene.program()("report", copy.path, "--sqlite", file.path)
      #expect(result.code == 0, "\(result.errors)")
      #expect(result.text == copy.path + "/report.md\n" + file.path + "\n")
    }
    // "SQLite format 3" and, at byte 68, which program's it is.
    let header = try Data(contentsOf: file).prefix(72)
    #expect(header.starts(with: Data("SQLite format 3\0".utf8)))
    #expect(header.suffix(4) == Data("CLEV".utf8))
    let refused = try run.scene.program()(
      "report", copy.path, "--sqlite", copy.appending(path: "report.html").path)
    #expect(refused.code == 65 && refused.errors.contains("no SQLite database"))
  }

  @Test("Progress goes to standard error as plain lines, with no escape codes")
  func progress() throws {
    let run = try finished.get()
    #expect(run.result.errors.contains("CIFAR10 images: 40/40"))
    #expect(!run.result.errors.contains("\u{1B}") && !run.result.errors.contains("\r"))
    #expect(!run.result.text.contains("\u{1B}"))
  }

  @Test("--limit takes samples evenly and says the result is partial")
  func limit() throws {
    let scene = try finished.get().scene
    let result = try scene.program(cache: "limited").run(
      scene.arguments(to: "LIMIT", "--limit", "5", "--dataset", "cifar10", "--json", "--quiet"))
    #expect(result.code == 0, "\(result.errors)")
    let outcome = try result.json()
    let rows = try #require(outcome["rows"] as? [[String: Any]])
    #expect(rows.map { $0["n"] as? Int } == [5, 5])
    #expect(rows.allSatisfy { $0["partial"] as? Bool == true })
    let ids = try String(
      contentsOf: scene.url.appending(
        path: "LIMIT/predictions/zero-shot/tiny-clip/CIFAR10.ids.txt"), encoding: .utf8)
    #expect(ids == [0, 8, 16, 24, 32].map { "test_batch.bin#\($0)\n" }.joined())
  }
}

extension FileManager {
  func isFolder(_ url: URL) -> Bool {
    var isFolder: ObjCBool = false
    return fileExists(atPath: url.path, isDirectory: &isFolder) && isFolder.boolValue
  }
}
