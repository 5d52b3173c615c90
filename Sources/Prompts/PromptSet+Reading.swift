internal import Core
package import Foundation
internal import Yams

extension PromptSet {
  /// Far above the largest set (a thousand classes take 40 kB).
  private static let byteLimit = 16 << 20

  /// Reads and checks a prompt file. Scalars are taken as they are written: `no`, `010` and `1.0` are names like any other.
  ///
  ///     dataset: CIFAR10
  ///     set: openai-2021
  ///     version: 1
  ///     source: openai/CLIP, data/prompts.md
  ///     classes:                 # optional; a list of ids that are names too is also allowed
  ///       airplane: airplane
  ///       happy: [happy, smiling]
  ///       "03": {name: bird, aliases: ["3"]}
  ///     templates:               # optional, but not without classes
  ///       - "a photo of a {}."
  ///
  /// - Throws: `EvalError.notFound`, or `.malformedData` with file, line and column.
  package init(contentsOf url: URL) throws {
    let data = try readFile(url)
    guard data.count <= Self.byteLimit, let text = String(validating: data, as: UTF8.self) else {
      throw EvalError(
        .malformedData, "expected UTF-8 text of at most \(Self.byteLimit) bytes", subject: url.path)
    }
    try self.init(yaml: text, file: url.path)
  }

  /// - Parameter file: what messages call the text.
  package init(yaml text: String, file: String) throws {
    let reader = PromptFileReader(file: file)
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch let error as YamlError {
      throw reader.error(syntax: error)
    }
    guard let root else {
      throw EvalError(.malformedData, "expected a prompt set, found nothing", subject: file)
    }
    self = try reader.promptSet(root)
  }
}

/// Turns YAML nodes into a prompt set, naming the place of whatever does not fit.
private struct PromptFileReader {
  let file: String

  func promptSet(_ root: Node) throws -> PromptSet {
    let fields = try Fields(
      root, allowed: ["dataset", "set", "version", "source", "classes", "templates"], in: self)
    let classes = try fields["classes"].map(classes) ?? []
    let templates = try fields["templates"].map(templates) ?? []
    guard !classes.isEmpty || !templates.isEmpty else {
      throw error("expected \"classes\", \"templates\" or both", at: root)
    }
    return try PromptSet(
      dataset: try text(fields.required("dataset"), "a dataset id"),
      name: try text(fields.required("set"), "the set's name"),
      version: try version(fields.required("version")),
      source: try text(fields.required("source"), "the source of names and templates"),
      classes: classes, templates: templates)
  }

  private func version(_ node: Node) throws -> Int {
    let written = try text(node, "a version (1, 2, …)")
    guard let version = Int(written), version > 0, String(version) == written else {
      throw error("expected a version (1, 2, …), found \"\(written)\"", at: node)
    }
    return version
  }

  private func templates(_ node: Node) throws -> [String] {
    var seen: Set<String> = []
    return try list(node, "a list of templates").map { item in
      let template = try text(item, "a template")
      let count = PromptRendering.placeholderCount(in: template)
      guard count == 1 else {
        throw error(
          "expected one {} for the class name in the template, found \(count): \"\(template)\"",
          at: item)
      }
      guard seen.insert(template).inserted else {
        throw error("the template \"\(template)\" is listed twice", at: item)
      }
      return template
    }
  }

  private func classes(_ node: Node) throws -> [PromptSet.ClassNames] {
    let entries: [(node: Node, value: PromptSet.ClassNames)]
    switch node {
    case .mapping(let mapping):
      entries = try mapping.map { key, value in
        (key, try named(id: try text(key, "a class id"), value))
      }
    case .sequence(let sequence):
      entries = try sequence.map { ($0, try listed($0)) }
    default: throw error("expected a map from class id to name, or a list of classes", at: node)
    }
    guard !entries.isEmpty else { throw error("expected at least one class", at: node) }
    var seen: [String: String] = [:]
    for (node, entry) in entries {
      for id in [entry.id] + entry.aliases {
        if let other = seen.updateValue(entry.id, forKey: id) {
          throw error(
            "\"\(id)\" is already an id or alias of the class \"\(other)\"", at: node)
        }
      }
    }
    return entries.map(\.value)
  }

  /// The value of `id: value`: a name, a list of names, or a map with `name` or `names`.
  private func named(id: String, _ node: Node) throws -> PromptSet.ClassNames {
    guard case .mapping = node else {
      return PromptSet.ClassNames(id: id, names: try names(node))
    }
    let fields = try Fields(node, allowed: ["name", "names", "aliases"], in: self)
    return try described(id: id, fields, at: node)
  }

  /// An item of a class list: an id that is the name too, or a map with `id`.
  private func listed(_ node: Node) throws -> PromptSet.ClassNames {
    guard case .mapping = node else {
      let id = try text(node, "a class id")
      return PromptSet.ClassNames(id: id, names: [id])
    }
    let fields = try Fields(node, allowed: ["id", "name", "names", "aliases"], in: self)
    return try described(id: try text(fields.required("id"), "a class id"), fields, at: node)
  }

  private func described(
    id: String, _ fields: Fields, at node: Node
  ) throws -> PromptSet.ClassNames {
    let names: [String]
    switch (fields["name"], fields["names"]) {
    case (let name?, nil): names = [try text(name, "a class name")]
    case (nil, let several?): names = try self.names(several)
    default: throw error("expected \"name\" or \"names\" (one of them)", at: node)
    }
    let aliases = try fields["aliases"].map { try list($0, "a list of aliases") } ?? []
    return PromptSet.ClassNames(
      id: id, names: names, aliases: try aliases.map { try text($0, "an alias") })
  }

  private func names(_ node: Node) throws -> [String] {
    guard case .sequence = node else { return [try text(node, "a class name or a list of names")] }
    let items = try list(node, "a list of names")
    guard !items.isEmpty else { throw error("expected at least one name", at: node) }
    return try items.map { try text($0, "a class name") }
  }

  private func list(_ node: Node, _ expected: String) throws -> [Node] {
    guard case .sequence(let sequence) = node else {
      throw error("expected \(expected)", at: node)
    }
    return Array(sequence)
  }

  fileprivate func text(_ node: Node, _ expected: String) throws -> String {
    guard case .scalar(let scalar) = node else { throw error("expected \(expected)", at: node) }
    guard scalar.string.contains(where: { !$0.isWhitespace }) else {
      throw error("expected \(expected), found nothing", at: node)
    }
    return scalar.string
  }

  fileprivate func error(_ message: String, at node: Node, remedy: String? = nil) -> EvalError {
    let place = node.mark.map { ":\($0.line):\($0.column)" } ?? ""
    return EvalError(.malformedData, message, subject: file + place, remedy: remedy)
  }

  func error(syntax error: YamlError) -> EvalError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      EvalError(
        .malformedData, "not valid YAML: \(problem)", subject: "\(file):\(mark.line):\(mark.column)"
      )
    case .duplicatedKeysInMapping(let duplicates, let context):
      EvalError(
        .malformedData,
        "keys stand twice in one map: "
          + duplicates.map(String.init(describing:)).sorted().joined(separator: ", "),
        subject: "\(file):\(context.mark.line):\(context.mark.column)")
    default: EvalError(.malformedData, "not valid YAML: \(error)", subject: file)
    }
  }
}

/// The entries of a map whose keys are known.
private struct Fields {
  private let node: Node
  private let reader: PromptFileReader
  private var values: [String: Node] = [:]

  init(_ node: Node, allowed: [String], in reader: PromptFileReader) throws {
    self.node = node
    self.reader = reader
    guard case .mapping(let mapping) = node else {
      throw reader.error("expected a map with \(allowed.joined(separator: ", "))", at: node)
    }
    for (key, value) in mapping {
      let name = try reader.text(key, "a key")
      guard allowed.contains(name) else {
        throw reader.error(
          "unknown key \"\(name)\"; allowed: \(allowed.joined(separator: ", ")).", at: key,
          remedy: NearMiss.hint(for: name, among: allowed))
      }
      values[name] = value
    }
  }

  subscript(name: String) -> Node? { values[name] }

  func required(_ name: String) throws -> Node {
    guard let value = values[name] else {
      throw reader.error("the key \"\(name)\" is missing", at: node)
    }
    return value
  }
}
