import Core
import Foundation
import Testing

import Prompts

@Suite struct PromptSetReadingTests {
  private static let head = "dataset: D\nset: s\nversion: 1\nsource: here\n"

  private func read(_ body: String, head: String = head) throws -> PromptSet {
    try PromptSet(yaml: head + body, file: "f.yaml")
  }

  @Test func allFormsOfClassesAreRead() throws {
    let map = try read(
      """
      classes:
        a: one
        b: [two, three]
        c: {name: four, aliases: ["7", x]}
        d: {names: [five, six]}
      templates: ["a {}.", "{}"]
      """)
    #expect(
      map.classes == [
        .init(id: "a", names: ["one"]), .init(id: "b", names: ["two", "three"]),
        .init(id: "c", names: ["four"], aliases: ["7", "x"]),
        .init(id: "d", names: ["five", "six"]),
      ])
    #expect(map.templates == ["a {}.", "{}"])
    #expect((map.dataset, map.name, map.version) == ("D", "s", 1))
    #expect(map.reference == "D/s")

    let list = try read(
      "classes:\n  - dog\n  - {id: b, name: two}\n  - {id: c, names: [x, y], aliases: [z]}\n")
    #expect(
      list.classes == [
        .init(id: "dog", names: ["dog"]), .init(id: "b", names: ["two"]),
        .init(id: "c", names: ["x", "y"], aliases: ["z"]),
      ])
    #expect(list.templates.isEmpty)
    #expect(list.templatesHash == nil)
  }

  /// YAML would make booleans, numbers, octals and nulls of these.
  @Test func scalarsStayAsWritten() throws {
    let written = [
      "no", "Yes", "010", "1.0", "1e3", "0x1F", "null", "~", "2024-01-01", "1_000", "off",
    ]
    let set = try read("classes:\n" + written.map { "  \($0): \($0)\n" }.joined())
    #expect(set.classes.map(\.id) == written)
    #expect(set.classes.map(\.names) == written.map { [$0] })
    #expect(try read("classes: {a: 'x  y'}").classes[0].names == ["x  y"])
  }

  @Test(
    arguments: [
      ("colour: red\nclasses: [a]", "5:1", "unknown key \"colour\""),
      ("clases: [a]", "5:1", "unknown key"),
      ("classes: {a: {nam: x}}", "5:15", "unknown key \"nam\""),
      ("classes:\n  a: x\n  b: {name: x, names: [y]}", "7:6", "\"name\" or \"names\""),
      ("classes:\n  - {name: x}", "6:5", "\"id\" is missing"),
      ("classes: a", "5:10", "map from class id"),
      ("classes: {}", "5:10", "at least one class"),
      ("classes: {a: []}", "5:14", "at least one name"),
      ("classes: {a: ''}", "5:14", "found nothing"),
      ("classes:\n  a:\n", "6:5", "found nothing"),
      ("classes: {a: [[x]]}", "5:15", "expected a class name"),
      ("classes: {[a]: x}", "5:11", "expected a class id"),
      ("classes: [a, b, a]", "5:17", "already an id or alias"),
      ("classes: {a: x, b: {name: y, aliases: [a]}}", "5:17", "already an id or alias"),
      ("classes: {a: {name: x, aliases: y}}", "5:33", "list of aliases"),
      ("templates: a {}", "5:12", "list of templates"),
      ("templates: ['a photo']", "5:13", "found 0"),
      ("templates: ['{}', 'a {} {}']", "5:19", "found 2"),
      ("templates: ['{}', '{}']", "5:19", "listed twice"),
      ("templates: [{a: b}]", "5:13", "expected a template"),
      ("templates: []", "1:1", "\"classes\", \"templates\" or both"),
      ("", "1:1", "\"classes\", \"templates\" or both"),
    ])
  func mistakesAreNamedWithTheirPlace(body: String, place: String, message: String) {
    let error = #expect(throws: EvalError.self) { try read(body) }
    #expect(error?.kind == .malformedData)
    #expect(error?.subject == "f.yaml:\(place)")
    #expect(error?.message.contains(message) == true, "\(String(describing: error))")
  }

  @Test func nearMissesAreSuggested() {
    let error = #expect(throws: EvalError.self) { try read("clases: [a]") }
    #expect(error?.remedy == "Did you mean classes?")
  }

  @Test(arguments: ["0", "-1", "1.0", "one", "01", "'1 '", "[1]", "99999999999999999999"])
  func versionIsAPositiveInteger(version: String) {
    let head = "dataset: D\nset: s\nversion: \(version)\nsource: here\n"
    let error = #expect(throws: EvalError.self) { try read("classes: [a]", head: head) }
    #expect(error?.subject?.hasPrefix("f.yaml:3:10") == true)
  }

  @Test func missingKeysAreNamed() {
    for key in ["dataset", "set", "version", "source"] {
      let head = Self.head.split(separator: "\n").filter { !$0.hasPrefix(key + ":") }
      let error = #expect(throws: EvalError.self) {
        try read("classes: [a]", head: head.joined(separator: "\n") + "\n")
      }
      #expect(error?.message == "the key \"\(key)\" is missing")
    }
  }

  @Test(
    arguments: [
      "", "- a", "text", "a: [", "a: b: c", "a: *x", "\t", "{a: 1, a: 2}", "a: 1\n---\nb: 2",
      "a: \u{0}",
      "a: !!binary |\n  xx", "%YAML 9.9\n---\na: b", String(repeating: "[", count: 100_000),
      "&a [*a]", "a: &a [*a, *a]",
    ])
  func notAPromptSetIsAnError(text: String) {
    let error = #expect(throws: EvalError.self) { try PromptSet(yaml: text, file: "f.yaml") }
    #expect(error?.kind == .malformedData)
    #expect(error?.subject?.hasPrefix("f.yaml") == true)
  }

  @Test func syntaxErrorsAndDuplicateKeysHaveAPlace() {
    let syntax = #expect(throws: EvalError.self) { try read("classes: [a\ntemplates: x") }
    #expect(syntax?.subject?.hasPrefix("f.yaml:6:") == true, "\(String(describing: syntax))")
    let duplicate = #expect(throws: EvalError.self) { try read("classes:\n  a: x\n  a: y\n") }
    #expect(duplicate?.message.contains("a") == true)
    #expect(duplicate?.subject?.hasPrefix("f.yaml:") == true, "\(String(describing: duplicate))")
  }

  @Test func hashesIgnoreOrderAndAliasesOfClasses() throws {
    let one = try read("classes: {a: x, b: [y, z]}\ntemplates: ['{}', 'a {}']")
    let other = try read(
      "classes: {b: {names: [y, z], aliases: [q]}, a: x}\ntemplates: ['a {}', '{}']")
    #expect(one.classNamesHash == other.classNamesHash)
    #expect(one.templatesHash != other.templatesHash)
    // printf '{"a":["x"],"b":["y","z"]}' | sha256sum, and the same of '["{}","a {}"]'.
    #expect(
      one.classNamesHash?.hex == "0a4b0093dd9b5cdeb5b0ac53b8cc36a2591df492f521acfa7e172a0666e5f678")
    #expect(
      one.templatesHash?.hex == "089cc186d921b366c5283cb442f234dfd7e2556b8e639bddfafe00616a44761c")
  }

  @Test func sharedNamesAreReported() throws {
    let set = try read("classes: {a: Crane, b: [bird, crane], c: bird, d: [owl, owl]}")
    #expect(set.duplicateNames.map(\.name) == ["bird", "crane"])
    #expect(set.duplicateNames.map(\.ids) == [["b", "c"], ["a", "b"]])
  }
}
