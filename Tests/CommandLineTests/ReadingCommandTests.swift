import Core
import Foundation
import TensorFiles
import TestSupport
import Testing

/// The commands that print or write one thing and keep nothing.
@Suite struct ReadingCommandTests {
  @Test("tokenize --json gives OpenAI's ids between start and end")
  func tokenize() throws {
    struct Fixture: Decodable {
      let text: String
      let small: [Int]
    }
    let fixtures = try JSONDecoder().decode(
      [Fixture].self,
      from: Data(contentsOf: TestPaths.fixtures.appending(path: "tokenizer/texts.json"))
    ).filter { fixture in
      // One a line, within the context of 77.
      fixture.small.count <= 75 && !fixture.text.utf8.contains { $0 == 10 || $0 == 13 }
    }
    #expect(fixtures.count > 100)
    let folder = try TemporaryFolder()
    let input = folder.url.appending(path: "texts.txt")
    try Data(fixtures.map { $0.text + "\n" }.joined().utf8).write(to: input)
    let program = try Program()
    // The checkpoint's context is 16; a vocabulary alone stands for CLIP's 77.
    for (vocabulary, context) in [
      (["--model", Program.model, "--truncate"], 16),
      (["--vocab", tokenizer("bpe_small.txt.gz")], 77),
    ] {
      let result = try program.run(["tokenize", "--json", "--input", input.path] + vocabulary)
      #expect(result.code == 0, "\(result.errors)")
      let lines = result.text.split(separator: "\n")
      #expect(lines.count == fixtures.count)
      for (line, fixture) in zip(lines, fixtures) {
        let ids = try JSONDecoder().decode([Int].self, from: Data(line.utf8))
        let expected = [612] + fixture.small.prefix(context - 2) + [613]
        #expect(ids == expected, "\(fixture.text)")
      }
    }
    let table = try program("tokenize", "a dog", "--model", Program.model)
    #expect(table.text.hasPrefix("612\t<|startoftext|>\n320\ta</w>\n"))
    let long = String(repeating: "a ", count: 15)
    let refused = try program("tokenize", long, "--model", Program.model)
    #expect(refused.code == 65 && refused.errors.contains("17 tokens"), "\(refused.errors)")
    let fits = try program("tokenize", long, "--vocab", tokenizer("bpe_small.txt.gz"), "--json")
    #expect(try JSONDecoder().decode([Int].self, from: fits.output).count == 17)
  }

  private func tokenizer(_ name: String) -> String {
    TestPaths.fixtures.appending(path: "tokenizer/\(name)").path
  }

  @Test("preprocess --no-normalize gives Pillow's pixels; without it, CLIP's mean and deviation")
  func preprocess() throws {
    struct Manifest: Decodable {
      struct Output: Decodable {
        let border: Int
        let crop: Bool
        let resize: String
        let order: String
        let size: Int
        let sha256: String
      }
      struct Image: Decodable {
        let name: String
        let outputs: [Output]
      }
      let images: [Image]
    }
    let images = TestPaths.fixtures.appending(path: "imaging")
    let manifest = try JSONDecoder().decode(
      Manifest.self, from: Data(contentsOf: images.appending(path: "manifest.json")))
    let folder = try TemporaryFolder()
    let output = folder.url.appending(path: "x.npy")
    let program = try Program()
    func pixels(_ name: String, _ more: [String]) throws -> TensorView {
      let result = try program.run(
        ["preprocess", images.appending(path: name).path, "--output", output.path] + more)
      #expect(result.code == 0, "\(result.errors)")
      return try NPYFile.read(output)
    }
    for name in ["rgb-odd-51x37.png", "palette-47x35.png", "rgb-420-75x50.jpg"] {
      let image = try #require(manifest.images.first { $0.name == name })
      // Those that squash cut off a border, too.
      let outputs = image.outputs.filter { $0.crop && $0.resize != "none" }
      #expect(outputs.count == 8 && outputs.contains { $0.border > 0 && $0.resize == "squash" })
      for expected in outputs {
        let tensor = try pixels(
          name,
          [
            "--no-normalize", "--size", "\(expected.size)", "--recipe", expected.order,
            "--border", "\(expected.border)",
          ] + (expected.resize == "squash" ? ["--squash"] : []))
        #expect(tensor.shape == [3, expected.size, expected.size])
        let values = try tensor.floats()
        let area = expected.size * expected.size
        // The fixture's hash is over H×W×3 bytes.
        let bytes = (0..<area).flatMap { i in (0..<3).map { UInt8(values[$0 * area + i]) } }
        #expect(SHA256.hash(Data(bytes)).hex == expected.sha256, "\(name) \(expected)")
      }
    }
    let raw = try pixels("rgb-odd-51x37.png", ["--model", Program.model, "--no-normalize"])
    let rawValues = try raw.floats()
    let normalised = try pixels("rgb-odd-51x37.png", ["--model", Program.model]).floats()
    #expect(raw.shape == [3, 40, 40])
    let mean = [0.481_454_66, 0.457_827_5, 0.408_210_73]
    let deviation = [0.268_629_54, 0.261_302_58, 0.275_777_11]
    for (i, value) in normalised.enumerated() {
      let channel = i / 1600
      let wanted = (Double(rawValues[i]) / 255 - mean[channel]) / deviation[channel]
      #expect(abs(Double(value) - wanted) < 1e-5)
    }
  }

  @Test("classify gives probabilities that sum to one, for names with commas too")
  func classify() throws {
    let scene = try Scene()
    let photos = ["tree/0.ppm", "blue ball/1.ppm"].map {
      scene.data.appending(path: "toys/\($0)").path
    }
    let program = try scene.program()
    let arguments = ["--labels", "cat, \"dog, big\" ,tree", "--model", Program.model, "--json"]
    let result = try program.run(["classify"] + photos + arguments)
    #expect(result.code == 0, "\(result.errors)")
    let rows = try #require(try result.json()["images"] as? [[String: Any]])
    #expect(rows.map { $0["image"] as? String } == photos)
    for row in rows {
      let answers = try #require(row["answers"] as? [[String: Any]])
      let labels = Set(answers.compactMap { $0["label"] as? String })
      #expect(labels == ["cat", "dog, big", "tree"])
      let probabilities = answers.compactMap { $0["probability"] as? Double }
      #expect(abs(probabilities.reduce(0, +) - 1) < 1e-6)
      #expect(probabilities == probabilities.sorted(by: >))
      #expect(row["error"] is NSNull)
    }
    try scene.write("no image", to: "bad.jpg")
    let bad = scene.url.appending(path: "bad.jpg").path
    let part = try program.run(["classify", photos[0], bad] + arguments)
    #expect(part.code == 1 && part.errors.contains("not classified: \(bad)"))
    let partRows = try #require(try part.json()["images"] as? [[String: Any]])
    #expect(partRows.count == 2 && partRows[1]["answers"] is NSNull)
    #expect(partRows[1]["error"] is String)
  }

  @Test("inspect reads OpenAI's files, and shows all but an activation that nothing tells")
  func inspectOpenAI() throws {
    let program = try Program()
    let folder = TestPaths.fixtures.appending(path: "checkpoints")
    let file = folder.appending(path: "vit-quickgelu-openai.pt").path
    let checkpoint = try program("inspect", file, "--json").json()
    #expect(checkpoint["kind"] as? String == "checkpoint")
    #expect(checkpoint["format"] as? String == "openai")
    #expect(checkpoint["fileFormat"] as? String == "TorchScript")
    #expect(checkpoint["tensorNames"] as? String == "openai")
    #expect(checkpoint["activationSource"] as? String == "OpenAI's format")
    // What PyTorch counts: sum(p.numel() for p in model.parameters()).
    #expect(checkpoint["parameters"] as? Int == 70_729)
    #expect(
      checkpoint["unusedTensors"] as? [String] == [
        "context_length", "input_resolution", "vocab_size",
      ])

    let scene = try TemporaryFolder()
    let bare = scene.url.appending(path: "weights.safetensors")
    try SparseCheckpoint.write(to: bare)
    // Without this entry the same names may be open_clip's.
    let mark = Data("input_resolution".utf8)
    let handle = try FileHandle(forUpdating: bare)
    let place = try #require(try handle.read(upToCount: 1 << 16)?.range(of: mark))
    try handle.seek(toOffset: UInt64(place.lowerBound))
    try handle.write(contentsOf: Data("another_integer_".utf8))
    try handle.close()
    let shown = try program("inspect", bare.path)
    #expect(shown.code == 0, "\(shown.errors)")
    #expect(shown.text.contains("not said: give --activation"))
    #expect(shown.text.contains("weights SHA-256"))
    let unsaid = try program("inspect", bare.path, "--json").json()
    #expect(unsaid["activationSource"] is NSNull && unsaid["catalog"] is NSNull)
    let text = (unsaid["configuration"] as? [String: Any])?["text"] as? [String: Any]
    #expect(text?["activation"] is NSNull && text?["width"] as? Int != nil)

    let tensors = try program(
      "inspect", folder.appending(path: "archives/plain.pt").path, "--json"
    ).json()
    #expect(tensors["kind"] as? String == "tensors")
    #expect(
      tensors["notACheckpoint"] as? String
        == "logit_scale, the text tower's token embedding, the image tower's first convolution are missing"
    )
  }

  @Test("inspect tells checkpoints, feature files and dataset folders apart")
  func inspect() throws {
    let scene = try Scene()
    let program = try scene.program()
    let checkpoint = try program("inspect", Program.model, "--json").json()
    #expect(checkpoint["kind"] as? String == "checkpoint")
    #expect(checkpoint["format"] as? String == "huggingface")
    let weights = try Data(contentsOf: URL(filePath: Program.model + "/model.safetensors"))
    #expect(checkpoint["weightsSHA256"] as? String == SHA256.hash(weights).hex)
    #expect((checkpoint["kernels"] as? [String: Any])?["blasCore"] is String)
    #expect(checkpoint.keys.contains("kernelWarning"))
    let configuration = try #require(checkpoint["configuration"] as? [String: Any])
    let vision = try #require(configuration["vision"] as? [String: Any])
    #expect(vision["architecture"] as? String == "ViT")
    #expect(vision["imageSize"] as? Int == 40)
    #expect(configuration["embeddingWidth"] as? Int == 24)

    let tensors = try program("inspect", Program.model + "/expected.safetensors", "--json").json()
    #expect(tensors["kind"] as? String == "tensors")
    #expect((tensors["tensors"] as? [Any])?.isEmpty == false)

    let folder = try program("inspect", scene.data.path, "--json").json()
    #expect(folder["kind"] as? String == "dataset-folder")
    let found = try #require(folder["datasets"] as? [[String: Any]])
    let names = found.map { "\($0["dataset"] ?? "") \($0["split"] ?? "") \($0["samples"] ?? "")" }
    #expect(names == ["CIFAR10 test 40", "MNIST test 30"])
    #expect(found[1]["layout"] as? String == "mnist-idx")
    #expect(found[1]["variant"] is NSNull && found[1]["partial"] as? Bool == true)
    let toys = try program("inspect", scene.data.appending(path: "toys").path, "--json").json()
    let generic = try #require(toys["datasets"] as? [[String: Any]])
    #expect(generic.map { $0["dataset"] as? String } == ["image-folder"])
    #expect(generic[0]["classes"] as? Int == 3 && generic[0]["samples"] as? Int == 14)
    let list = try program("inspect", scene.data.appending(path: "listed.csv").path)
    #expect(list.code == 0 && list.text.contains("csv"))
  }

  @Test("A slow arithmetic kernel is told by inspect, doctor and run")
  func kernelWarning() throws {
    let scene = try Scene()
    let program = try Program(environment: ["OPENBLAS_CORETYPE": "Prescott"])
    let checkpoint = try program("inspect", Program.model, "--json").json()
    let doctor = try program("doctor", "MNIST", "--data-root", scene.data.path, "--json")
    let warning = checkpoint["kernelWarning"] as? String
    #expect(try doctor.json()["kernelWarning"] as? String == warning)
    let kernels = try #require(checkpoint["kernels"] as? [String: Any])
    // Only a processor with AVX-512 can be known to do better.
    guard kernels["isa"] as? String == "x86-64-v4", kernels["blasCore"] as? String == "Prescott"
    else { return }
    #expect(warning?.contains("OPENBLAS_CORETYPE=Prescott") == true)
    #expect(doctor.errors.hasPrefix("warning: "))
    #expect(try program("inspect", Program.model).errors.hasPrefix("warning: "))
  }

  @Test("doctor compares counts with what is known and lists damaged files")
  func doctor() throws {
    let scene = try Scene()
    let program = try scene.program()
    let mnist = try program("doctor", "mnist", "--data-root", scene.data.path, "--json")
    #expect(mnist.code == 0)
    let report = try mnist.json()
    #expect(report["dataset"] as? String == "MNIST")
    let splits = try #require(report["splits"] as? [[String: Any]])
    #expect(splits.count == 1)
    #expect(splits[0]["samples"] as? Int == 30 && splits[0]["expected"] as? Int == 10_000)
    var elsewhere = program
    elsewhere.environment["CLIP_EVAL_DATA"] = scene.data.path
    #expect(try elsewhere("doctor", "mnist", "--json").output == mnist.output)
    try scene.write(Data(), to: "data/toys/tree/empty.jpg")
    let toys = try program(
      "doctor", "image-folder", "--data-root", scene.data.appending(path: "toys").path)
    #expect(toys.code == 65)
    #expect(toys.text.contains("tree/empty.jpg"))
  }

  @Test("list prints one JSON document with sorted keys, and a table")
  func list() throws {
    let program = try Program()
    for (kind, known) in [
      ("datasets", "CIFAR10"), ("prompts", "ImageNet"), ("suites", "first-light"),
    ] {
      let result = try program("list", kind, "--json")
      #expect(result.code == 0, "\(result.errors)")
      let document = try result.json()
      #expect(document["kind"] as? String == kind && document["schemaVersion"] as? Int == 1)
      let entries = try #require(document[kind] as? [[String: Any]])
      let names = entries.flatMap { entry in
        ["id", "dataset", "name"].compactMap { entry[$0] as? String }
      }
      #expect(names.contains(known))
      let keys = result.text.split(separator: "\n").filter {
        $0.hasPrefix("  \"")
      }.map { $0.prefix { $0 != ":" } }
      #expect(keys.count == 3 && keys == keys.sorted())
      let table = try program("list", kind)
      #expect(table.code == 0 && table.text.contains(known))
      #expect(!table.text.contains(" \n"))
    }
    let datasets = try program("list", "datasets", "--json").json()
    let entries = try #require(datasets["datasets"] as? [[String: Any]])
    let folder = try #require(entries.first { $0["id"] as? String == "image-folder" })
    #expect(folder["classCount"] is NSNull && folder["chance"] is NSNull)
    let cifar = try #require(entries.first { $0["id"] as? String == "CIFAR10" })
    #expect(cifar["chance"] as? Double == 0.1)
  }

  @Test("list references: the paper's tables and other harnesses', with rows, unit and source")
  func references() throws {
    let program = try Program()
    let all = try #require(
      try program("list", "references", "--json").json()["references"] as? [[String: Any]])
    func table(_ name: String) throws -> [String: Any] {
      try #require(all.first { $0["name"] as? String == name }, "\(name)")
    }
    // Nine models, and 66, on the 27 datasets of Table 9.
    #expect(try table("table-11")["rows"] as? Int == 9 * 27)
    #expect(try table("table-10")["rows"] as? Int == 66 * 27)
    #expect(try table("table-11")["role"] as? String == "verdicts")
    #expect(try table("table-11")["units"] as? [String] == ["percent"])
    #expect(try table("table-11")["sources"] as? [String] == ["arXiv 2103.00020 Table 11"])
    #expect(try table("other-harnesses")["role"] as? String == "other harnesses")
    #expect(try table("samples")["sources"] as? [String] == [])
    let files = try FileManager.default.contentsOfDirectory(
      atPath: TestPaths.project.appending(path: "Reports/reference").path)
    #expect(
      Set(all.compactMap { $0["name"] as? String })
        == Set(files.filter { $0.hasSuffix(".csv") }.map { String($0.dropLast(4)) }))
    let text = try program("list", "references", "table-11", "known-causes.csv").text
    #expect(text.split(separator: "\n").count == 3 && !text.contains(" others"))
    let wrong = try program("list", "references", "table-111")
    #expect(wrong.code == 66 && wrong.errors.contains("table-11"), "\(wrong.errors)")
  }

  @Test("--help is the text that was agreed on, and every command has examples that fit a line")
  func help() throws {
    let program = try Program()
    let top = try program("--help")
    let golden = TestPaths.fixtures.appending(path: "command-line/help.txt")
    #expect(top.code == 0)
    #expect(
      top.text == (try String(contentsOf: golden, encoding: .utf8)),
      "\(top.text)\nIf this is meant, write it to Tests/Fixtures/command-line/help.txt.")
    for command in [
      "overlap", "run", "report", "compare", "list", "list models", "list datasets", "list prompts",
      "list suites", "list references",
      "inspect", "doctor", "download", "download model", "download dataset", "embed",
      "embed images", "embed texts", "tokenize", "preprocess", "classify", "probe", "validate",
      "validate prompts",
    ] {
      let result = try program.run(command.split(separator: " ").map(String.init) + ["--help"])
      #expect(result.code == 0)
      let lines = result.text.split(separator: "\n", omittingEmptySubsequences: false)
      let start = try #require(lines.firstIndex(of: "EXAMPLES"), "\(command)")
      let examples = lines[(start + 1)...].prefix { !$0.isEmpty }
      // A line that did not fit would go on at the left margin and could not be copied.
      #expect(examples.allSatisfy { $0.hasPrefix("  ") }, "\(command): \(examples)")
      #expect(
        examples.contains {
          $0.hasPrefix("  clip-eval \(command) ")
            || ["list", "download", "validate"].contains(command)
        })
    }
    let version = try program("--version")
    #expect(version.code == 0 && version.text.hasPrefix("clip-eval "))
  }

  @Test("Shell completions", arguments: ["bash", "zsh", "fish"])
  func completions(shell: String) throws {
    let result = try Program()("--generate-completion-script", shell)
    #expect(result.code == 0)
    #expect(result.text.contains("preprocess") && result.text.contains("data-root"))
  }
}
