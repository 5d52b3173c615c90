import Core
import Foundation
import Imaging
import LinearAlgebra
import TensorFiles
import TestSupport
import Testing

import CLIPModels

/// A checkpoint of Tools/make-checkpoint-fixtures.py, the model whose features PyTorch computed, and what it should be read as.
struct CheckpointFixture: Sendable, CustomTestStringConvertible {
  let path: String
  let model: String
  let format: CheckpointFormat
  let scheme: NamingScheme
  let activationSource: String
  let preprocessing: String

  var testDescription: String { path }
  var url: URL { Self.folder.appending(path: path) }
  var expected: URL { Self.folder.appending(path: "\(model).expected.safetensors") }

  static let folder = TestPaths.fixtures.appending(path: "checkpoints")

  private static func fixture(
    _ path: String, _ model: String, _ format: CheckpointFormat, _ scheme: NamingScheme,
    _ activationSource: String, _ preprocessing: String
  ) -> CheckpointFixture {
    CheckpointFixture(
      path: path, model: model, format: format, scheme: scheme, activationSource: activationSource,
      preprocessing: preprocessing)
  }

  static let vits = [
    fixture(
      "vit-quickgelu-huggingface", "vit-quickgelu", .huggingFace, .huggingFace,
      "hidden_act of config.json", "huggingface|rgb|resize(shorter=12"),
    fixture(
      "vit-quickgelu-openai.pt", "vit-quickgelu", .openAI, .openAI, "OpenAI's format",
      "openai|resize(shorter=12"),
    fixture(
      "vit-quickgelu-openai-state-dict.pt", "vit-quickgelu", .openAI, .openAI, "OpenAI's format",
      "openai|resize(shorter=12"),
    fixture(
      "vit-gelu-huggingface-bin", "vit-gelu", .huggingFace, .huggingFace,
      "hidden_act of config.json", "huggingface|rgb"),
    fixture(
      "vit-gelu-huggingface-sharded", "vit-gelu", .huggingFace, .huggingFace,
      "hidden_act of config.json", "huggingface|rgb"),
    fixture(
      "vit-gelu-open_clip", "vit-gelu", .openCLIP, .openAI, "quick_gelu of open_clip_config.json",
      "openai|resize(squash=15,bicubic,antialias)|crop(none)|rgb|scale(1/255)|"
        + "normalize(mean=0.5,0.4,0.3,std=0.2,0.25,0.3)"),
    fixture(
      "vit-gelu-open_clip-bin", "vit-gelu", .openCLIP, .openCLIPText,
      "quick_gelu of open_clip_config.json", "openai|resize(squash=15"),
    fixture(
      "vit-gelu-open_clip-training/epoch_3.pt", "vit-gelu", .openCLIP, .openAI,
      "quick_gelu of open_clip_config.json", "openai|resize(squash=15"),
    fixture(
      "vit-gelu-bf16-open_clip", "vit-gelu-bf16", .openCLIP, .openAI,
      "quick_gelu of open_clip_config.json", "openai|resize(squash=15"),
  ]
  static let resNets = [
    fixture(
      "resnet-open_clip", "resnet", .openCLIP, .openAI, "quick_gelu of open_clip_config.json",
      "openai|resize(shorter=64"),
    fixture(
      "resnet-openai.pt", "resnet", .openAI, .openAI, "OpenAI's format", "openai|resize(shorter=64"),
  ]
}

@Suite("Checkpoint formats against PyTorch") struct CheckpointFormatTests {
  @Test(arguments: CheckpointFixture.vits + CheckpointFixture.resNets)
  func isRecognised(fixture: CheckpointFixture) throws {
    let checkpoint = try Checkpoint(fixture.url)
    #expect(checkpoint.format == fixture.format)
    #expect(checkpoint.mapping.scheme == fixture.scheme)
    #expect(checkpoint.activationSource == fixture.activationSource)
    #expect(try checkpoint.preprocessing().description.hasPrefix(fixture.preprocessing))
    let activation: Activation = fixture.model.hasPrefix("vit-gelu") ? .gelu : .quickGELU
    #expect(checkpoint.configuration.text.activation == activation)
    #expect(abs(checkpoint.configuration.logitScale - 12.182494) < 1e-4)
  }

  @Test(arguments: CheckpointFixture.vits + CheckpointFixture.resNets)
  func texts(fixture: CheckpointFixture) throws {
    let expected = try SafetensorsFile(fixture.expected)
    let lengths = try expected.tensor("lengths").integers()
    let ids = try expected.tensor("ids")
    let tokens = try ids.integers()
    let wanted = try expected.tensor("text")
    let tower = try Checkpoint(fixture.url).textTower()
    let width = tower.featureWidth(.projected)
    #expect(wanted.shape == [lengths.count, width])
    let features = try tower.encode(
      lengths.enumerated().map { row, length in
        tokens[row * ids.shape[1]..<row * ids.shape[1] + Int(length)].map(Int32.init)
      }, threads: 1)
    let values = try wanted.floats()
    for row in lengths.indices {
      let difference = largestUnitDifference(
        Array(features.row(row)), Array(values[row * width..<(row + 1) * width]))
      #expect(difference <= 1e-5, "text \(row)")
    }
  }

  /// The towers' own names reach the right tensors of a ResNet.
  @Test(arguments: CheckpointFixture.resNets) func resNetWeights(fixture: CheckpointFixture) throws
  {
    let checkpoint = try Checkpoint(fixture.url)
    #expect(
      checkpoint.configuration.vision
        == .resNet(
          ResNetConfiguration(
            imageSize: 64, width: 4, stages: [1, 2, 1, 1], heads: 2, embeddingWidth: 10)))
    #expect(
      checkpoint.unusedTensors.filter { !$0.hasSuffix("num_batches_tracked") }
        == (fixture.format == .openAI ? ["context_length", "input_resolution", "vocab_size"] : []))
    let loader = try checkpoint.loader()
    let file = checkpoint.weights
    for (name, theirs, shape) in [
      ("image.stem.2.conv.weight", "visual.conv2.weight", [2, 2, 3, 3]),
      ("image.stem.3.norm.variance", "visual.bn3.running_var", [4]),
      ("image.stages.2.1.conv3.weight", "visual.layer2.1.conv3.weight", [32, 8, 1, 1]),
      ("image.stages.2.1.norm1.mean", "visual.layer2.1.bn1.running_mean", [8]),
      (
        "image.stages.4.0.downsample.conv.weight", "visual.layer4.0.downsample.0.weight",
        [128, 64, 1, 1]
      ),
      ("image.stages.4.0.downsample.norm.bias", "visual.layer4.0.downsample.1.bias", [128]),
      ("image.pool.positions", "visual.attnpool.positional_embedding", [5, 128]),
      ("image.pool.query.weight", "visual.attnpool.q_proj.weight", [128, 128]),
      ("image.pool.output.bias", "visual.attnpool.c_proj.bias", [10]),
    ] {
      let buffer = try loader.load(name, shape: shape)
      let loaded = Array(UnsafeBufferPointer(start: buffer.pointer, count: buffer.count))
      #expect(try loaded == file.tensor(theirs).floats(), "\(name)")
    }
    #expect(loader.contains("image.stages.1.0.downsample.conv.weight"))
    #expect(!loader.contains("image.stages.2.1.downsample.conv.weight"))
  }

  @Test(arguments: CheckpointFixture.vits + CheckpointFixture.resNets)
  func images(fixture: CheckpointFixture) throws {
    let expected = try SafetensorsFile(fixture.expected)
    let pixels = try expected.tensor("pixels")
    let wanted = try expected.tensor("image")
    let tower = try Checkpoint(fixture.url).imageTower(batchSize: pixels.shape[0])
    #expect(tower.imageSize == pixels.shape[3])
    let width = tower.featureWidth(.projected)
    #expect(wanted.shape == [pixels.shape[0], width])
    var features = [Float](repeating: 0, count: wanted.count)
    try tower.makeEncoder().encode(pixels: try pixels.floats(), kind: .projected, into: &features)
    let values = try wanted.floats()
    for row in 0..<pixels.shape[0] {
      let range = row * width..<(row + 1) * width
      let difference = largestUnitDifference(Array(features[range]), Array(values[range]))
      #expect(difference <= 1e-5, "image \(row)")
    }
  }
}
