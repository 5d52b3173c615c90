import Foundation
import Testing

import Prompts

/// What a check of a prompt file tells besides reading it.
@Suite struct PromptCheckTests {
  private static let head = "dataset: D\nset: s\nversion: 1\nsource: here\n"

  private func file(_ body: String) throws -> PromptSetFile {
    try PromptSetFile(yaml: Self.head + body, file: "f.yaml")
  }

  private func told(_ body: String) throws -> [String] {
    try file(body).findings().map { "\($0.severity) \($0.kind.rawValue) \($0.place)" }
  }

  @Test func classesAndTemplatesHaveTheirLines() throws {
    let map = try file("classes:\n  a: x\n\n  b:\n    - y\ntemplates:\n  - '{}'\n  - 'a {}'\n")
    #expect(map.classLines == [6, 8] && map.templateLines == [11, 12])
    let list = try file("classes:\n  - a\n  - {id: b, name: x}\n")
    #expect(list.classLines == [6, 7] && list.templateLines.isEmpty)
    #expect(
      list.set == (try PromptSet(yaml: Self.head + "classes: [a, {id: b, name: x}]", file: "g")))
  }

  @Test(
    arguments: [
      ("classes: {a: x, b: y}\ntemplates: ['a {}.', 'the {}.']", []),
      ("classes:\n  a: Missile\n  b: x\n  c: missile\n", ["notice duplicate-name f.yaml:8"]),
      ("classes:\n  a: sea lion\n  b: sea-lion\n", ["notice similar-names f.yaml:7"]),
      ("classes:\n  a: [dog, Dog]\n", ["notice repeated-name f.yaml:6"]),
      ("classes:\n  a: [sea lion, sea-lion]\n", []),
      ("classes:\n  a: head of a  crocodile\n", ["notice spaces f.yaml:6"]),
      ("classes:\n  a: ' x'\n  b: 'y '\n", ["notice spaces f.yaml:6", "notice spaces f.yaml:7"]),
      ("classes:\n  a: '{}'\n", ["notice braces f.yaml:6"]),
      ("templates:\n  - 'a {}. '\n", ["notice spaces f.yaml:6"]),
      (
        "templates:\n  - 'a {}'\n  - 'A  {}'\n",
        ["notice similar-templates f.yaml:7", "notice spaces f.yaml:7"]
      ),
      ("templates:\n  - 'a {} of {c}'\n", ["notice braces f.yaml:6"]),
      ("classes:\n  a: caf\u{e9}\n  b: cote d'Ivoire\n", []),
      ("classes:\n  a: caf\u{c3}\u{a9}\n", ["notice characters f.yaml:6"]),
      ("classes:\n  a: cafe\u{301}\n", ["notice characters f.yaml:6"]),
      ("classes:\n  a: Colt\u{2019}s foot\n", ["notice characters f.yaml:6"]),
      ("classes:\n  a: \"tab\\there\"\n", ["notice characters f.yaml:6"]),
      ("templates:\n  - '\u{fffd}{}'\n", ["notice characters f.yaml:6"]),
    ] as [(String, [String])])
  func oddities(body: String, expected: [String]) throws {
    #expect(try told(body) == expected)
  }

  @Test func aDuplicateNameNamesItsClasses() throws {
    let message = try file("classes: {n1: missile, n2: missile, n3: missile}").findings()[0].message
    #expect(message.hasPrefix("3 classes are called \"missile\": n1, n2, n3"))
  }

  @Test func charactersAreNamedByNumber() throws {
    let message = try file("classes: {a: \u{ad}x\u{2019}}").findings()[0].message
    #expect(message.hasSuffix("U+00AD, U+2019"))
  }

  @Test func classesAreComparedWithTheDataset() throws {
    let file = try file("classes: {a: dog, b: cat}")
    func told(_ classes: [String]?, count: Int? = nil) -> [PromptFinding] {
      file.findings(
        dataset: "D", classes: classes?.map { (id: $0, name: $0) }, classCount: count)
    }
    #expect(told(["dog", "cat"]).isEmpty)
    #expect(told(nil, count: 2).isEmpty && told(nil).isEmpty)
    #expect(told(nil, count: 3).map(\.kind) == [.classCount])
    #expect(told(nil, count: 3)[0].message == "D has 3 classes, the set 2")
    let unused = told(["dog"])
    #expect(unused.map(\.kind) == [.unusedClasses] && unused[0].severity == .notice)
    #expect(unused[0].message == "1 of the set's 2 classes are none of D here: b")
    let unmatched = told(["dog", "horse"])
    #expect(unmatched.map(\.kind) == [.unmatchedClasses] && unmatched[0].severity == .error)
    #expect(unmatched[0].message.contains("\"horse\""))
    #expect(unmatched[0].place == "f.yaml")
    // A set of templates has no classes to compare.
    let templates = try self.file("templates: ['{}']")
    #expect(
      templates.findings(dataset: "D", classes: [(id: "a", name: "a")], classCount: 1).isEmpty)
  }

  @Test func anotherProgramsPlaceholderGetsAHint() {
    let error = #expect(throws: (any Error).self) { try file("templates: ['a photo of a {c}.']") }
    #expect("\(error.map { "\($0)" } ?? "")".contains("Write {} where {c} stands."))
  }
}
