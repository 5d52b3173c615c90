import Core
import Foundation
import TestSupport
import Testing

@Suite struct ResourceLocatorTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func make(_ path: String) throws -> URL {
    let url = folder.url.appending(path: path)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url
  }

  private func locate(
    flag: String? = nil, variable: String? = nil, executable: String = "repo/.build/release/tool"
  ) throws -> String {
    let current = try make("work")
    let environment = variable.map { ["CLIP_EVAL_PROMPTS": $0] } ?? [:]
    let found = try ResourceLocator.folder(
      named: "Prompts", flag: ("--prompts", flag), environment: environment, currentFolder: current,
      executable: folder.url.appending(path: executable))
    return String(found.path.dropFirst(folder.url.path.count + 1))
  }

  @Test("a folder within a folder: its variable has _ for /, and a folder without it is not it")
  func nested() throws {
    _ = try make("work/Reports")
    let wanted = try make("elsewhere")
    func locate(_ environment: [String: String]) throws -> URL {
      try ResourceLocator.folder(
        named: "Reports/reference", environment: environment, currentFolder: try make("work"),
        executable: folder.url.appending(path: "bin/tool"))
    }
    #expect(throws: EvalError.self) { try locate([:]) }
    #expect(
      try locate(["CLIP_EVAL_REPORTS_REFERENCE": wanted.path]).path == wanted.path)
    let own = try make("work/Reports/reference")
    #expect(try locate([:]).path == own.path)
  }

  @Test func placesAreTriedInOrder() throws {
    #expect(throws: EvalError.self) { try locate() }
    _ = try make("repo/share/clip-eval/Prompts")
    #expect(
      try locate(executable: "repo/bin/tool") == "repo/share/clip-eval/Prompts")
    _ = try make("repo/Prompts")
    // Only a package's own folder counts on the way up.
    #expect(throws: EvalError.self) { try locate() }
    try Data().write(to: folder.url.appending(path: "repo/Package.swift"))
    #expect(try locate() == "repo/Prompts")
    _ = try make("repo/.build/release/Prompts")
    #expect(try locate() == "repo/.build/release/Prompts")
    _ = try make("work/Prompts")
    #expect(try locate() == "work/Prompts")
    _ = try make("work/elsewhere")
    #expect(try locate(variable: "elsewhere") == "work/elsewhere")
    let flag = try make("flag")
    #expect(try locate(flag: flag.path, variable: "elsewhere") == "flag")
  }

  @Test func theMessageNamesTheFlagOnlyWhereThereIsOne() throws {
    func remedy(_ flag: (name: String, value: String?)?) throws -> String {
      let error = try #require(
        #expect(throws: EvalError.self) {
          try ResourceLocator.folder(
            named: "Suites", flag: flag, environment: [:], currentFolder: try make("none"),
            executable: nil)
        })
      return try #require(error.remedy)
    }
    #expect(try remedy(nil) == "Name it with $CLIP_EVAL_SUITES.")
    #expect(try remedy(("--where", nil)) == "Name it with --where or $CLIP_EVAL_SUITES.")
  }

  @Test func aFlagOrVariableThatNamesNothingIsAnError() throws {
    _ = try make("work/Prompts")
    let flag = #expect(throws: EvalError.self) { try locate(flag: "absent") }
    #expect(flag?.message.hasPrefix("--prompts names absent") == true)
    let variable = #expect(throws: EvalError.self) { try locate(variable: "absent") }
    #expect(variable?.message.hasPrefix("$CLIP_EVAL_PROMPTS names absent") == true)
  }
}
