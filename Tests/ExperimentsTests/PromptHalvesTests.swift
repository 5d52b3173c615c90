import Core
import Experiments
import Testing

/// Images that templates are selected on, and those that they are scored on.
struct PromptHalvesTests {
  private let fixture: PromptScorerTests.Fixture

  init() throws { fixture = try PromptScorerTests().fixture }

  @Test("the halves are those of a second implementation")
  func halves() throws {
    let halves = try #require(
      try PromptHalves(
        ids: fixture.ids, labels: fixture.labels, classIDs: fixture.classIDs,
        structure: .independent, seed: fixture.seed, subject: "d"))
    #expect(halves.selecting == fixture.selecting)
    #expect(halves.scoring == fixture.scoring)
    #expect(Set(halves.selecting).isDisjoint(with: halves.scoring))
  }

  @Test("a class of one sample is selected on, and too few samples make no halves")
  func single() throws {
    func halves(_ labels: [Int]) throws -> PromptHalves? {
      try PromptHalves(
        ids: labels.indices.map { "\($0)" }, labels: labels, classIDs: ["a", "b", "c"],
        structure: .independent, seed: 1, subject: "d")
    }
    let some = try #require(try halves([0, 1, 0, 2, 0]))
    #expect(some.unscoredClasses == 2 && some.selecting.count == 4 && some.scoring.count == 1)
    #expect(some.selecting.contains(1) && some.selecting.contains(3))
    #expect(try halves([0, 1, 2]) == nil)
  }

  @Test("groups stay together, and whatever the order of the samples the halves are the same")
  func groups() throws {
    let keys = fixture.labels.map { "\($0) \($0 % 3)" }
    let grouped = SampleStructure(groups: SampleGroups(unit: "groups", keys: keys))
    let halves = try #require(
      try PromptHalves(
        ids: fixture.ids, labels: nil, classIDs: [], structure: grouped, seed: 1, subject: "d"))
    let selecting = Set(halves.selecting.map { keys[$0] })
    #expect(selecting.isDisjoint(with: halves.scoring.map { keys[$0] }))
    #expect(halves.selecting.count + halves.scoring.count == keys.count)
    let order = Array(fixture.ids.indices.reversed())
    let reversed = try #require(
      try PromptHalves(
        ids: order.map { fixture.ids[$0] }, labels: order.map { fixture.labels[$0] },
        classIDs: fixture.classIDs, structure: .independent, seed: fixture.seed, subject: "d"))
    #expect(
      Set(reversed.selecting.map { fixture.ids[order[$0]] })
        == Set(fixture.selecting.map { fixture.ids[$0] }))
  }
}
