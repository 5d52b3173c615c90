import Core
import Datasets
import Prompts
import Testing

/// Which classes of a base stand for those of a shift.
@Suite struct ClassMapTests {
  private func classes(_ ids: [String]) -> [DatasetClass] {
    ids.map { DatasetClass(id: $0, name: $0) }
  }

  private func map(
    _ shift: [String], of base: [String], names: PromptSet? = nil, leavesOut: Bool = false
  ) throws -> ClassMap {
    try ClassMap(
      shift: ("Shift", classes(shift)), base: ("Base", classes(base)), names: names,
      leavesOutUnmatched: leavesOut)
  }

  private func natural(_ name: String) throws -> (map: ClassMap, classes: [DatasetClass]) {
    let classes = try #require(try DatasetRegistry.adapter(named: name).canonicalClasses)
    let base = try #require(try DatasetRegistry.adapter(named: "ImageNet").canonicalClasses)
    return (try ClassMap(shift: (name, classes), base: ("ImageNet", base)), classes)
  }

  @Test func classesAreJoinedByIDAndNotByPosition() throws {
    let found = try map(["c", "a"], of: ["a", "b", "c"])
    #expect(found.groups.members == [[2], [0]])
    #expect(found.groups.choices == [0, 2] && found.groups.groupOfBase == [1, nil, 0])
    #expect(found.matched == [0, 1] && found.unmatched.isEmpty)
  }

  @Test func theHashIsOfTheClassesAndNotOfTheirOrder() throws {
    let found = try map(["c", "a"], of: ["a", "b", "c"]).hash
    #expect(try map(["a", "c"], of: ["c", "a", "b", "d"]).hash == found)
    #expect(try map(["a", "b"], of: ["a", "b", "c"]).hash != found)
  }

  @Test func aliasesAndNamesOfTheBaseJoinToo() throws {
    let names = try PromptSet(
      dataset: "Base", name: "own", version: 1, source: "a test",
      classes: [
        .init(id: "automobile", names: ["automobile"], aliases: ["car"]),
        .init(id: "cat", names: ["house cat"]),
      ], templates: [])
    let found = try map(["House_cat", "car"], of: ["automobile", "cat"], names: names)
    #expect(found.groups.members == [[1], [0]])
  }

  @Test func aNumberThatIsAnotherClassInTheBaseIsNoID() throws {
    let home = ["airplane", "cat", "dog"].enumerated().map {
      DatasetClass(id: "\($0)", name: $1)
    }
    let away = ["dog", "cat", "wolf"].enumerated().map {
      DatasetClass(id: "\($0)", name: $1)
    }
    let found = try ClassMap(
      shift: ("Away", Array(away.prefix(2))), base: ("Home", home), leavesOutUnmatched: true)
    #expect(found.groups.members == [[2], [1]])
    // A number whose name says nothing else stays a number.
    #expect {
      _ = try ClassMap(shift: ("Away", away), base: ("Home", home))
    } throws: {
      ($0 as? EvalError)?.message == "the classes 0 and 2 are both 2 of Home"
    }
  }

  @Test func classesThatTheBaseLacks() throws {
    #expect {
      _ = try map(["a", "wolf"], of: ["a", "b"])
    } throws: {
      ($0 as? EvalError)?.message == "1 of 2 classes are none of Base's: wolf"
    }
    let found = try map(["wolf", "a"], of: ["a", "b"], leavesOut: true)
    #expect(found.matched == [1] && found.unmatched == ["wolf"] && !found.countsUnmatched)
    #expect {
      _ = try map(["x", "y"], of: ["a", "b"], leavesOut: true)
    } throws: {
      ($0 as? EvalError)?.message == "none of the 2 classes is one of Base's"
    }
  }

  @Test func twoClassesThatAreOneAreAnError() throws {
    let names = try PromptSet(
      dataset: "Base", name: "own", version: 1, source: "a test",
      classes: [.init(id: "automobile", names: ["automobile"], aliases: ["car"])], templates: [])
    #expect {
      _ = try map(["automobile", "car"], of: ["automobile"], names: names)
    } throws: {
      ($0 as? EvalError)?.message
        == "the classes automobile and car are both automobile of Base"
    }
  }

  @Test func objectNetIsSeveralClassesToOne() throws {
    let (map, classes) = try natural("ObjectNet")
    #expect(map.groups.count == 113 && map.groups.choices.count == 125)
    let chair = try #require(classes.firstIndex { $0.id == "chair" })
    // Barber chair, folding chair, rocking chair.
    #expect(map.groups.members[chair] == [423, 559, 765])
    let clock = try #require(classes.firstIndex { $0.id == "alarm_clock" })
    #expect(map.groups.members[clock] == [409, 530])
  }

  @Test func videosHaveSuperclasses() throws {
    let (vid, _) = try natural("ImageNet-Vid-Robust")
    #expect(vid.groups.count == 30 && vid.groups.choices.count == 288 && vid.unmatched.isEmpty)
    let (ytbb, classes) = try natural("YTBB-Robust")
    #expect(ytbb.groups.count == 19 && ytbb.groups.choices.count == 231 && ytbb.countsUnmatched)
    #expect(Set(ytbb.unmatched) == ["cow", "giraffe", "skateboard", "toilet"])
    // Zebra: its number among YTBB-Robust's classes is not its number among the groups.
    let zebra = try #require(ytbb.matched.firstIndex { classes[$0].id == "zebra" })
    #expect(ytbb.groups.members[zebra] == [340])
  }

  @Test(arguments: [("ImageNet-A", 200), ("ImageNet-R", 200), ("ImageNet-Sketch", 1000)])
  func subsetsRestrict(name: String, count: Int) throws {
    let (map, _) = try natural(name)
    #expect(map.groups.count == count && map.groups.choices.count == count)
  }
}
