import CLIPModels
import Foundation
import LinearAlgebra
import Neural
import TestSupport
import Testing

/// Prompts that begin alike share their work (`PrefixTree`): each must get the feature it has when encoded alone, which the
/// parity tests hold against PyTorch.
@Suite("Ensembles of prompts") struct PromptEnsembleTests {
  /// 24 templates × 60 names of one to four tokens, an end token: the same name under every template, the same template under
  /// every name, names that begin like others, some templates that go on after the name. Several trees' worth.
  private static let prompts: [[Int32]] = {
    let (start, end) = (Int32(612), Int32(613))
    let names = (0..<60).map { i in (0...i % 4).map { Int32(300 + i / (4 - $0 % 4) + 7 * $0) } }
    return (0..<24).flatMap { t in
      let before = (0..<1 + t % 6).map { Int32(20 + t / 2 + 5 * $0) }
      let after = (0..<t % 3).map { Int32(200 + t + $0) }
      return names.map { [start] + before + $0 + after + [end] }
    }
  }()

  /// A sequence twice, one that another goes on from, and the shortest: their nodes are shared in full.
  @Test func sequencesWithinOthers() throws {
    let sequences: [[Int32]] = [
      [612, 5, 6, 613], [612, 5], [612], [612, 5, 6, 613], [612, 5, 6],
    ]
    let tower = try Checkpoint(TestPaths.fixtures.appending(path: "tiny-clip")).textTower()
    let together = try tower.encode(sequences, threads: 1)
    #expect(together.row(0).elementsEqual(together.row(3)))
    for (i, sequence) in sequences.enumerated() {
      let alone = try tower.encode([sequence], threads: 1)
      #expect(Self.cosine(alone.storage[...], together.row(i)) >= 0.999999)
    }
  }

  @Test func bf16IsCloseToFP32() throws {
    guard (try? TowerPrecision.bf16.requireSupport()) != nil else {
      return print("SKIPPED: this processor has no bfloat16 arithmetic")
    }
    let checkpoint = try Checkpoint(TestPaths.fixtures.appending(path: "tiny-clip"))
    let exact = try checkpoint.textTower().encode(Self.prompts, threads: 2)
    let tower = try checkpoint.textTower(precision: .bf16)
    let features = try tower.encode(Self.prompts, threads: 2)
    #expect(features != exact)
    #expect(try tower.encode(Self.prompts, threads: 1) == features)
    for i in stride(from: 0, to: Self.prompts.count, by: 7) {
      #expect(Self.cosine(features.row(i), exact.row(i)) >= 0.999)
    }
  }

  private static func cosine(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
    func dot(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
      zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
  }

  @Test(arguments: FeatureKind.allCases) func equalEachPromptAlone(kind: FeatureKind) throws {
    let prompts = Self.prompts
    let tower = try Checkpoint(TestPaths.fixtures.appending(path: "tiny-clip")).textTower()
    let together = try tower.encode(prompts, kind: kind, threads: 2)
    #expect(together.rows == 1440 && together.columns == tower.featureWidth(kind))
    var least = 1.0
    for i in stride(from: 0, to: prompts.count, by: 7) {
      let alone = try tower.encode([prompts[i]], kind: kind, threads: 1)
      least = min(least, Self.cosine(alone.storage[...], together.row(i)[...]))
    }
    #expect(least >= 0.999999)
  }

  /// Features differ, so that the comparison above could fail.
  @Test func differentPromptsDiffer() throws {
    let prompts = Self.prompts
    let tower = try Checkpoint(TestPaths.fixtures.appending(path: "tiny-clip")).textTower()
    let features = try tower.encode(prompts, threads: 2)
    for i in stride(from: 0, to: prompts.count - 1, by: 11) where prompts[i] != prompts[i + 1] {
      #expect(Self.cosine(features.row(i)[...], features.row(i + 1)[...]) < 0.9999)
    }
  }

  @Test func orderAndThreadsDoNotMatter() throws {
    let prompts = Self.prompts
    let tower = try Checkpoint(TestPaths.fixtures.appending(path: "tiny-clip")).textTower()
    let features = try tower.encode(prompts, threads: 2)
    #expect(try tower.encode(prompts, threads: 1) == features)
    let reversed = try tower.encode(prompts.reversed(), threads: 2)
    for i in stride(from: 0, to: prompts.count, by: 13) {
      #expect(
        Self.cosine(reversed.row(prompts.count - 1 - i)[...], features.row(i)[...]) >= 0.999999)
    }
  }
}
