import Core
import Foundation
import LinearAlgebra
import Neural
import TensorFiles
import TestSupport
import Testing

import CLIPModels

/// A random-weights model of odd sizes, with GELU, and PyTorch's outputs (Tools/make-tower-fixtures.py).
@Suite("Tiny model against PyTorch") struct TinyModelTests {
  private let folder = TestPaths.fixtures.appending(path: "tiny-clip")

  @Test func sizesComeFromTheWeights() throws {
    let c = try Checkpoint(folder).configuration
    guard case .transformer(let v) = c.vision else {
      Issue.record("expected a ViT, found \(c.vision)")
      return
    }
    #expect(v.imageSize == 40 && v.patchSize == 8 && v.tokens == 26)
    #expect(v.transformer.width == 48 && v.transformer.layers == 3 && v.transformer.heads == 3)
    #expect(v.transformer.mlpWidth == 80 && v.transformer.activation == .gelu)
    #expect(c.text.width == 32 && c.text.layers == 2 && c.text.heads == 4)
    #expect(c.text.mlpWidth == 72 && c.vocabularySize == 614 && c.contextLength == 16)
    #expect(c.embeddingWidth == 24)
    #expect(abs(c.logitScale - 12.182494) < 1e-5)
  }

  @Test(arguments: FeatureKind.allCases) func images(kind: FeatureKind) throws {
    let expected = try SafetensorsFile(folder.appending(path: "expected.safetensors"))
    let pixels = try expected.tensor("pixels").floats()
    let wanted = try expected.tensor("image_\(kind.rawValue)")
    for batchSize in [1, 2, 3, 8] {
      let tower = try Checkpoint(folder).imageTower(batchSize: batchSize)
      let imageLength = 3 * 40 * 40
      let width = tower.featureWidth(kind)
      #expect(wanted.shape == [3, width])
      let values = try wanted.floats()
      let encoder = try tower.makeEncoder()
      for start in stride(from: 0, to: 3, by: batchSize) {
        var batch = [Float](repeating: 0, count: batchSize * imageLength)
        let count = min(batchSize, 3 - start)
        batch.replaceSubrange(
          0..<count * imageLength,
          with: pixels[start * imageLength..<(start + count) * imageLength])
        var features = [Float](repeating: 0, count: batchSize * width)
        try encoder.encode(pixels: batch, kind: kind, into: &features)
        for i in 0..<count {
          let difference = largestUnitDifference(
            Array(features[i * width..<(i + 1) * width]),
            Array(values[(start + i) * width..<(start + i + 1) * width]))
          #expect(difference <= 2e-6, "image \(start + i), batch of \(batchSize)")
        }
      }
    }
  }

  @Test(arguments: FeatureKind.allCases) func texts(kind: FeatureKind) throws {
    let expected = try SafetensorsFile(folder.appending(path: "expected.safetensors"))
    let ids = try expected.tensor("ids").integers()
    let lengths = try expected.tensor("lengths").integers()
    let wanted = try expected.tensor("text_\(kind.rawValue)")
    let tower = try Checkpoint(folder).textTower()
    let sequences = lengths.enumerated().map { row, length in
      ids[row * 16..<row * 16 + Int(length)].map(Int32.init)
    }
    let features = try tower.encode(sequences, kind: kind, threads: 2)
    let width = tower.featureWidth(kind)
    let values = try wanted.floats()
    for i in 0..<sequences.count {
      let difference = largestUnitDifference(
        Array(features.row(i)), Array(values[i * width..<(i + 1) * width]))
      #expect(difference <= 2e-6, "text of \(sequences[i].count) tokens")
    }
  }

  @Test func bf16IsCloseToFP32() throws {
    guard (try? TowerPrecision.bf16.requireSupport()) != nil else {
      return print("SKIPPED: this processor has no bfloat16 arithmetic")
    }
    let expected = try SafetensorsFile(folder.appending(path: "expected.safetensors"))
    let wanted = try expected.tensor("image_projected").floats()
    let pixels = try expected.tensor("pixels").floats()
    let tower = try Checkpoint(folder).imageTower(batchSize: 3, precision: .bf16)
    var features = [Float](repeating: 0, count: wanted.count)
    try tower.makeEncoder().encode(pixels: pixels, kind: .projected, into: &features)
    let width = tower.featureWidth(.projected)
    for row in 0..<3 {
      let range = row * width..<(row + 1) * width
      // On unit vectors: a cosine of 0.999 is a distance of 0.045.
      let difference = largestUnitDifference(Array(features[range]), Array(wanted[range]))
      #expect(difference > 0 && difference < 0.045)
    }
  }

  @Test func activationChangesFeatures() throws {
    let expected = try SafetensorsFile(folder.appending(path: "expected.safetensors"))
    let wanted = try expected.tensor("image_projected").floats()
    let pixels = try expected.tensor("pixels").floats()
    let tower = try Checkpoint(folder, activation: .quickGELU).imageTower(batchSize: 3)
    var features = [Float](repeating: 0, count: wanted.count)
    try tower.makeEncoder().encode(pixels: pixels, kind: .projected, into: &features)
    #expect(largestUnitDifference(features, wanted) > 1e-4)
  }

  /// Heads and epsilon change features, but not the weight file's hash.
  @Test(arguments: [
    (#""num_attention_heads": 3"#, #""num_attention_heads": 6"#),
    (#""image_size": 40"#, #""image_size": 40, "layer_norm_eps": 1e-3"#),
    (#""hidden_act": "gelu""#, #""hidden_act": "quick_gelu""#),
  ])
  func settingsTellWhatTheWeightsDoNot(from: String, to: String) throws {
    let copy = try TemporaryFolder()
    let original = try Checkpoint(folder)
    let changed = try Checkpoint(
      damaged(in: copy, config: { $0 = $0.replacingOccurrences(of: from, with: to) }))
    #expect(try changed.weightsHash() == original.weightsHash())
    #expect(changed.configuration.vision.settings != original.configuration.vision.settings)
  }

  // MARK: what is wrong with a checkpoint

  /// A copy of the fixture, its weights or configuration changed.
  private func damaged(
    in copy: TemporaryFolder, config: (inout String) -> Void = { _ in },
    weights: (inout Data) -> Void = { _ in }
  ) throws -> URL {
    let url = copy.url.appending(path: "model")
    try FileManager.default.copyItem(at: folder, to: url)
    var text = try String(contentsOf: url.appending(path: "config.json"), encoding: .utf8)
    config(&text)
    try text.write(to: url.appending(path: "config.json"), atomically: true, encoding: .utf8)
    var data = try Data(contentsOf: url.appending(path: "model.safetensors"))
    weights(&data)
    try data.write(to: url.appending(path: "model.safetensors"))
    return url
  }

  @Test(arguments: [
    (#""hidden_size": 48"#, #""hidden_size": 64"#, "vision_config.hidden_size is 64"),
    (
      #""num_hidden_layers": 2"#, #""num_hidden_layers": 12"#, "text_config.num_hidden_layers is 12"
    ),
    (#""num_attention_heads": 3"#, #""num_attention_heads": 5"#, "does not divide the width 48"),
    (#""projection_dim": 24"#, #""projection_dim": 512"#, "projection_dim is 512"),
    (#""model_type": "clip""#, #""model_type": "siglip""#, "found \"siglip\""),
    (#""hidden_act": "gelu""#, #""hidden_act": "relu""#, "found relu"),
    (#""image_size": 40"#, #""image_size": 224"#, "image_size is 224"),
  ])
  func contradictions(from: String, to: String, complaint: String) throws {
    let copy = try TemporaryFolder()
    let url = try damaged(in: copy, config: { $0 = $0.replacingOccurrences(of: from, with: to) })
    let error = #expect(throws: EvalError.self) { try Checkpoint(url) }
    #expect(error?.kind == .malformedData)
    #expect(error?.message.contains(complaint) == true, "\(String(describing: error))")
  }

  @Test func tensorOfTheWrongShape() throws {
    let copy = try TemporaryFolder()
    let url = try damaged(
      in: copy,
      weights: { data in
        // Same byte count, other shape: only the loader can notice.
        let range = data.range(of: Data("[80, 48]".utf8))
        if let range { data.replaceSubrange(range, with: Data("[48, 80]".utf8)) }
      })
    let error = #expect(throws: EvalError.self) { try Checkpoint(url).imageTower() }
    #expect(error?.kind == .malformedData)
  }

  /// Tensors without elements fit any file, whatever their other dimensions say.
  @Test(arguments: [
    ("vision_model.embeddings.patch_embedding.weight", [0, 3, 1 << 20, 1 << 20]),
    ("vision_model.embeddings.position_embedding.weight", [1 << 44 + 1, 0]),
    ("text_model.embeddings.position_embedding.weight", [1 << 40, 0]),
    ("text_model.embeddings.token_embedding.weight", [1 << 40, 0]),
    ("text_model.embeddings.token_embedding.weight", [0, 32]),
    ("visual_projection.weight", [0, 48]),
    ("vision_model.encoder.layers.0.mlp.fc1.weight", [0, 48]),
  ]) func sizesWithoutElements(name: String, shape: [Int]) throws {
    let copy = try TemporaryFolder()
    let file = try SafetensorsFile(folder.appending(path: "model.safetensors"))
    let tensors = file.tensors.values.map { tensor in
      tensor.name == name
        ? TensorPayload(name: name, type: .float32, shape: shape, bytes: Data())
        : TensorPayload(
          name: tensor.name, type: tensor.type, shape: tensor.shape, bytes: Data(tensor.bytes))
    }
    try SafetensorsFile.write(tensors, to: copy.url.appending(path: "model.safetensors"))
    try Data("{}".utf8).write(to: copy.url.appending(path: "config.json"))
    let error = #expect(throws: EvalError.self) { try Checkpoint(copy.url) }
    #expect(error?.kind == .malformedData)
  }

  @Test func missingFiles() throws {
    let copy = try TemporaryFolder()
    let url = try damaged(in: copy)
    try FileManager.default.removeItem(at: url.appending(path: "model.safetensors"))
    let error = #expect(throws: EvalError.self) { try Checkpoint(url) }
    #expect(error?.kind == .notFound)
    #expect(error?.message.contains("model.safetensors") == true)
  }

  @Test func truncatedWeights() throws {
    let copy = try TemporaryFolder()
    let url = try damaged(in: copy, weights: { $0 = $0.prefix($0.count / 2) })
    let error = #expect(throws: EvalError.self) { try Checkpoint(url) }
    #expect(error?.kind == .malformedData)
    #expect(error?.subject?.contains("byte") == true)
  }

  @Test func tokensOutsideTheVocabulary() throws {
    let tower = try Checkpoint(folder).textTower()
    #expect(throws: EvalError.self) { try tower.encode([[612, 614]], threads: 1) }
    #expect(throws: EvalError.self) { try tower.encode([[]], threads: 1) }
    #expect(throws: EvalError.self) {
      try tower.encode([[Int32](repeating: 0, count: 17)], threads: 1)
    }
  }
}
