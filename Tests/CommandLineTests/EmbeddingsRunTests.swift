import Foundation
import TensorFiles
import TestSupport
import Testing

/// `run` and `inspect` with a folder of features in place of a model.
@Suite struct EmbeddingsRunTests {
  private static let fixtures = TestPaths.fixtures.appending(path: "embeddings")

  private struct Expected: Decodable {
    struct Result: Decodable {
      var accuracy: Double
      var prediction: [Int64]
      var best: [Float]
    }
    var labels: [Int64]
    var ids: [String]
    var results: [String: Result]
  }

  /// The suite and prompts of the fixtures.
  private func toys() throws -> (scene: Scene, program: Program) {
    let scene = try Scene()
    try scene.write(
      """
      dataset: toys
      set: animals
      version: 1
      source: a test
      classes: {ant: ant, bee: bee, cow: cow}
      templates: ["a photo of a {}.", "{}"]
      """, to: "prompts/toys/animals.yaml")
    try scene.write(
      """
      suite: animals
      version: 1
      description: Features made by numpy.
      experiments: [zero-shot]
      datasets:
        - dataset: toys
          layout: image-folder
          path: toys
          split: test
          classNames: animals
          templates: animals
      """, to: "animals.yaml")
    return (scene, try scene.program())
  }

  @Test(
    "numpy's accuracy and predictions, from every layout",
    arguments: ["arrays", "classifier", "clip-retrieval"])
  func layouts(name: String) throws {
    let expected = try JSONDecoder().decode(
      Expected.self, from: Data(contentsOf: Self.fixtures.appending(path: "expected.json")))
    let result = try #require(expected.results[name])
    let (scene, program) = try toys()
    let output = scene.url.appending(path: "RUN")
    let run = try program(
      "run", scene.url.appending(path: "animals.yaml").path, "--model",
      Self.fixtures.appending(path: name).path, "--output", output.path)
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.errors.contains("the dataset is not at hand"))
    let row = try #require(try resultRows(output).first)
    #expect(abs(try #require(row["value"] as? Double) - result.accuracy) < 1e-12)
    #expect(row["model"] as? String == name && row["n"] as? Int == 33)
    let record = try #require(row["protocol"] as? [String: Any])
    #expect(record["layout"] as? String == "features-only")
    #expect((record["featuresSHA256"] as? String)?.count == 64)
    for key in ["weightsSHA256", "preprocessing", "precision", "featureKind", "activation"] {
      #expect(record[key] is NSNull, "\(key)")
    }
    #expect((record["templateSet"] is NSNull) == (name == "classifier"))
    let file = try SafetensorsFile(
      output.appending(path: "predictions/zero-shot/\(name)/toys.safetensors"))
    #expect(try file.tensor("prediction").integers() == result.prediction)
    #expect(try file.tensor("label").integers() == expected.labels)
    // No logit scale is known, so the scores are cosines.
    let scores = try file.tensor("score").floats()
    for (row, best) in result.best.enumerated() { #expect(abs(scores[5 * row] - best) < 1e-5) }
  }

  /// The prompts that a suite's sets make, as the program itself lists them.
  private func embed(
    _ dataset: String, classNames: String, templates: String, model: String, data: String,
    into folder: URL, _ program: Program, more: [String] = ["--no-normalize"]
  ) throws {
    let texts = try program(
      "list", "prompts", "--texts", classNames, "--templates", templates)
    #expect(texts.code == 0, "\(texts.errors)")
    let input = folder.appending(path: "\(dataset).txt")
    try texts.output.write(to: input)
    let target = folder.appending(path: dataset)
    for arguments in [
      ["images", "--dataset", dataset, "--split", "test", "--data-root", data, "--output"]
        + [target.appending(path: "test.safetensors").path],
      ["texts", "--input", input.path, "--output"]
        + [target.appending(path: "prompts.safetensors").path],
    ] {
      let result = try program.run(["embed"] + arguments + ["--model", model] + more)
      #expect(result.code == 0, "\(result.errors)")
    }
  }

  private func predictions(_ run: URL) throws -> [String: Data] {
    try stableFiles(run).filter { $0.key.hasPrefix("predictions/") }
      .reduce(into: [:]) { $0[URL(filePath: $1.key).lastPathComponent] = $1.value }
  }

  /// All of a row but what names the model.
  private func comparable(_ run: URL) throws -> [NSDictionary] {
    try resultRows(run).map { row in
      var row = row
      var record = row["protocol"] as? [String: Any] ?? [:]
      for key in ["model", "hash", "weightsSHA256", "featuresSHA256", "datasetFingerprint"] {
        record[key] = nil
      }
      row["protocol"] = record
      row["model"] = nil
      return row as NSDictionary
    }
  }

  @Test("features the program wrote give the model's rows and predictions, byte for byte")
  func roundTrip() throws {
    let scene = try Scene()
    let program = try scene.program()
    let features = scene.url.appending(path: "features")
    try FileManager.default.createDirectory(at: features, withIntermediateDirectories: true)
    for (dataset, names) in [("MNIST", "MNIST/digits"), ("CIFAR10", "CIFAR10/tiny")] {
      try embed(
        dataset, classNames: names, templates: "generic/two", model: Program.model,
        data: scene.data.path, into: features, program)
    }
    let entries = [("MNIST", "test", "digits"), ("CIFAR10", "test", "tiny")]
      .map { (dataset: $0.0, split: $0.1 as String?, classes: $0.2) }
    try scene.write(
      scene.suiteText(entries) + "models:\n  - embeddings: features\n", to: "two.yaml")
    func run(_ output: String, _ more: [String]) throws -> URL {
      let url = scene.url.appending(path: output)
      let result = try program.run(
        ["run", scene.url.appending(path: "two.yaml").path, "--output", url.path] + more)
      #expect(result.code == 0, "\(result.errors)")
      return url
    }
    let data = ["--data-root", scene.data.path]
    let model = try run("M", data + ["--model", Program.model])
    let files = try run("F", data)
    #expect(try predictions(model).count == 4)
    #expect(try predictions(files) == predictions(model))
    #expect(try comparable(files) == comparable(model))
    #expect(try resultRows(files).allSatisfy { $0["model"] as? String == "features" })
    #expect(try predictions(run("N", [])) == predictions(model))
    // A part of the samples, evenly spaced.
    let some = try run("ML", data + ["--model", Program.model, "--limit", "7"])
    #expect(try predictions(run("FL", data + ["--limit", "7"])) == predictions(some))

    let plan = try program(
      "run", scene.url.appending(path: "two.yaml").path, "--dry-run", "--json")
    #expect(plan.code == 0, "\(plan.errors)")
    let tasks = try #require(try plan.json()["tasks"] as? [[String: Any]])
    #expect(tasks.map { $0["images"] as? Int } == [30, scene.cifarCount])

    let shown = try program("inspect", features.path, "--json").json()
    #expect(shown["kind"] as? String == "embeddings")
    let sets = try #require(shown["features"] as? [[String: Any]])
    #expect(
      sets.map { $0["name"] as? String } == [
        "CIFAR10/test", "CIFAR10/prompts", "MNIST/test", "MNIST/prompts",
      ])
    #expect(sets.map { $0["rows"] as? Int } == [scene.cifarCount, 20, 30, 20])
    #expect(sets[0]["width"] as? Int == 24 && sets[0]["labelledClasses"] as? Int == 10)
  }

  @Test("what is wrong with a folder fails its task and is told with file and row")
  func failures() throws {
    let (scene, program) = try toys()
    let suite = scene.url.appending(path: "animals.yaml").path
    let folder = scene.url.appending(path: "broken")
    try FileManager.default.copyItem(at: Self.fixtures.appending(path: "arrays"), to: folder)
    func run(_ more: String...) throws -> Program.Result {
      try program.run(
        [
          "run", suite, "--model", folder.path, "--fresh", "-o",
          scene.url.appending(path: "R").path,
        ]
          + more)
    }
    #expect(try run().code == 0)
    let refused = try run("--recipe", "openai")
    #expect(refused.code == 64 && refused.errors.contains("the features are already made"))
    #expect(try run("--precision", "fp32").code == 0)
    let inexact = try run("--precision", "bf16")
    // Without bfloat16 arithmetic the processor is told first.
    let unsuitable = inexact.errors.contains("needs a processor with AVX512_BF16")
    #expect(inexact.code == (unsuitable ? 78 : 64), "\(inexact.errors)")
    let embed = try program("embed", "texts", "a", "--model", folder.path, "-o", "x.npy")
    #expect(embed.code == 64 && embed.errors.contains("is a folder of features"))

    try NPYFile.write(
      shape: [33, 1], values: [Float](repeating: 1, count: 33),
      to: folder.appending(path: "toys/test.npy"))
    let narrow = try run()
    #expect(narrow.code == 1)
    #expect(narrow.errors.contains("expected text features of width 1"))

    var values = [Float](repeating: 1, count: 33 * 8)
    values[8 * 5 + 3] = .nan
    try NPYFile.write(
      shape: [33, 8], values: values, to: folder.appending(path: "toys/test.npy"))
    let broken = try run()
    #expect(broken.code == 1)
    #expect(
      broken.errors.contains("toys/test.npy, row 5: the feature is not finite (nan in column 3)"))
    let shown = try program("inspect", folder.path)
    #expect(shown.code == 65 && shown.text.contains("row 5"))

    for (type, width, shape, message) in [
      ("<i4", 4, "(33, 8)", "found I32 of shape [33, 8]"),
      ("<f4", 4, "(33,)", "found F32 of shape [33]"), (">f4", 4, "(33, 8)", ">f4"),
    ] {
      try write(
        npy: type, shape: shape, Data(count: (shape == "(33,)" ? 33 : 33 * 8) * width),
        to: folder.appending(path: "toys/test.npy"))
      let unsuitable = try run()
      #expect(unsuitable.code == 1)
      let seen = try program("inspect", folder.path)
      #expect(seen.code == 65)
      for text in [unsuitable.errors, seen.text] {
        #expect(text.contains("toys/test.npy") && text.contains(message), "\(text)")
      }
    }
    try FileManager.default.removeItem(at: folder.appending(path: "toys/test.npy"))
    let gone = try run()
    #expect(gone.code == 1 && gone.errors.contains("no features of the split test of toys"))
    try scene.write("model: x\n", to: "broken/embeddings.yaml")
    let named = try program("inspect", folder.path, "--json").json()
    #expect(named["model"] as? String == "x" && (named["features"] as? [Any])?.count == 1)
    try scene.write("modle: x\n", to: "broken/embeddings.yaml")
    let misspelt = try run()
    #expect(misspelt.code == 65 && misspelt.errors.contains("embeddings.yaml:1:1: unknown key"))
  }

  @Test("a dataset's own name makes a folder of unsuitable arrays one of features")
  func recognised() throws {
    let scene = try Scene()
    try write(
      npy: "<i8", shape: "(2, 2)", Data(count: 32),
      to: scene.url.appending(path: "features/MNIST/test.npy"))
    let shown = try scene.program()("inspect", scene.url.appending(path: "features").path)
    #expect(shown.code == 65 && shown.text.contains("found I64 of shape [2, 2]"), "\(shown)")
  }

  @Test(
    "embeddings.yaml names the model everywhere, inside the run folder, and known datasets only")
  func manifestNames() throws {
    let (scene, program) = try toys()
    let folder = scene.url.appending(path: "named")
    try FileManager.default.copyItem(at: Self.fixtures.appending(path: "arrays"), to: folder)
    let output = scene.url.appending(path: "R")
    let arguments = [
      "run", scene.url.appending(path: "animals.yaml").path, "--model", folder.path, "--fresh",
      "-o", output.path,
    ]
    for (name, part) in [("a/../../b", "a-..-..-b"), ("..", "-.."), ("ViT B", "ViT B")] {
      try scene.write("model: \"\(name)\"\n", to: "named/embeddings.yaml")
      let run = try program.run(arguments)
      #expect(run.code == 0, "\(run.errors)")
      #expect(try resultRows(output).first?["model"] as? String == name)
      #expect(try predictions(output).count == 2)
      let file = output.appending(path: "predictions/zero-shot/\(part)/toys.safetensors")
      #expect(FileManager.default.fileExists(atPath: file.path))
      let plan = try program.run(arguments + ["--dry-run", "--json"]).json()
      #expect((plan["tasks"] as? [[String: Any]])?.count == 1)
    }
    try scene.write(
      "datasets:\n  toys: {}\n  CIFAR99: {}\n", to: "named/embeddings.yaml")
    let unknown = try program.run(arguments)
    #expect(unknown.code == 65)
    #expect(unknown.errors.contains("embeddings.yaml:3:3: no dataset `CIFAR99`"), "\(unknown)")
  }

  @Test(
    "clip-mini's CIFAR-10 from files: the model's predictions, and the same accuracy in half precision"
  )
  func clipMini() throws {
    guard let model = TestPaths.shared("models/clip-mini"),
      let data = TestPaths.shared("data/cifar10")?.deletingLastPathComponent()
    else { return }
    let scratch = try TemporaryFolder()
    let program = try Program()
    let features = scratch.url.appending(path: "features")
    try FileManager.default.createDirectory(at: features, withIntermediateDirectories: true)
    let set = "CIFAR10/openai-2021"
    try embed(
      "CIFAR10", classNames: set, templates: set, model: model.path, data: data.path,
      into: features, program)
    func run(_ output: String, _ model: URL) throws -> URL {
      let url = scratch.url.appending(path: output)
      let result = try program(
        "run", "first-light", "--dataset", "CIFAR10", "--model", model.path, "--data-root",
        data.path, "--output", url.path)
      #expect(result.code == 0, "\(result.errors)")
      return url
    }
    let computed = try run("M", model)
    let read = try run("F", features)
    #expect(try predictions(read) == predictions(computed))
    #expect(try comparable(read) == comparable(computed))

    let half = scratch.url.appending(path: "half")
    try writeHalf(features, to: half)
    let values = try [computed, try run("H", half)].map {
      try #require(try resultRows($0).first?["value"] as? Double)
    }
    // Rounding to 11 bits may decide near ties, a few in four thousand, the other way.
    #expect(abs(values[0] - values[1]) <= 0.001)
  }

  /// The same features in clip-retrieval's layout: float16 of unit length in three parts; labels beside them.
  private func writeHalf(_ features: URL, to folder: URL) throws {
    let file = try SafetensorsFile(features.appending(path: "CIFAR10/test.safetensors"))
    let tensor = try file.tensor("features")
    let (rows, width) = (tensor.shape[0], tensor.shape[1])
    let all = try tensor.floats()
    let test = folder.appending(path: "CIFAR10/test")
    let bounds = [0, rows / 3, rows / 2, rows]
    for part in 0..<3 {
      let range = bounds[part]..<bounds[part + 1]
      var bytes = Data()
      for row in range {
        let values = all[row * width..<(row + 1) * width]
        let norm = values.reduce(0 as Float) { $0 + $1 * $1 }.squareRoot()
        for value in values {
          withUnsafeBytes(of: Float16(value / norm).bitPattern) { bytes.append(contentsOf: $0) }
        }
      }
      let url = test.appending(path: "img_emb/img_emb_\(part).npy")
      try write(npy: "<f2", shape: "(\(range.count), \(width))", bytes, to: url)
    }
    let labels = try file.tensor("labels")
    try write(
      npy: "<i8", shape: "(\(rows),)", Data(labels.bytes), to: test.appending(path: "labels.npy"))
    try FileManager.default.copyItem(
      at: features.appending(path: "CIFAR10/prompts.safetensors"),
      to: folder.appending(path: "CIFAR10/prompts.safetensors"))
  }

  private func write(npy type: String, shape: String, _ bytes: Data, to url: URL) throws {
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }"
    while (11 + header.utf8.count) % 64 != 0 { header += " " }
    header += "\n"
    var data = Data([0x93] + Array("NUMPY".utf8) + [1, 0])
    withUnsafeBytes(of: UInt16(header.utf8.count).littleEndian) { data.append(contentsOf: $0) }
    data.append(contentsOf: header.utf8)
    data.append(bytes)
    try data.write(to: url)
  }
}
