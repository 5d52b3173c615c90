import Foundation
import TensorFiles
import TestSupport
import Testing

/// Bad input: the exit code of the contract, and a message that names the place and a way out.
@Suite struct FailureTests {
  private func expect(
    _ result: Program.Result, code: Int32, saying parts: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(result.code == code, "\(result.errors)", sourceLocation: sourceLocation)
    for part in parts {
      #expect(
        result.errors.contains(part), "no `\(part)` in: \(result.errors)",
        sourceLocation: sourceLocation)
    }
  }

  @Test("Images that cannot be decoded are counted and listed, and the run is done")
  func undecodable() throws {
    let scene = try Scene()
    try scene.write("not an image", to: "data/toys/tree/broken.jpg")
    try scene.write(Data(), to: "data/toys/red_box/empty.png")
    let run = try scene.program().run(scene.arguments(to: "RUN", "--dataset", "image-folder"))
    expect(
      run, code: 0, saying: "not evaluated: image-folder toys/tree/broken.jpg: ",
      "not evaluated: image-folder toys/red_box/empty.png: ")
    let folder = scene.url.appending(path: "RUN")
    let row = try #require(try resultRows(folder).first)
    #expect(row["nFailed"] as? Int == 2)
    #expect(row["n"] as? Int == 14)
    let report = try String(contentsOf: folder.appending(path: "report.md"), encoding: .utf8)
    #expect(report.contains("toys/tree/broken.jpg") && report.contains("toys/red\\_box/empty.png"))
    let record = try scene.program()("inspect", folder.path, "--json").json()
    let task = try #require((record["tasks"] as? [[String: Any]])?.first)
    let failed = try #require(task["failedSamples"] as? [[String: Any]])
    #expect(
      failed.map { $0["id"] as? String } == ["toys/red_box/empty.png", "toys/tree/broken.jpg"])
    let file = try SafetensorsFile(
      folder.appending(path: "predictions/zero-shot/tiny-clip/image-folder.safetensors"))
    // Rows of the split in the order of ids, without the two.
    let index = try file.tensor("index").integers()
    #expect(index.count == 14 && index == (0..<16).filter { $0 != 8 && $0 != 14 }.map(Int64.init))
    #expect(run.text.contains("  14       2  "))
  }

  @Test("A task that fails leaves the others alone: exit 1")
  func failedTask() throws {
    let scene = try Scene()
    try scene.write(
      scene.suiteText([
        ("image-folder", "toys", "incomplete"), ("MNIST", "train", "digits"),
        ("MNIST", "test", "digits"),
      ]), to: "toys.yaml")
    // A dry run knows both.
    let plan = try scene.program().run(scene.arguments(to: "RUN", "--dry-run"))
    expect(
      plan, code: 65, saying: "image-folder:\n  image-folder with image-folder/incomplete: 1 of 3",
      "\"red_box\"", "MNIST:\n  ")
    #expect(plan.text.contains(" missing  ") && plan.text.contains("      14  "))
    #expect(!plan.errors.split(separator: "\n").contains { $0.count > 110 && $0.contains("; ") })
    let run = try scene.program().run(scene.arguments(to: "RUN"))
    expect(
      run, code: 1, saying: "\"red_box\"",
      "2 of 3 tasks gave no result: the data of 1 is missing (MNIST), 1 failed (image-folder)",
      "train-images-idx3-ubyte")
    let folder = scene.url.appending(path: "RUN")
    #expect(
      try resultRows(folder).map { $0["dataset"] as? String } == ["MNIST", "MNIST"])
    let record = try scene.program()("inspect", folder.path, "--json").json()
    #expect(record["state"] as? String == "failed")
    let tasks = try #require(record["tasks"] as? [[String: Any]])
    #expect(tasks.map { $0["status"] as? String } == ["failed", "missing", "ok"])
    let report = try String(contentsOf: folder.appending(path: "report.md"), encoding: .utf8)
    #expect(report.contains("\"red\\_box\""))
  }

  @Test("64: what the command line asks for makes no sense")
  func usage() throws {
    let scene = try Scene()
    let program = try scene.program()
    let photo = scene.data.appending(path: "toys/tree/0.ppm").path
    expect(try program("rnu"), code: 64, saying: "Did you mean run?")
    expect(try program("list", "dataset"), code: 64, saying: "Did you mean datasets?")
    expect(try program.run(["run"]), code: 64, saying: "error: ", "--help")
    for more in [["--threads", "0"], ["--limit", "0"], ["--precision", "fp8"], ["--frsh"]] {
      expect(try program.run(scene.arguments(to: "R") + more), code: 64, saying: "error: ")
    }
    expect(
      try program.run(scene.arguments(to: "R", "--dataset", "MNITS")), code: 64,
      saying: "Did you mean MNIST?")
    expect(try program("doctor", "CIFAR", "--data-root", "."), code: 64, saying: "CIFAR10")
    expect(
      try program("run", scene.suite.path, "--model", Program.model, "--data-root", "."),
      code: 64, saying: "--output")
    let unnamed = try program("run", scene.suite.path, "--data-root", ".", "-o", "R")
    expect(unnamed, code: 64, saying: "with --model")
    #expect(!unnamed.errors.contains("<subcommand>"))
    expect(
      try program("run", scene.suite.path, "--model", Program.model, "-o", "R"), code: 64,
      saying: "--data-root", "CLIP_EVAL_DATA")
    expect(
      try program("classify", photo, "--labels", " ,", "--model", Program.model), code: 64,
      saying: "--labels")
    expect(
      try program("classify", photo, "--labels", "a,b,a", "--model", Program.model), code: 64,
      saying: "\"a\" twice")
    expect(
      try program("embed", "images", photo, "--model", Program.model, "-o", "x.csv"), code: 64,
      saying: ".safetensors or .npy")
    expect(
      try program(
        "embed", "images", photo, "--split", "test", "--model", Program.model, "-o", "x.npy"),
      code: 64, saying: "--dataset")
    let copy = scene.url.appending(path: "copy/tiny-clip").path
    try FileManager.default.createDirectory(
      at: scene.url.appending(path: "copy"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: Program.model, toPath: copy)
    expect(
      try program.run(scene.arguments(to: "R", "--model", copy)), code: 64,
      saying: "both called tiny-clip")
    #expect(!FileManager.default.fileExists(atPath: scene.url.appending(path: "R").path))
  }

  @Test("65: malformed data and checkpoints")
  func malformed() throws {
    let scene = try Scene()
    let program = try scene.program()
    let model = scene.url.appending(path: "model")
    try FileManager.default.copyItem(at: URL(filePath: Program.model), to: model)
    let weights = model.appending(path: "model.safetensors")
    let whole = try Data(contentsOf: weights)
    try whole.prefix(100_000).write(to: weights)
    for arguments in [
      ["inspect", model.path],
      scene.arguments(to: "R").map { $0 == Program.model ? model.path : $0 },
    ] {
      expect(try program.run(arguments), code: 65, saying: weights.path, "byte", "truncated")
    }
    #expect(!FileManager.default.fileExists(atPath: scene.url.appending(path: "R").path))
    try whole.write(to: weights)
    let config = model.appending(path: "config.json")
    let text = try String(contentsOf: config, encoding: .utf8)
    try Data(text.replacing("\"hidden_size\": 48", with: "\"hidden_size\": 64").utf8)
      .write(to: config)
    expect(try program("inspect", model.path), code: 65, saying: config.path, "64", "48")
    try Data("{".utf8).write(to: config)
    expect(try program("inspect", model.path), code: 65, saying: config.path)

    let broken = scene.url.appending(path: "broken.jpg").path
    try scene.write("not an image", to: "broken.jpg")
    let output = scene.url.appending(path: "x.npy").path
    expect(try program("preprocess", broken, "-o", output), code: 65, saying: broken)
    expect(
      try program("embed", "images", broken, "--model", Program.model, "-o", output), code: 65,
      saying: broken)
    expect(
      try program("classify", broken, "--labels", "a,b", "--model", Program.model), code: 65,
      saying: broken)
    #expect(!FileManager.default.fileExists(atPath: output))
    try whole.write(to: weights)
    try Data(text.utf8).write(to: config)
    try poison("visual_projection.weight", in: weights)
    expect(
      try program(
        "embed", "images", scene.data.appending(path: "toys/tree").path, "--model", model.path,
        "-o", output), code: 65, saying: "not finite", "0.ppm")
    #expect(!FileManager.default.fileExists(atPath: output))
    let picture = scene.data.appending(path: "toys/tree/0.ppm").path
    let classify = ["classify", picture, "--labels", "sky,sea", "--model", model.path]
    let onModel = scene.arguments(to: "P", "--dataset", "csv")
      .map { $0 == Program.model ? model.path : $0 }
    expect(
      try program.run(classify), code: 65, saying: picture, weights.path,
      "not finite numbers, in visual_projection.weight")
    expect(
      try program.run(onModel), code: 1, saying: "csv: ", "/0.ppm are",
      "not finite numbers, in visual_projection.weight")
    try whole.write(to: weights)
    try poison("text_projection.weight", in: weights)
    expect(
      try program.run(classify), code: 65, saying: "class 0 (sky)",
      "not finite numbers, in text_projection.weight")
    expect(
      try program.run(onModel), code: 1, saying: "csv: ", "class 0 (ball)",
      "not finite numbers, in text_projection.weight")
    try scene.write("", to: "empty.txt")
    expect(
      try program(
        "embed", "texts", "--input", scene.url.appending(path: "empty.txt").path, "--model",
        Program.model, "-o", output), code: 65, saying: "empty.txt")
    try scene.write(Data([97, 10, 0xff, 10]), to: "latin.txt")
    expect(
      try program(
        "tokenize", "--input", scene.url.appending(path: "latin.txt").path, "--model",
        Program.model), code: 65, saying: "latin.txt:2", "UTF-8")
    try scene.write("dataset: MNIST\nset: digits\nversoin: 1\n", to: "prompts/MNIST/digits.yaml")
    expect(
      try program.run(scene.arguments(to: "R")), code: 65, saying: "prompts/MNIST/digits.yaml:3:")
    let old = scene.url.appending(path: "OLD").path
    #expect(try program.run(scene.arguments(to: "OLD", "--dataset", "csv", "--quiet")).code == 0)
    try scene.write("{\"n\": 1}\n", to: "OLD/results.jsonl")
    expect(try program("report", old), code: 65, saying: "results.jsonl:1")
    try FileManager.default.removeItem(atPath: old + "/results.jsonl")
    expect(try program("report", old), code: 75, saying: old)
    let listed = try program("inspect", old)
    #expect(listed.text.contains("precision  fp32"), "\(listed.text)")
    expect(
      try program("inspect", old + "/results.csv"), code: 65, saying: "no list of images",
      "clip-eval inspect \(old)")
    try scene.write("{", to: "OLD/run.json")
    expect(try program("inspect", old), code: 65, saying: "run.json")
  }

  /// Makes the first value of a half-precision tensor a NaN.
  private func poison(_ name: String, in url: URL) throws {
    var bytes = try Data(contentsOf: url)
    let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = try #require(
      JSONSerialization.jsonObject(with: bytes[8..<8 + length]) as? [String: Any])
    let tensor = try #require(header[name] as? [String: Any])
    #expect(tensor["dtype"] as? String == "F16")
    let start = 8 + length + (try #require(tensor["data_offsets"] as? [Int])[0])
    bytes.replaceSubrange(start..<start + 2, with: [0x00, 0x7e])
    try bytes.write(to: url)
  }

  @Test("66: input that is not there")
  func notFound() throws {
    let scene = try Scene()
    let program = try scene.program()
    let nowhere = scene.url.appending(path: "nowhere").path
    let output = scene.url.appending(path: "x.npy").path
    let photo = scene.data.appending(path: "toys/tree/0.ppm").path
    for arguments in [
      ["inspect", nowhere], ["report", nowhere], ["preprocess", nowhere, "-o", output],
      ["embed", "images", nowhere, "--model", Program.model, "-o", output],
      ["embed", "images", photo, "--model", nowhere, "-o", output],
      ["embed", "texts", "--input", nowhere, "--model", Program.model, "-o", output],
      ["classify", nowhere, "--labels", "a,b", "--model", Program.model],
      ["classify", photo, "--labels", "a,b", "--model", nowhere],
      ["tokenize", "a", "--vocab", nowhere], ["doctor", "MNIST", "--data-root", nowhere],
      ["run", nowhere + ".yaml", "--model", Program.model, "--data-root", ".", "-o", output],
      ["run", scene.suite.path, "--model", nowhere, "--data-root", ".", "-o", output],
      [
        "run", scene.suite.path, "--model", Program.model, "--data-root", nowhere, "-o", output,
      ],
    ] {
      expect(try program.run(arguments), code: 66, saying: nowhere)
    }
    #expect(!FileManager.default.fileExists(atPath: output))
    expect(
      try program(
        "run", "first-lihgt", "--model", Program.model, "--data-root", ".", "-o", output),
      code: 66, saying: "Did you mean first-light?")
    // A folder without datasets, and a dry run that would find one missing.
    let empty = scene.url.appending(path: "empty")
    try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
    expect(try program("inspect", empty.path), code: 66, saying: empty.path)
    expect(
      try program("embed", "images", empty.path, "--model", Program.model, "-o", output), code: 66,
      saying: empty.path)
    let examined = try program("doctor", "MNIST", "--data-root", empty.path)
    #expect(examined.code == 66 && examined.text.contains("t10k-images"))
    try FileManager.default.removeItem(at: scene.data.appending(path: "mnist"))
    let plan = try program(
      "run", scene.suite.path, "--model", Program.model, "--data-root", scene.data.path,
      "--dry-run", "--json")
    #expect(plan.code == 66)
    let tasks = try #require(try plan.json()["tasks"] as? [[String: Any]])
    #expect(tasks.map { $0["images"] as? Int } == [14, 8, nil, 40])
    #expect(tasks[2]["images"] is NSNull && tasks[2]["problem"] is String)
  }

  @Test("73: output and cache that cannot be written")
  func cannotWrite() throws {
    let scene = try Scene()
    let program = try scene.program()
    let photo = scene.data.appending(path: "toys/tree/0.ppm").path
    // A file where a folder is needed: permissions do not stop an administrator, this does.
    try scene.write("in the way", to: "file")
    let below = scene.url.appending(path: "file/x.npy").path
    expect(
      try program("embed", "images", photo, "--model", Program.model, "-o", below), code: 73,
      saying: "cannot write")
    expect(
      try program("embed", "texts", "a", "--model", Program.model, "-o", below), code: 73,
      saying: "cannot write")
    expect(try program("preprocess", photo, "-o", below), code: 73, saying: "cannot")
    expect(
      try program.run(scene.arguments(to: "file")), code: 73,
      saying: scene.url.appending(path: "file").path)
    for arguments in [["list", "datasets"], ["inspect", Program.model, "--json"]] {
      expect(
        try program.start(arguments, outputTo: "/dev/full").finish(), code: 73,
        saying: "standard output")
    }
    let full = try scene.program(cache: "file/cache")
    expect(
      try full.run(scene.arguments(to: "R")), code: 73, saying: "CLIP_EVAL_CACHE")
  }

  @Test("78: bad suites, by line and column, and a folder that holds another plan")
  func badSuite() throws {
    let scene = try Scene()
    let program = try scene.program()
    let good = try String(contentsOf: scene.suite, encoding: .utf8)
    for (text, replacement, message) in [
      ("[zero-shot]", "[zero-shit]", "toys.yaml:4:15: unknown experiment \"zero-shit\""),
      ("version: 1", "version: 1\nvresion: 2", "toys.yaml:3:1: unknown key \"vresion\""),
      ("classNames: digits", "classNames: digit", "Did you mean digits?"),
      ("dataset: MNIST", "dataset: MNITS", "Did you mean MNIST?"),
      ("    split: test\n", "    split: tset\n", "Did you mean test?"),
      ("templates: generic/two", "templates: MNIST/digits", "has no templates"),
      ("classNames: digits", "classNames: generic/two", "has templates only, and no class names"),
      ("datasets:\n", "datasets: [\n", "toys.yaml:"),
    ] {
      let bad = good.replacing(text, with: replacement, maxReplacements: 1)
      #expect(bad != good)
      try scene.write(bad, to: "toys.yaml")
      expect(
        try program.run(scene.arguments(to: "R")), code: 78, saying: scene.suite.path, message)
    }
    try scene.write(good, to: "toys.yaml")
    expect(
      try program.run(scene.arguments(to: "R", "--dataset", "EuroSAT")), code: 78,
      saying: "the plan is empty")
    #expect(!FileManager.default.fileExists(atPath: scene.url.appending(path: "R").path))

    let first = scene.arguments(to: "RUN", "--dataset", "csv", "--quiet")
    #expect(try program.run(first).code == 0)
    let before = try stableFiles(scene.url.appending(path: "RUN"))
    let other = scene.arguments(to: "RUN", "--dataset", "image-folder", "--quiet")
    expect(try program.run(other), code: 78, saying: "another plan", "--fresh")
    #expect(try stableFiles(scene.url.appending(path: "RUN")) == before)
    #expect(try program.run(other + ["--fresh"]).code == 0)
    let files = try stableFiles(scene.url.appending(path: "RUN")).keys
    #expect(files.contains { $0.hasSuffix("image-folder.ids.txt") })
    #expect(!files.contains { $0.hasSuffix("csv.ids.txt") })
  }

  @Test("Settings are part of a plan: another recipe does not replace a run's results")
  func otherSettings() throws {
    let scene = try Scene()
    let program = try scene.program()
    let arguments = scene.arguments(to: "RUN", "--dataset", "csv", "--quiet")
    #expect(try program.run(arguments).code == 0)
    let before = try stableFiles(scene.url.appending(path: "RUN"))
    for change in [
      ["--recipe", "openai"], ["--resize", "squash"], ["--activation", "quick_gelu"],
    ] {
      expect(try program.run(arguments + change), code: 78, saying: "another plan")
    }
    #expect(try stableFiles(scene.url.appending(path: "RUN")) == before)
  }

  @Test("The log goes to standard error, more of it with --verbose, none with --quiet")
  func logging() throws {
    let scene = try Scene()
    try scene.write("not an image", to: "data/toys/tree/broken.jpg")
    let program = try scene.program()
    func errors(_ options: String...) throws -> String {
      let run = try program.run(
        scene.arguments(to: "RUN", "--dataset", "image-folder") + options)
      #expect(run.code == 0)
      #expect(!run.text.contains("not evaluated"))
      return run.errors
    }
    #expect(try errors("--quiet") == "")
    let normal = try errors()
    #expect(normal.contains("warning: not evaluated: image-folder toys/tree/broken.jpg"))
    #expect(!normal.contains("debug:"))
    let verbose = try errors("--verbose")
    #expect(verbose.contains("debug: loaded tiny-clip") && verbose.contains("layout=image-folder"))
  }
}
