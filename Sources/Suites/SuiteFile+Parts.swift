import Core
import Foundation
import YAMLFiles
import Yams

/// Suites that are made of others.
extension SuiteFile {
  /// - Throws: `EvalError.malformedData` at the place of what does not go with it.
  static func parts(
    _ node: Node, _ fields: YAMLFields, _ yaml: YAMLReader
  ) throws -> [PromptReference] {
    for key in [
      "experiments", "models", "probe", "robustness", "prompts", "templates", "datasets",
    ] {
      guard let other = fields[key] else { continue }
      throw yaml.error(
        "a suite of other suites has no \"\(key)\" of its own", at: other,
        remedy: "Put it into a suite, and name that one too.")
    }
    let parts = try yaml.list(node, "a list of suites").map { item in
      PromptReference(try yaml.text(item, "a suite"), place: yaml.place(of: item))
    }
    guard !parts.isEmpty else { throw yaml.error("expected at least one suite", at: node) }
    return parts
  }

  static func texts(_ node: Node, _ what: String, _ yaml: YAMLReader) throws -> [String] {
    try yaml.list(node, "a list, each \(what)").map { try yaml.text($0, what) }
  }

  /// It and the suites that it is made of, those that they are made of, and so on: each file once, a suite of suites before its parts. A
  /// file is named relative to the suite that names it.
  /// - Throws: `EvalError.badSuite` with file, line and column of a name that leads nowhere or in a circle.
  package func expanded() throws -> [SuiteFile] {
    var seen: Set<String> = []
    return try expanded(within: [], &seen)
  }

  /// Suites by path or name, with all that they are made of, each once.
  package static func named(_ references: [String]) throws -> [SuiteFile] {
    var seen: Set<String> = []
    return try references.flatMap { reference in
      try SuiteFile(named: reference).expanded(within: [], &seen)
    }
  }

  private func expanded(within outer: [String], _ seen: inout Set<String>) throws -> [SuiteFile] {
    let own = URL(filePath: path).standardizedFileURL.path
    guard seen.insert(own).inserted else { return [] }
    return try parts.reduce(into: [self]) { all, part in
      let suite: SuiteFile
      do {
        suite = try Self.named(part.text, from: URL(filePath: path).deletingLastPathComponent())
      } catch let error as EvalError where error.kind == .notFound {
        throw EvalError(.badSuite, error.message, subject: part.place, remedy: error.remedy)
      }
      let other = URL(filePath: suite.path).standardizedFileURL.path
      guard other != own, !outer.contains(other) else {
        throw EvalError(
          .badSuite, "\(part.text) is made of this suite, which names it", subject: part.place)
      }
      all += try suite.expanded(within: outer + [own], &seen)
    }
  }

  private static func named(_ reference: String, from folder: URL) throws -> SuiteFile {
    guard reference.hasSuffix(".yaml") else { return try SuiteFile(shipped: reference) }
    let url = URL(filePath: reference, relativeTo: folder).standardizedFileURL
    guard isFile(url) else {
      throw EvalError(.notFound, "no suite file \(url.path)")
    }
    return try SuiteFile(contentsOf: url)
  }
}
