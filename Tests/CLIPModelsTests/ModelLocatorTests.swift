import CLIPModels
import Core
import Foundation
import TestSupport
import Testing

/// Where a model that a user names is found.
@Suite struct ModelLocatorTests {
  private let folder: TemporaryFolder
  private let locator: ModelLocator

  init() throws {
    folder = try TemporaryFolder()
    locator = ModelLocator(
      folders: ModelFolders(environment: [
        "HOME": folder.url.path, "CLIP_EVAL_MODELS": folder.url.path + "/models",
        "HF_HOME": folder.url.path + "/hf",
      ]))
  }

  private func write(_ path: String, _ text: String = "x") throws {
    let url = folder.url.appending(path: path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  private func found(_ name: String) throws -> String {
    String(try locator.locate(name).url.path.dropFirst(folder.url.path.count + 1))
  }

  private static let laion = "laion/CLIP-ViT-B-32-laion2B-s34B-b79K"

  @Test("A path comes first, and is called by its last part")
  func path() throws {
    try write("clips/mine/config.json")
    let path = folder.url.path + "/clips/mine/"
    let model = try locator.locate(path)
    #expect(model.name == "mine" && model.entry == nil && model.weightsSHA256 == nil)
    #expect(model.url.standardizedFileURL.path == folder.url.path + "/clips/mine")
  }

  @Test(
    "A name of the catalog: the models folder, OpenAI's cache, repositories there, the hub's cache")
  func order() throws {
    let hub = "hf/hub/models--openai--clip-vit-base-patch32"
    try write("\(hub)/refs/main", "abc\n")
    try write("\(hub)/snapshots/old/model.safetensors")
    #expect(throws: EvalError.self) { try locator.locate("ViT-B/32") }
    try write("\(hub)/snapshots/abc/config.json")
    #expect(throws: EvalError.self) { try locator.locate("ViT-B/32") }
    try write("\(hub)/snapshots/abc/pytorch_model.bin")
    #expect(try found("ViT-B/32") == "\(hub)/snapshots/abc")
    #expect(try locator.locate("vit-b-32").name == "ViT-B/32")
    #expect(try locator.locate("ViT-B/32").weightsSHA256 == nil)
    try write("models/openai--clip-vit-base-patch32/model.safetensors")
    #expect(try found("ViT-B/32") == "models/openai--clip-vit-base-patch32")
    try write(".cache/clip/ViT-B-32.pt")
    #expect(try found("ViT-B/32") == ".cache/clip/ViT-B-32.pt")
    try write("models/ViT-B-32.pt")
    let model = try locator.locate("ViT-B/32")
    #expect(model.url.path == folder.url.path + "/models/ViT-B-32.pt")
    #expect(model.name == "ViT-B/32" && model.entry?.name == "ViT-B/32")
    #expect(model.weightsSHA256?.hex.hasPrefix("40d36571") == true)
    // A repository's name means that repository.
    #expect(
      try found("openai/clip-vit-base-patch32") == "models/openai--clip-vit-base-patch32")
  }

  @Test("What is there and of no use is named, and what it lacks")
  func remains() throws {
    let hub = "hf/hub/models--openai--clip-vit-base-patch32"
    func expect(_ part: String, location: SourceLocation = #_sourceLocation) {
      for name in ["ViT-B/32", "openai/clip-vit-base-patch32"] {
        let error = #expect(throws: EvalError.self) { try locator.locate(name) }
        #expect(
          error?.message.contains(part) == true, "\(error?.description ?? "")",
          sourceLocation: location)
      }
    }
    try write("\(hub)/refs/main", "abc\n")
    try write("\(hub)/snapshots/old/model.safetensors")
    expect("\(hub) names the snapshot abc, which is not there")
    try write("\(hub)/snapshots/abc/config.json")
    expect("\(hub)/snapshots/abc has no weights")
    try FileManager.default.createSymbolicLink(
      atPath: folder.url.path + "/\(hub)/snapshots/abc/model.safetensors",
      withDestinationPath: "../../blobs/missing")
    expect("\(hub)/snapshots/abc/model.safetensors points to a file that is not there")
    try write("models/openai--clip-vit-base-patch32/model.safetensors.partial")
    expect("model.safetensors is unfinished: the same download command continues it")
    try write("models/RN50.pt.partial")
    let file = #expect(throws: EvalError.self) { try locator.locate("RN50") }
    #expect(file?.message.contains("RN50.pt is unfinished") == true)
  }

  @Test("Any repository of the cache, by its name")
  func foreignRepository() throws {
    let hub = "hf/hub/models--somebody--my_clip.v2"
    try write("\(hub)/snapshots/abc/open_clip_model.safetensors")
    let model = try locator.locate("somebody/my_clip.v2")
    #expect(model.name == "somebody/my_clip.v2" && model.entry == nil)
    #expect(model.url.lastPathComponent == "abc")
    // Two snapshots, and nothing says which is current.
    try write("\(hub)/snapshots/abd/open_clip_model.safetensors")
    #expect(throws: EvalError.self) { try locator.locate("somebody/my_clip.v2") }
  }

  @Test("A model of the catalog that is a repository only")
  func laion() throws {
    try write("models/laion--CLIP-ViT-B-32-laion2B-s34B-b79K/model.safetensors")
    for name in [Self.laion, "ViT-B-32/laion2b_s34b_b79k"] {
      let model = try locator.locate(name)
      #expect(model.name == "ViT-B-32/laion2b_s34b_b79k" && model.entry?.activation == .gelu)
    }
  }

  @Test("What is not found says where it was looked for, and how to get it")
  func missing() throws {
    let known = #expect(throws: EvalError.self) { try locator.locate("ViT-B/32") }
    #expect(known?.kind == .notFound)
    for part in ["/models", "/.cache/clip", "/hf/hub", "clip-eval download model ViT-B/32"] {
      #expect(
        known?.description.contains(part) == true, "no \(part) in \(String(describing: known))")
    }
    let slip = #expect(throws: EvalError.self) { try locator.locate("ViT-B/33") }
    #expect(slip?.kind == .notFound && slip?.description.contains("ViT-B/32") == true)
    let other = #expect(throws: EvalError.self) { try locator.locate("some/clip") }
    #expect(other?.description.contains("clip-eval download model some/clip") == true)
    let none = #expect(throws: EvalError.self) { try locator.locate("nothing-like-it") }
    #expect(none?.description.contains("list models") == true)
    let empty = #expect(throws: EvalError.self) { try locator.locate("") }
    #expect(empty?.kind == .usage && empty?.description.contains("an empty one") == true)
  }

  @Test("Folders follow the environment")
  func folders() {
    func paths(_ more: [String: String]) -> [String] {
      let folders = ModelFolders(environment: ["HOME": "/h"].merging(more) { $1 })
      return [folders.models.path, folders.hub.path, folders.openAI.path]
    }
    #expect(
      paths([:]) == [
        "/h/.local/share/clip-eval/models", "/h/.cache/huggingface/hub", "/h/.cache/clip",
      ])
    #expect(
      paths(["XDG_DATA_HOME": "/d", "XDG_CACHE_HOME": "/c"]) == [
        "/d/clip-eval/models", "/c/huggingface/hub", "/h/.cache/clip",
      ])
    #expect(
      paths(["CLIP_EVAL_MODELS": "/m", "XDG_DATA_HOME": "/d", "HF_HOME": "/f"]) == [
        "/m", "/f/hub", "/h/.cache/clip",
      ])
    #expect(paths(["HF_HOME": "/f", "HF_HUB_CACHE": "/u", "CLIP_EVAL_MODELS": ""])[1] == "/u")
  }
}
