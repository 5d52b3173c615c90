import Core
import Foundation
import Probes
import TestSupport
import Testing

/// What must be drawn comes from a second implementation (Tools/make-few-shot-fixtures.py).
struct FewShotSamplerTests {
  struct Draws: Decodable {
    struct FewShot: Decodable {
      var shots: Int
      var seed: UInt64
      var train: [String: [String]]
      var validation: [String: [String]]
    }
    struct HoldOut: Decodable {
      var fraction: Double
      var seed: UInt64
      var validation: [String]
    }
    struct Folds: Decodable {
      var count: Int
      var seed: UInt64
      var folds: [String: Int]
    }
    var ids: [String]
    var labels: [Int]
    var classes: [String]
    var hash: String
    var fewShot: [FewShot]
    var holdOut: [HoldOut]
    var folds: [Folds]

    static func read() throws -> Draws {
      let file = TestPaths.fixtures.appending(path: "few-shot/draws.json")
      return try JSONDecoder().decode(Draws.self, from: Data(contentsOf: file))
    }

    func strata() throws -> ClassStrata {
      try ClassStrata(ids: ids, labels: labels, classIDs: classes, subject: "fruit")
    }
  }

  let draws: Draws
  let strata: ClassStrata

  init() throws {
    draws = try Draws.read()
    strata = try draws.strata()
  }

  private func ids(_ rows: [Int], of owner: Int) -> [String] {
    rows.filter { strata.labels[$0] == owner }.map { strata.ids[$0] }
  }

  @Test("draws what the second implementation draws")
  func agreesWithPython() throws {
    #expect(strata.hash.hex == draws.hash)
    #expect(draws.fewShot.count == 18)
    let sampler = FewShotSampler(strata, subject: "fruit")
    for expected in draws.fewShot {
      let split = try sampler.split(shots: expected.shots, seed: expected.seed)
      for (owner, name) in draws.classes.enumerated() {
        #expect(ids(split.trainRows, of: owner) == expected.train[name], "\(expected)")
        #expect(ids(split.validationRows, of: owner) == expected.validation[name], "\(expected)")
      }
      // Class by class in their order.
      #expect(split.trainRows.map { strata.labels[$0] }.isSorted)
    }
  }

  @Test("k shots are part of 2k shots, validation is disjoint, and no other seed draws the same")
  func nested() throws {
    let sampler = FewShotSampler(strata, subject: "fruit")
    var previous = FewShotSplit(shots: 0, seed: 5, origin: "", validationSource: .training)
    for shots in FewShotSampler.paperShots {
      let split = try sampler.split(shots: shots, seed: 5)
      #expect(Set(split.trainRows).isSuperset(of: previous.trainRows))
      #expect(Set(split.trainRows).isDisjoint(with: split.validationRows))
      #expect(Set(split.trainRows).count == split.trainRows.count)
      #expect(try sampler.split(shots: shots, seed: 6).trainRows != split.trainRows)
      previous = split
    }
    // Banana alone has 16 + 4 samples and more.
    let banana = previous.validationRows.filter { strata.labels[$0] == 0 }
    #expect(banana.count == 4)
  }

  @Test("the order of rows and the other classes have no part in the draw")
  func independence() throws {
    let order = Array(draws.ids.indices.reversed())
    let kept = order.filter { draws.labels[$0] != 1 }
    let other = try ClassStrata(
      ids: kept.map { draws.ids[$0] },
      labels: kept.map { draws.labels[$0] == 0 ? 3 : draws.labels[$0] - 2 },
      classIDs: ["Zürich", "d", "crêpe", "banana"], subject: "fruit")
    let split = try FewShotSampler(strata, subject: "fruit").split(shots: 4, seed: 3)
    let again = try FewShotSampler(other, subject: "fruit").split(shots: 4, seed: 3)
    for (owner, name) in other.classIDs.enumerated() {
      let before = try #require(strata.classIDs.firstIndex(of: name))
      let rows = again.trainRows.filter { other.labels[$0] == owner }.map { other.ids[$0] }
      #expect(rows == ids(split.trainRows, of: before))
      #expect(!rows.isEmpty)
    }
  }

  @Test("short classes give all they have, and are told")
  func shortClasses() throws {
    let split = try FewShotSampler(strata, subject: "fruit").split(shots: 8, seed: 0)
    #expect(
      split.shortClasses == [
        ShortClass(id: "Zürich", available: 4), ShortClass(id: "d", available: 1),
      ])
    #expect(split.trainRows.count == 8 + 8 + 4 + 1 + 8)
    #expect(split.classesWithoutValidation == ["Zürich", "d"])
    // Of nine one is left.
    #expect(split.validationRows.count == 4 + 4 + 0 + 0 + 1)
    #expect(split.origin == ClassStrata.generator)
  }

  @Test("validation from the official split, or none")
  func otherValidation() throws {
    let official = try ClassStrata(
      ids: ["v1", "v2", "v3", "v4", "v5", "v6"], labels: [0, 0, 0, 0, 0, 2],
      classIDs: draws.classes, subject: "val")
    let sampler = FewShotSampler(strata, subject: "fruit")
    let split = try sampler.split(shots: 16, seed: 1, validation: .split(official))
    #expect(split.validationSource == .validation)
    #expect(split.validationRows.count == 4 + 1)
    #expect(split.validationRows.last == 5)
    #expect(split.classesWithoutValidation == ["apple pie", "d", "crêpe"])
    #expect(split.trainRows == (try sampler.split(shots: 16, seed: 1).trainRows))
    let none = try sampler.split(shots: 1, seed: 1, validation: .none)
    #expect(none.validationRows.isEmpty)
    #expect(none.classesWithoutValidation.isEmpty)
    let others = try ClassStrata(ids: ["a"], labels: [0], classIDs: ["x"], subject: "val")
    #expect(throws: EvalError.self) {
      try sampler.split(shots: 1, seed: 1, validation: .split(others))
    }
  }

  @Test("more examples than any class has are refused, as are fewer than one")
  func hostileShots() throws {
    let sampler = FewShotSampler(strata, subject: "fruit")
    let tooMany = #expect(throws: EvalError.self) { try sampler.split(shots: 24, seed: 0) }
    #expect(tooMany?.message.contains("no class has more than 23") == true)
    #expect(try sampler.split(shots: 23, seed: 0).trainRows.count == strata.ids.count)
    #expect(throws: EvalError.self) { try sampler.split(shots: 0, seed: 0) }
  }

  @Test("ids that are there twice, and labels out of range, are refused")
  func hostileStrata() throws {
    for (ids, labels, classes) in [
      (["a", "a"], [0, 0], ["x"]), (["a", "b"], [0, 1], ["x"]), (["a"], [-1], ["x"]),
      (["a", "b"], [0], ["x"]), (["a", "b"], [0, 1], ["x", "x"]),
    ] {
      #expect(throws: EvalError.self) {
        try ClassStrata(ids: ids, labels: labels, classIDs: classes, subject: "fruit")
      }
    }
  }

  @Test("holds out what the second implementation holds out")
  func holdOut() throws {
    for expected in draws.holdOut {
      let parts = try strata.holdOut(
        fraction: expected.fraction, seed: expected.seed, subject: "fruit")
      #expect(
        parts.validationRows.map { strata.ids[$0] }.sortedByBytes
          == expected.validation.sortedByBytes)
      #expect(
        (parts.trainRows + parts.validationRows).sorted() == Array(strata.ids.indices))
      #expect(parts.trainRows.isSorted && parts.validationRows.isSorted)
    }
    for fraction in [0, 1, .nan] {
      #expect(throws: EvalError.self) {
        try strata.holdOut(fraction: fraction, seed: 0, subject: "fruit")
      }
    }
    let singles = try ClassStrata(
      ids: ["a", "b"], labels: [0, 1], classIDs: ["x", "y"], subject: "singles")
    #expect(throws: EvalError.self) { try singles.holdOut(seed: 0, subject: "singles") }
  }

  @Test("deals the folds that the second implementation deals, each class evenly")
  func folds() throws {
    for expected in draws.folds {
      let folds = try strata.folds(expected.count, seed: expected.seed, subject: "fruit")
      for (row, fold) in folds.enumerated() { #expect(fold == expected.folds[strata.ids[row]]) }
      for owner in strata.classIDs.indices {
        let sizes = (0..<expected.count).map { fold in
          folds.indices.count { strata.labels[$0] == owner && folds[$0] == fold }
        }
        #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
      }
    }
    let drawn = try FewShotSampler(strata, subject: "fruit").split(
      shots: 4, seed: 2, validation: .none)
    let folds = try strata.folds(4, seed: 2, among: drawn.trainRows, subject: "fruit")
    #expect(folds.indices.filter { folds[$0] != nil } == drawn.trainRows.sorted())
    #expect(throws: EvalError.self) {
      try strata.folds(5, seed: 2, among: drawn.trainRows, subject: "fruit")
    }
    #expect(throws: EvalError.self) { try strata.folds(1, seed: 2, subject: "fruit") }
  }
}

extension [Int] {
  var isSorted: Bool { zip(self, dropFirst()).allSatisfy { $0 <= $1 } }
}

extension [String] {
  fileprivate var sortedByBytes: [String] {
    sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
