import Core
import Testing

import Prompts

@Suite struct ClassJoinTests {
  private let set: PromptSet

  init() throws {
    set = try PromptSet(
      dataset: "D", name: "s", version: 1, source: "test",
      classes: [
        .init(id: "n1", names: ["missile"]), .init(id: "n2", names: ["missile"]),
        .init(id: "n3", names: ["maple tree"], aliases: ["47"]),
        .init(id: "Water_Ouzel", names: ["water ouzel", "dipper"]),
      ], templates: [])
  }

  private func message(_ classes: [(id: String, name: String)]) -> String {
    let error = #expect(throws: EvalError.self) { try ClassJoin.join(classes: classes, with: set) }
    #expect(error?.kind == .malformedData)
    #expect(error?.subject == "D/s")
    return error?.message ?? ""
  }

  @Test func idsThenAliasesThenNamesInTheDatasetsOrder() throws {
    let join = try ClassJoin.join(
      classes: [("dipper", "dipper"), ("47", "whatever"), ("n2", "missile"), ("n1", "missile")],
      with: set)
    #expect(join.names == [["water ouzel", "dipper"], ["maple tree"], ["missile"], ["missile"]])
    #expect(join.positions == [3, 2, 1, 0])
    #expect(join.unusedIDs.isEmpty)
  }

  @Test(arguments: ["maple tree", "maple_tree", "Maple-Tree", " MAPLE  tree"])
  func namesIgnoreCaseAndSeparators(name: String) throws {
    let join = try ClassJoin.join(classes: [("x1", name)], with: set)
    #expect(join.names == [["maple tree"]])
    #expect(join.unusedIDs == ["n1", "n2", "Water_Ouzel"])
    #expect(try ClassJoin.join(classes: [(name, "x")], with: set).names == [["maple tree"]])
  }

  @Test func apostrophesAndSlashesAreIgnoredToo() throws {
    let set = try PromptSet(
      dataset: "D", name: "s", version: 1, source: "test",
      classes: [
        .init(id: "Allens_Hummingbird", names: ["Allens Hummingbird"]),
        .init(id: "/a/apse/indoor", names: ["apse indoor"]), .init(id: "F/A-18", names: ["F/A-18"]),
      ], templates: [])
    let join = try ClassJoin.join(
      classes: [
        ("f_a_18", "f_a_18"), ("apse/indoor", "apse/indoor"),
        ("1", "Allen\u{2019}s Hummingbird"),
      ], with: set)
    #expect(join.positions == [2, 1, 0])
    #expect(PromptSet.normalized(" Le Conte's--Sparrow/ ") == "le contes sparrow")
  }

  @Test func everyUnmatchedClassIsListedWithNearMisses() {
    let text = message([("n1", "missile"), ("a", "mapel tree"), ("b", "zzzzzzzz")])
    #expect(text.hasPrefix("2 of 3 classes"))
    #expect(text.contains("\"a\" (mapel tree) – near: maple tree"))
    #expect(text.contains("\"b\" (zzzzzzzz)."))
  }

  @Test func aNameThatTwoClassesShareIsAmbiguous() {
    #expect(message([("657", "missile")]).contains("matches several: n1, n2"))
  }

  @Test func twoClassesCannotShareOneMatch() {
    #expect(message([("n3", "maple"), ("x", "maple tree")]).contains("as \"n3\" (maple) does"))
    #expect(message([("n3", "m"), ("n3", "m")]).contains("matches n3"))
  }

  @Test func promptsAreAllTemplatesOfEachNameInOrder() {
    let prompts = PromptRendering.prompts(
      for: [["dog"], ["cat", "{}"], []], templates: ["a {}.", "{}\u{301}!", "the {}"])
    #expect(
      prompts == [
        ["a dog.", "dog\u{301}!", "the dog"],
        ["a cat.", "cat\u{301}!", "the cat", "a {}.", "{}\u{301}!", "the {}"],
        [],
      ])
    #expect(PromptRendering.placeholderCount(in: "{}\u{301} {} {{}}") == 3)
  }
}
