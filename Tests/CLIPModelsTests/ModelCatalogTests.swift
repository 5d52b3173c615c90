import CLIPModels
import Core
import Foundation
import TestSupport
import Testing

@Suite struct ModelCatalogTests {
  @Test(
    "Names are found whatever their case and separators",
    arguments: [
      ("ViT-B/32", "ViT-B/32"), ("ViT-B-32", "ViT-B/32"), ("vit_b_32", "ViT-B/32"),
      ("VITB32", "ViT-B/32"), ("openai/clip-vit-base-patch32", "ViT-B/32"),
      ("ViT-B-32/openai", "ViT-B/32"), ("rn50", "RN50"), ("RN50x4", "RN50x4"),
      ("ViT-L/14@336px", "ViT-L/14@336px"), ("ViT-L-14-336", "ViT-L/14@336px"),
      ("ViT-L-14-336px", "ViT-L/14@336px"),
      ("timm/vit_large_patch14_clip_336.openai", "ViT-L/14@336px"),
      ("ViT-H-14", "ViT-H-14/laion2b_s32b_b79k"),
      ("ViT-B-16 laion2b-s34b-b88k", "ViT-B-16/laion2b_s34b_b88k"),
      ("laion/CLIP-ViT-L-14-laion2B-s32B-b82K", "ViT-L-14/laion2b_s32b_b82k"),
    ])
  func names(name: String, model: String) {
    #expect(ModelCatalog.model(named: name)?.name == model)
  }

  @Test("What is no name", arguments: ["", "/", "ViT", "ViT-B/33", "RN", "laion", "é"])
  func strangers(name: String) {
    #expect(ModelCatalog.model(named: name) == nil)
  }

  @Test func nearMisses() throws {
    #expect(try #require(ModelCatalog.hint(for: "ViT-B/33")).contains("ViT-B/32"))
    #expect(try #require(ModelCatalog.hint(for: "RN5")).contains("RN50"))
    #expect(ModelCatalog.hint(for: "laion/CLIP-ViT-B-32-DataComp.XL-s13B-b90K") == nil)
  }

  @Test("A model is suggested once, whatever it is called by")
  func suggestions() {
    #expect(ModelCatalog.hint(for: "ViT-B/33") == "Did you mean ViT-B/32, ViT-B/16?")
  }

  @Test("Sizes and activation tell a model from another under its name")
  func conflicts() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appending(path: "weights.safetensors")
    let model = try #require(ModelCatalog.model(named: "ViT-B/32"))
    func conflict(_ model: CatalogModel, _ activation: Activation? = nil) throws -> String? {
      model.conflict(with: try Checkpoint(url, activation: activation))
    }
    try SparseCheckpoint.write(to: url)
    #expect(try conflict(model) == nil)
    #expect(try conflict(model, .gelu) == nil)
    let laion = try #require(ModelCatalog.model(named: "ViT-B-32/laion2b_s34b_b79k"))
    #expect(try conflict(laion) == "activation: expected gelu, found quick_gelu")
    let resNet = try #require(ModelCatalog.model(named: "RN50"))
    #expect(
      try conflict(resNet)
        == "image tower: expected ResNet 3-4-6-3, width 64, found ViT, patch 32, 12 layers of 768")
    try SparseCheckpoint.write(to: url, layers: 6, width: 192)
    #expect(
      try conflict(model)
        == "image tower: expected ViT, patch 32, 12 layers of 768, found ViT, patch 32, 6 layers of 192"
    )
    try SparseCheckpoint.write(to: url, side: 256)
    #expect(try conflict(model) == "input side: expected 224, found 256")
    try SparseCheckpoint.write(to: url, textWidth: 640)
    #expect(try conflict(model) == "text width: expected 512, found 640")
  }

  @Test("No name means two models")
  func unambiguous() {
    let names = ModelCatalog.models.map { model in
      Set(
        ([model.name] + model.aliases + model.repositories).map {
          $0.lowercased().filter { $0.isLetter || $0.isNumber }
        })
    }
    #expect(names.reduce(0) { $0 + $1.count } == names.reduce(Set()) { $0.union($1) }.count)
    #expect(Set(ModelCatalog.models.compactMap(\.file?.name)).count == 9)
  }

  @Test("Repositories are meant exactly, in any case")
  func repositories() {
    #expect(
      ModelCatalog.repository(named: "OpenAI/clip-vit-base-patch32")
        == "openai/clip-vit-base-patch32")
    #expect(ModelCatalog.repository(named: "openai-clip-vit-base-patch32") == nil)
    #expect(ModelCatalog.repository(named: "ViT-B/32") == nil)
  }

  @Test("The paper's nine models are as the reference table has them")
  func reference() throws {
    guard let url = TestPaths.shared("reference/models.csv") else { return }
    let rows = try Self.table(String(contentsOf: url, encoding: .utf8))
    #expect(rows.count == 9)
    for row in rows {
      let model = try #require(ModelCatalog.model(named: row["model"] ?? ""))
      let file = try #require(model.file)
      #expect(model.name == row["model"])
      #expect(file.address == row["url"] && file.sha256.hex == row["sha256"])
      #expect(file.address.hasSuffix("/" + file.name))
      #expect(model.repositories.joined(separator: "; ") == row["hf_repo_ids"])
      #expect("\(model.resolution)" == row["input_resolution"])
      #expect("\(model.embeddingWidth)" == row["embed_dim"])
      #expect("\(model.imageParameters)" == row["params_M_image"])
      #expect("\(model.textParameters)" == row["params_M_text"])
      #expect(abs(model.parameters - (Double(row["params_M_total"] ?? "") ?? 0)) < 0.02)
      #expect(row["activation"]?.hasPrefix("QuickGELU") == true && model.activation == .quickGELU)
      let stated = try #require(row["gflops_paper"]?.firstMatch(of: /[\d.]+/))
      #expect(model.paperGFLOPs == Double(stated.0))
      switch model.architecture {
      case .vision(let layers, let width, let patch):
        #expect(row["vision_type"] == "VisionTransformer")
        #expect(
          ["\(layers)", "\(width)", "\(patch)"]
            == [row["vision_layers"], row["vision_width"], row["patch_size"]])
      case .resNet(let blocks, let width):
        #expect(row["vision_type"] == "ModifiedResNet")
        #expect(blocks.map(String.init).joined(separator: ",") == row["vision_layers"])
        #expect("\(width)" == row["vision_width"])
      }
      // Half precision but for the token embedding, positions and norms; then the archive's own names and code.
      let embedding = 49408 * (Double(row["text_width"] ?? "") ?? 0) / 1e6
      let rest = Double(file.bytes) / 1e6 - 2 * model.parameters - 2 * embedding
      #expect((0.5...7).contains(rest), "\(model.name): \(rest)")
    }
  }

  /// Lines of a CSV with quoted fields, by column.
  private static func table(_ text: String) throws -> [[String: String]] {
    let lines = text.split(whereSeparator: \.isNewline).map { line in
      var fields = [""]
      var isQuoted = false
      for character in line {
        switch character {
        case "\"": isQuoted.toggle()
        case "," where !isQuoted: fields.append("")
        default: fields[fields.count - 1].append(character)
        }
      }
      return fields
    }
    let header = try #require(lines.first)
    return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(header, $0)) }
  }

  @Test(
    "Of a repository, one weight file and what goes with it",
    arguments: [
      // transformers' layout: safetensors first.
      (
        [
          "README.md", "config.json", "merges.txt", "model.safetensors",
          "open_clip_pytorch_model.bin",
          "preprocessor_config.json", "pytorch_model.bin", "tokenizer.json", "vocab.json",
        ],
        "config.json preprocessor_config.json vocab.json merges.txt tokenizer.json model.safetensors"
      ),
      (
        ["config.json", "flax_model.msgpack", "preprocessor_config.json", "pytorch_model.bin"],
        "config.json preprocessor_config.json pytorch_model.bin"
      ),
      // timm's: model.safetensors is the image tower alone.
      (
        [
          "config.json", "model.safetensors", "open_clip_config.json",
          "open_clip_model.safetensors",
        ],
        "config.json open_clip_config.json open_clip_model.safetensors"
      ),
      (
        ["open_clip_config.json", "open_clip_pytorch_model.bin", "model.safetensors"],
        "open_clip_config.json open_clip_pytorch_model.bin"
      ),
      (["../model.safetensors", "config.json"], nil),
    ] as [([String], String?)])
  func selection(files: [String], chosen: String?) {
    #expect(CheckpointFiles.selection(from: files)?.joined(separator: " ") == chosen)
  }
}
