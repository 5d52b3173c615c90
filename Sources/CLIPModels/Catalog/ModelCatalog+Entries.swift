import Core

/// The models known by name. Adding one is adding an entry here.
extension ModelCatalog {
  /// The nine models of the paper. Addresses and hashes are those of OpenAI's `clip.load`, parameters those of open_clip's
  /// model profile.
  static let paper: [CatalogModel] = [
    CatalogModel(
      name: "RN50", aliases: ["RN50/openai", "RN50-quickgelu/openai"],
      architecture: .resNet(blocks: [3, 4, 6, 3], width: 64), resolution: 224, embeddingWidth: 1024,
      textWidth: 512, textLayers: 12,
      imageParameters: 38.32, textParameters: 63.69, activation: .quickGELU, paperGFLOPs: 6.1,
      file: openAIFile(
        "RN50.pt", "afeb0e10f9e5a86da6080e35cf09123aca3b358a0c3e3b6c78a7b63bc04b6762",
        bytes: 255_827_503),
      repositories: ["timm/resnet50_clip.openai"]),
    CatalogModel(
      name: "RN101", aliases: ["RN101/openai", "RN101-quickgelu/openai"],
      architecture: .resNet(blocks: [3, 4, 23, 3], width: 64), resolution: 224, embeddingWidth: 512,
      textWidth: 512, textLayers: 12,
      imageParameters: 56.26, textParameters: 63.43, activation: .quickGELU, paperGFLOPs: 9.9,
      file: openAIFile(
        "RN101.pt", "8fa8567bab74a42d41c5915025a8e4538c3bdbe8804a470a72f30b0d94fab599",
        bytes: 291_791_292),
      repositories: ["timm/resnet101_clip.openai"]),
    CatalogModel(
      name: "RN50x4", aliases: ["RN50x4/openai", "RN50x4-quickgelu/openai"],
      architecture: .resNet(blocks: [4, 6, 10, 6], width: 80), resolution: 288, embeddingWidth: 640,
      textWidth: 640, textLayers: 12,
      imageParameters: 87.14, textParameters: 91.16, activation: .quickGELU, paperGFLOPs: 21.5,
      file: openAIFile(
        "RN50x4.pt", "7e526bd135e493cef0776de27d5f42653e6b4c8bf9e0f653bb11773263205fdd",
        bytes: 421_854_225),
      repositories: ["timm/resnet50x4_clip.openai"]),
    CatalogModel(
      name: "RN50x16", aliases: ["RN50x16/openai", "RN50x16-quickgelu/openai"],
      architecture: .resNet(blocks: [6, 8, 18, 8], width: 96), resolution: 384, embeddingWidth: 768,
      textWidth: 768, textLayers: 12,
      imageParameters: 167.33, textParameters: 123.65, activation: .quickGELU, paperGFLOPs: 75.3,
      file: openAIFile(
        "RN50x16.pt", "52378b407f34354e150460fe41077663dd5b39c54cd0bfd2b27167a4a06ec9aa",
        bytes: 661_125_706),
      repositories: ["timm/resnet50x16_clip.openai"]),
    CatalogModel(
      name: "RN50x64", aliases: ["RN50x64/openai", "RN50x64-quickgelu/openai"],
      architecture: .resNet(blocks: [3, 15, 36, 10], width: 128), resolution: 448,
      embeddingWidth: 1024, textWidth: 1024, textLayers: 12,
      imageParameters: 420.38, textParameters: 202.88, activation: .quickGELU, paperGFLOPs: 265.9,
      file: openAIFile(
        "RN50x64.pt", "be1cfb55d75a9666199fb2206c106743da0f6468c9d327f3e0d0a543a9919d9c",
        bytes: 1_353_500_174),
      repositories: ["timm/resnet50x64_clip.openai"]),
    CatalogModel(
      name: "ViT-B/32", aliases: ["ViT-B-32", "ViT-B-32/openai", "ViT-B-32-quickgelu/openai"],
      architecture: .vision(layers: 12, width: 768, patch: 32), resolution: 224,
      embeddingWidth: 512, textWidth: 512, textLayers: 12,
      imageParameters: 87.85, textParameters: 63.43, activation: .quickGELU, paperGFLOPs: 4.4,
      file: openAIFile(
        "ViT-B-32.pt", "40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af",
        bytes: 353_976_522),
      repositories: ["openai/clip-vit-base-patch32", "timm/vit_base_patch32_clip_224.openai"]),
    CatalogModel(
      name: "ViT-B/16", aliases: ["ViT-B-16", "ViT-B-16/openai", "ViT-B-16-quickgelu/openai"],
      architecture: .vision(layers: 12, width: 768, patch: 16), resolution: 224,
      embeddingWidth: 512, textWidth: 512, textLayers: 12,
      imageParameters: 86.19, textParameters: 63.43, activation: .quickGELU, paperGFLOPs: 17.8,
      file: openAIFile(
        "ViT-B-16.pt", "5806e77cd80f8b59890b7e101eabd078d9fb84e6937f9e85e4ecb61988df416f",
        bytes: 350_837_078),
      repositories: ["openai/clip-vit-base-patch16", "timm/vit_base_patch16_clip_224.openai"]),
    CatalogModel(
      name: "ViT-L/14", aliases: ["ViT-L-14", "ViT-L-14/openai", "ViT-L-14-quickgelu/openai"],
      architecture: .vision(layers: 24, width: 1024, patch: 14), resolution: 224,
      embeddingWidth: 768, textWidth: 768, textLayers: 12,
      imageParameters: 303.97, textParameters: 123.65, activation: .quickGELU, paperGFLOPs: 81,
      file: openAIFile(
        "ViT-L-14.pt", "b8cca3fd41ae0c99ba7e8951adf17d267cdb84cd88be6f7c2e0eca1737a03836",
        bytes: 932_768_134),
      repositories: ["openai/clip-vit-large-patch14", "timm/vit_large_patch14_clip_224.openai"]),
    CatalogModel(
      name: "ViT-L/14@336px",
      aliases: [
        "ViT-L-14-336px", "ViT-L-14-336", "ViT-L-14-336/openai", "ViT-L-14-336-quickgelu/openai",
      ],
      architecture: .vision(layers: 24, width: 1024, patch: 14), resolution: 336,
      embeddingWidth: 768, textWidth: 768, textLayers: 12,
      imageParameters: 304.29, textParameters: 123.65, activation: .quickGELU, paperGFLOPs: 192,
      file: openAIFile(
        "ViT-L-14-336px.pt", "3035c92b350959924f9f00213499208652fc7ea050643e8b385c2dac08641f02",
        bytes: 934_088_680),
      repositories: ["openai/clip-vit-large-patch14-336", "timm/vit_large_patch14_clip_336.openai"]),
  ]

  /// Models of the same layout with GELU, trained with open_clip on LAION's images. They are published as Hugging Face
  /// repositories, whose listing gives hash and size.
  static let openCLIP: [CatalogModel] = [
    CatalogModel(
      name: "ViT-B-32/laion2b_s34b_b79k", aliases: [],
      architecture: .vision(layers: 12, width: 768, patch: 32), resolution: 224,
      embeddingWidth: 512, textWidth: 512, textLayers: 12,
      imageParameters: 87.85, textParameters: 63.43, activation: .gelu,
      repositories: ["laion/CLIP-ViT-B-32-laion2B-s34B-b79K"]),
    CatalogModel(
      name: "ViT-B-16/laion2b_s34b_b88k", aliases: [],
      architecture: .vision(layers: 12, width: 768, patch: 16), resolution: 224,
      embeddingWidth: 512, textWidth: 512, textLayers: 12,
      imageParameters: 86.19, textParameters: 63.43, activation: .gelu,
      repositories: ["laion/CLIP-ViT-B-16-laion2B-s34B-b88K"]),
    CatalogModel(
      name: "ViT-L-14/laion2b_s32b_b82k", aliases: [],
      architecture: .vision(layers: 24, width: 1024, patch: 14), resolution: 224,
      embeddingWidth: 768, textWidth: 768, textLayers: 12,
      imageParameters: 303.97, textParameters: 123.65, activation: .gelu,
      repositories: ["laion/CLIP-ViT-L-14-laion2B-s32B-b82K"]),
    CatalogModel(
      name: "ViT-H-14/laion2b_s32b_b79k", aliases: ["ViT-H-14"],
      architecture: .vision(layers: 32, width: 1280, patch: 14), resolution: 224,
      embeddingWidth: 1024, textWidth: 1024, textLayers: 24,
      imageParameters: 632.08, textParameters: 354.03, activation: .gelu,
      repositories: ["laion/CLIP-ViT-H-14-laion2B-s32B-b79K"]),
  ]

  /// A file of OpenAI's, which lies in a folder named by its hash.
  private static func openAIFile(_ name: String, _ sha256: String, bytes: Int) -> CatalogModel.File
  {
    CatalogModel.File(
      address: "https://openaipublic.azureedge.net/clip/models/\(sha256)/\(name)", name: name,
      sha256: SHA256Digest(hex: sha256), bytes: bytes)
  }
}
