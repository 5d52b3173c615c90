import Core
import Foundation
import TestSupport
import Testing

/// `download model`, `list models` and models named instead of pathed, as users start them.
@Suite struct DownloadTests {
  private let folder: TemporaryFolder
  private static let repository = "laion/CLIP-ViT-B-32-laion2B-s34B-b79K"
  /// No model of the catalog, so that a tiny one may stand for it.
  private static let other = "some/tiny-clip"
  private static let model = "ViT-B-32/laion2b_s34b_b79k"
  private static let commit = String(repeating: "0123456789", count: 4)

  init() throws { folder = try TemporaryFolder() }

  private var models: URL { folder.url.appending(path: "models") }

  /// A program whose folders are all a test's own.
  private func program(hub: String? = nil) throws -> Program {
    try Program(environment: [
      "HOME": folder.url.path, "CLIP_EVAL_MODELS": models.path, "XDG_CACHE_HOME": nil,
      "XDG_DATA_HOME": nil, "HF_HOME": nil, "HF_HUB_CACHE": nil, "HF_ENDPOINT": hub,
      "http_proxy": nil, "HTTP_PROXY": nil, "ALL_PROXY": nil, "all_proxy": nil,
    ])
  }

  /// A hub with the tiny model of the other tests in two repositories.
  private static func hub(
    damaged: Bool = false,
    weights: (@Sendable (HTTPTestServer.Response) -> HTTPTestServer.Response)? = nil
  ) throws -> HTTPTestServer {
    let source = TestPaths.fixtures.appending(path: "tiny-clip")
    var files: [String: Data] = [:]
    for name in [
      "config.json", "preprocessor_config.json", "vocab.json", "merges.txt", "model.safetensors",
    ] {
      files[name] = try Data(contentsOf: source.appending(path: name))
    }
    files["README.md"] = Data("not fetched".utf8)
    let siblings = files.map { name, data in
      let hash = damaged ? String(repeating: "0", count: 64) : SHA256.hash(data).hex
      let large =
        name == "model.safetensors"
        ? ",\"lfs\":{\"sha256\":\"\(hash)\",\"size\":\(data.count)}" : ""
      return "{\"rfilename\":\"\(name)\",\"size\":\(data.count)\(large)}"
    }
    let listing = "{\"sha\":\"\(commit)\",\"siblings\":[\(siblings.joined(separator: ","))]}"
    return try HTTPTestServer { [files] request, _ in
      let name = request.path.contains(other) ? other : repository
      if request.path == "/api/models/\(name)?blobs=true" {
        return .init(200, body: Data(listing.utf8))
      }
      let prefix = "/\(name)/resolve/\(commit)/"
      guard request.path.hasPrefix(prefix),
        let data = files[String(request.path.dropFirst(prefix.count))]
      else { return .init(404) }
      let response = HTTPTestServer.Response.file(data, for: request, tag: "\"\(data.count)\"")
      guard request.path.hasSuffix("model.safetensors"), let weights else { return response }
      return weights(response)
    }
  }

  private func row(_ name: String, _ program: Program) throws -> [String: Any] {
    let rows = try program("list", "models", "--json").json()["models"] as? [[String: Any]]
    return try #require(rows?.first { $0["name"] as? String == name })
  }

  @Test(
    "A repository: fetched, listed, used under its name, and under the catalog's only as the catalog's model"
  )
  func repository() throws {
    let hub = try Self.hub()
    let program = try program(hub: hub.address)
    #expect(try row(Self.model, program)["path"] is NSNull)
    let result = try program("download", "model", Self.model, "--json", "--quiet")
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.errors.isEmpty)
    let document = try result.json()
    let target = models.appending(path: "laion--CLIP-ViT-B-32-laion2B-s34B-b79K")
    #expect(document["path"] as? String == target.path && document["kind"] as? String == "download")
    let files = try #require(document["files"] as? [[String: Any]])
    #expect(files.map { $0["verified"] as? Bool } == [false, false, false, false, true])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: target.path).sorted()
        == [
          "config.json", "merges.txt", "model.safetensors", "preprocessor_config.json",
          "vocab.json",
        ])
    #expect(hub.requests.last?.path.hasSuffix("/model.safetensors") == true)
    #expect(try row(Self.model, program)["path"] as? String == target.path)

    let scene = try Scene()
    func run(_ model: String) throws -> Program.Result {
      try program.run([
        "run", scene.suite.path, "--model", model, "--dataset", "MNIST",
        "--data-root", scene.data.path, "--prompts", scene.prompts.path, "--output",
        scene.url.appending(path: "RUN").path,
      ])
    }
    let wrong = try run("vit-b-32:laion2b-s34b-b79k")
    #expect(wrong.code == 65, "\(wrong.errors)")
    #expect(wrong.errors.contains("is not the catalog's \(Self.model): image tower: expected ViT"))
    #expect(!isFolder(scene.url.appending(path: "RUN")))
    #expect(try program("download", "model", Self.other).code == 0)
    let run = try run(Self.other)
    #expect(run.code == 0, "\(run.errors)")
    let row = try #require(try resultRows(scene.url.appending(path: "RUN")).first)
    #expect(row["model"] as? String == Self.other)
    #expect(
      isFile(
        scene.url.appending(
          path: "RUN/predictions/zero-shot/some-tiny-clip/MNIST.safetensors")))

    let again = try program("download", "model", Self.repository)
    #expect(again.code == 0 && again.text.contains("was there"))
    #expect(again.text.contains("use it with --model \(Self.repository)"))
  }

  @Test("The Hugging Face cache serves names, too")
  func cache() throws {
    let root = folder.url.appending(
      path: ".cache/huggingface/hub/models--openai--clip-vit-base-patch32")
    let snapshot = root.appending(path: "snapshots/abc")
    try SparseCheckpoint.write(to: snapshot.appending(path: "open_clip_model.safetensors"))
    try FileManager.default.createDirectory(
      at: root.appending(path: "refs"), withIntermediateDirectories: true)
    try Data("abc".utf8).write(to: root.appending(path: "refs/main"))
    let program = try program()
    for name in ["ViT-B/32", "openai/clip-vit-base-patch32"] {
      let result = try program("tokenize", "--model", name, "a", "--json")
      #expect(result.code == 0, "\(result.errors)")
      #expect(result.text == "[49406,320,49407]\n")
    }
  }

  @Test("Other bytes under a name of the catalog: 65 before any work; inspect says so")
  func otherBytes() throws {
    let file = models.appending(path: "ViT-B-32.pt")
    try SparseCheckpoint.write(to: file)
    let program = try program()
    let scene = try Scene()
    let output = scene.url.appending(path: "RUN")
    for arguments in [
      ["classify", "x.jpg", "--labels", "a,b", "--model", "ViT-B/32"],
      ["embed", "texts", "a", "--model", "ViT-B/32", "-o", scene.url.path + "/x.npy"],
      [
        "run", scene.suite.path, "--model", "ViT-B/32", "--data-root", scene.data.path,
        "--prompts", scene.prompts.path, "-o", output.path,
      ],
    ] {
      let result = try program.run(arguments)
      #expect(result.code == 65, "\(arguments): \(result.errors)")
      #expect(
        result.errors.contains("is not the catalog's ViT-B/32: expected SHA-256 40d36571"),
        "\(result.errors)")
    }
    #expect(!isFolder(output))
    let shown = try program("inspect", "ViT-B/32", "--json").json()
    #expect(shown["catalog"] as? String == "not ViT-B/32's SHA-256")

    try SparseCheckpoint.write(to: file, layers: 6, width: 192)
    for arguments in [
      ["tokenize", "a"], ["preprocess", "x.jpg", "-o", scene.url.path + "/x.npy"],
    ] {
      let result = try program.run(arguments + ["--model", "ViT-B/32"])
      #expect(result.code == 65, "\(result.errors)")
      #expect(result.errors.contains("12 layers of 768, found ViT, patch 32, 6 layers of 192"))
    }
  }

  @Test(
    "Ctrl-C keeps what there is: 130; after that, SIGTERM or kill -9 the same command continues")
  func interruption() throws {
    let hangs = Flag(true)
    let hub = try Self.hub(weights: { hangs.isSet ? $0.hanging(after: 50_000) : $0 })
    let program = try program(hub: hub.address)
    let target = models.appending(path: "laion--CLIP-ViT-B-32-laion2B-s34B-b79K")
    let weights = target.appending(path: "model.safetensors")
    let partial = weights.appendingPathExtension("partial")
    for signal in [SIGINT, SIGTERM, SIGKILL] {
      hangs.isSet = true
      let running = try program.start(["download", "model", Self.model])
      while running.isRunning,
        (try? FileManager.default.attributesOfItem(atPath: partial.path))?[.size] as? Int != 50_000
      { usleep(500) }
      running.signal(signal)
      let stopped = try running.finish()
      #expect(stopped.code == (signal == SIGKILL ? -SIGKILL : 130), "\(stopped.errors)")
      if signal != SIGKILL {
        #expect(stopped.errors.contains("50000 of 217452 bytes are kept"))
      }
      #expect(isFile(partial) && !isFile(weights))
      hangs.isSet = false
      let result = try program("download", "model", Self.model)
      #expect(result.code == 0, "\(result.errors)")
      #expect(hub.requests.last?.rangeStart == 50_000)
      #expect(try Data(contentsOf: weights).count == 217_452)
      try FileManager.default.removeItem(at: weights)
    }
  }

  @Test("A connection that stays broken: 75, and the same command continues")
  func incomplete() throws {
    let broken = Flag(true)
    let hub = try Self.hub(weights: { broken.isSet ? $0.cut(after: 50_000) : $0 })
    let program = try program(hub: hub.address)
    let stopped = try program("download", "model", Self.model, "--retries", "0")
    #expect(stopped.code == 75, "\(stopped.errors)")
    #expect(stopped.errors.contains("The same command continues."))
    broken.isSet = false
    let result = try program("download", "model", Self.model)
    #expect(result.code == 0, "\(result.errors)")
    #expect(hub.requests.last?.rangeStart == 50_000)
    #expect(result.errors.contains("model.safetensors: 217.5 kB of 217.5 kB"))
  }

  @Test("Wrong bytes: 65, and they are gone")
  func wrongBytes() throws {
    let hub = try Self.hub(damaged: true)
    let repository = try program(hub: hub.address)("download", "model", Self.model)
    #expect(repository.code == 65, "\(repository.errors)")
    #expect(repository.errors.contains(String(repeating: "0", count: 64)))

    let server = try HTTPTestServer { request, _ in .file(Data("no weights".utf8), for: request) }
    let output = folder.url.appending(path: "elsewhere")
    let file = try program()(
      "download", "model", "RN50", "--url", server.address + "/RN50.pt", "--output", output.path)
    #expect(file.code == 65, "\(file.errors)")
    #expect(
      file.errors.contains("afeb0e10f9e5a86da6080e35cf09123aca3b358a0c3e3b6c78a7b63bc04b6762"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: output.path).isEmpty)
  }

  @Test("What cannot be fetched says so")
  func refusals() throws {
    let hub = try HTTPTestServer { _, _ in .init(401) }
    let program = try program(hub: hub.address)
    func expect(_ code: Int32, _ part: String, _ arguments: String...) throws {
      let result = try program.run(["download"] + arguments)
      #expect(result.code == code, "\(result.errors)")
      #expect(result.errors.contains(part), "no \(part) in \(result.errors)")
    }
    try expect(66, "Did you mean ViT-B/32", "model", "ViT-B/33")
    try expect(66, "list models", "model", "nothing-like-it")
    try expect(64, "an empty one", "model", "")
    try expect(66, "(401)", "model", "some/body")
    try expect(64, "HF_ENDPOINT", "model", Self.model, "--url", "http://127.0.0.1:1/x")
    try expect(64, "http or https", "model", "RN50", "--url", "file:///etc/passwd")
    try expect(
      66, "download model timm/resnet50_clip.openai", "model", "RN50", "--url", hub.address + "/x")
    try expect(64, "--retries", "model", "RN50", "--retries", "-1")
    try expect(64, "--data-root", "dataset", "cifar10")
    try expect(64, "CIFAR10", "dataset", "cifar11")
    try? FileManager.default.removeItem(at: models)
    try Data().write(to: models)
    try expect(73, models.path, "model", "RN50", "--url", hub.address + "/RN50.pt")
  }

  @Test("A model that is not there: 66, and how to get it")
  func notThere() throws {
    let result = try program()("classify", "x.jpg", "--labels", "a,b", "--model", "ViT-L/14")
    #expect(result.code == 66)
    #expect(result.errors.contains("clip-eval download model ViT-L/14"))
    #expect(result.errors.contains(models.path))
  }

  @Test("list models: all of the catalog, as text and as JSON")
  func list() throws {
    let program = try program()
    let text = try program("list", "models").text
    #expect(text.components(separatedBy: "\n").count == 15)
    #expect(text.contains("ViT-L/14@336px"))
    let row = try row("RN50x64", program)
    #expect(row["resolution"] as? Int == 448 && row["paperGFLOPs"] as? Double == 265.9)
    #expect(row["parametersMillions"] as? Double == 623.26)
    let laion = try self.row(Self.model, program)
    #expect(laion["sha256"] is NSNull && laion["paperGFLOPs"] is NSNull)
    #expect(laion["activation"] as? String == "gelu")
  }
}
