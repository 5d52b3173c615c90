import CLIPModels
import Core
import EmbeddingPipeline
import Foundation
import TestSupport
import Testing

/// A model that the catalog names has the catalog's name and must have the catalog's bytes.
@Suite struct LocatedModelTests {
  private let folder = TestPaths.fixtures.appending(path: "tiny-clip")

  @Test func nameAndHash() throws {
    let weights = try SHA256.hash(fileAt: folder.appending(path: "model.safetensors"))
    let session = try ModelSession(
      LocatedModel(url: folder, name: "ViT-B/32", weightsSHA256: weights))
    #expect(session.name == "ViT-B/32")
    #expect(try session.weightsHash() == weights)
    #expect(try ModelSession(LocatedModel(url: folder, name: "x")).weightsHash() == weights)
    #expect(try ModelSession(folder).name == "tiny-clip")
  }

  @Test func anotherModelUnderTheName() throws {
    let entry = try #require(ModelCatalog.model(named: "ViT-B/32"))
    let error = #expect(throws: EvalError.self) {
      try ModelSession(LocatedModel(url: folder, name: "ViT-B/32", entry: entry))
    }
    #expect(error?.kind == .malformedData && error?.subject == folder.path)
    #expect(error?.message.contains("12 layers of 768, found ViT") == true)
  }

  @Test func otherWeightsAreRefused() throws {
    let other = SHA256Digest(hex: String(repeating: "0", count: 64))
    let session = try ModelSession(
      LocatedModel(url: folder, name: "ViT-B/32", weightsSHA256: other))
    let error = #expect(throws: EvalError.self) { try session.weightsHash() }
    #expect(error?.kind == .malformedData)
    #expect(error?.message.contains(other.hex) == true)
    let weights = try SHA256.hash(fileAt: folder.appending(path: "model.safetensors"))
    #expect(error?.message.contains(weights.hex) == true)
  }
}
