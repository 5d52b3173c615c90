import Core
import Foundation
import TestSupport
import Testing

import Prompts

@Suite struct PromptLibraryTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try write("one/D/s.yaml", dataset: "D", set: "s", template: "one {}")
    try write("one/D/.s.yaml", dataset: "D", set: "hidden", template: "{}")
    try write("one/generic/bare.yaml", dataset: "generic", set: "bare", template: "{}")
    try write("two/D/s.yaml", dataset: "D", set: "s", template: "two {}")
    try write("two/D/t.yaml", dataset: "D", set: "t", template: "two {}")
    try write("two/D/notes.txt", dataset: "-", set: "-", template: "{}")
    try write("two/E/bad.yaml", dataset: "E", set: "good", template: "{}")
  }

  private func write(_ path: String, dataset: String, set: String, template: String) throws {
    let url = folder.url.appending(path: path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    let text =
      "dataset: \(dataset)\nset: \(set)\nversion: 1\nsource: x\ntemplates: ['\(template)']\n"
    try Data(text.utf8).write(to: url)
  }

  private func library(_ names: String...) throws -> PromptLibrary {
    try PromptLibrary(roots: names.map { folder.url.appending(path: $0) })
  }

  @Test func earlierFoldersWin() throws {
    let library = try library("one", "two")
    #expect(
      library.entries.map { "\($0.dataset)/\($0.name)" }
        == ["D/s", "D/t", "E/bad", "generic/bare"])
    #expect(try library.find(dataset: "D", set: "s").templates == ["one {}"])
    #expect(try library.find(dataset: "D", set: "t").templates == ["two {}"])
  }

  @Test func referencesNameASetAGenericOneADatasetsOrAFile() throws {
    let library = try library("one", "two")
    #expect(try library.resolve("s", dataset: "D").templates == ["one {}"])
    #expect(try library.resolve("bare", dataset: "D").templates == ["{}"])
    #expect(try library.resolve("D/t", dataset: "E").templates == ["two {}"])
    let path = folder.url.appending(path: "two/D/s.yaml").path
    #expect(try library.resolve(path, dataset: "E").templates == ["two {}"])
    #expect(throws: EvalError.self) { try library.resolve("a/b/c", dataset: "D") }
    #expect(throws: EvalError.self) { try library.resolve("../D/s", dataset: "D") }
  }

  @Test func unknownNamesGetNearMisses() throws {
    let library = try library("one", "two")
    let set = #expect(throws: EvalError.self) { try library.find(dataset: "D", set: "u") }
    #expect(set?.kind == .notFound)
    #expect(set?.remedy == "Did you mean s, t?")
    let dataset = #expect(throws: EvalError.self) { try library.find(dataset: "genric", set: "s") }
    #expect(dataset?.remedy == "Did you mean generic?")
    let far = #expect(throws: EvalError.self) { try library.find(dataset: "Zzzzzzzzz", set: "s") }
    #expect(far?.remedy == "Datasets with prompts: D, E, generic.")
  }

  @Test func aFileThatContradictsItsPlaceIsAnError() throws {
    let library = try library("two")
    let error = #expect(throws: EvalError.self) { try library.find(dataset: "E", set: "bad") }
    #expect(error?.subject?.hasSuffix("two/E/bad.yaml") == true)
    #expect(throws: EvalError.self) { try library.list() }
  }

  @Test func aMissingFolderIsNotFound() {
    #expect(throws: EvalError.self) { try library("three") }
  }

  @Test func aNumberNamesOneTemplateOfASet() throws {
    let url = folder.url.appending(path: "two/D/many.yaml")
    try Data(
      """
      dataset: D
      set: many
      version: 4
      source: x
      classes: [a, b]
      templates: ["one {}", "two {}", "three {}"]
      """.utf8
    ).write(to: url)
    let library = try library("two")
    let set = try library.resolve("many#2", dataset: "D")
    #expect(set.templates == ["two {}"] && set.classes.isEmpty && set.version == 4)
    #expect(set.reference == "D/many#2")
    // The hash is that of a set with this template alone.
    let same = try library.resolve("t", dataset: "D")
    #expect(same.templates == ["two {}"] && set.templatesHash == same.templatesHash)
    #expect(try library.resolve("D/many#3", dataset: "E").templates == ["three {}"])
    #expect(try library.resolve("\(url.path)#1", dataset: "E").reference == "D/many#1")

    let beyond = #expect(throws: EvalError.self) { try library.resolve("many#4", dataset: "D") }
    #expect(beyond?.kind == .notFound)
    #expect(beyond?.message == "no template 4 in D/many: it has 3 templates")
    #expect(beyond?.remedy == "Name one of many#1 to many#3.")
    for wrong in ["many#0", "many#-1", "many#02", "many#", "many#x", "#1", "D/#1", "many#1#1"] {
      #expect(throws: EvalError.self, "\(wrong)") { try library.resolve(wrong, dataset: "D") }
    }
  }

  @Test func aSetWithoutTemplatesHasNoNumbers() throws {
    let set = try PromptSet(
      dataset: "D", name: "names", version: 1, source: "x",
      classes: [.init(id: "a", names: ["a"])], templates: [])
    let error = #expect(throws: EvalError.self) { try set.single(1) }
    #expect(error?.message == "no template 1 in D/names: it has no templates")
  }

  @Test func aSetsNameCannotLookLikeATemplates() {
    let error = #expect(throws: EvalError.self) {
      try PromptSet(
        yaml: "dataset: D\nset: \"a#1\"\nversion: 1\nsource: x\ntemplates: [\"{}\"]\n", file: "f")
    }
    #expect(error?.subject == "f:2:6")
  }

  @Test func aFileIsReadOnce() throws {
    let library = try library("two")
    let before = try library.resolve("D/t", dataset: "D")
    try write("two/D/t.yaml", dataset: "D", set: "t", template: "changed {}")
    #expect(try library.resolve("D/t", dataset: "D") == before)
    #expect(try self.library("two").resolve("D/t", dataset: "D").templates == ["changed {}"])
  }
}
