import Core
package import Foundation
import YAMLFiles
import Yams

extension PromptSet {
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
    self = try PromptSetFile(contentsOf: url).set
  }

  /// - Parameter file: what messages call the text.
  package init(yaml text: String, file: String) throws {
    self = try PromptSetFile(yaml: text, file: file).set
  }
}

/// Turns YAML nodes into a prompt set, naming the place of whatever does not fit.
struct PromptFileReader {
  let yaml: YAMLReader

  func promptSetFile(_ root: Node) throws -> PromptSetFile {
    let fields = try YAMLFields(
      root, allowed: ["dataset", "set", "version", "source", "classes", "templates"], in: yaml)
    let classes = try fields["classes"].map(classes) ?? []
    let templates = try fields["templates"].map(templates) ?? []
    guard !classes.isEmpty || !templates.isEmpty else {
      throw yaml.error("expected \"classes\", \"templates\" or both", at: root)
    }
    let nameNode = try fields.required("set")
    let name = try yaml.text(nameNode, "the set's name")
    guard !name.contains(TemplateReference.separator) else {
      throw yaml.error(
        "expected a set's name without \(TemplateReference.separator), which stands before the number of one of its templates, found \"\(name)\"",
        at: nameNode)
    }
    let set = try PromptSet(
      dataset: try yaml.text(fields.required("dataset"), "a dataset id"), name: name,
      version: try yaml.version(fields.required("version")),
      source: try yaml.text(fields.required("source"), "the source of names and templates"),
      classes: classes.map(\.value), templates: templates.map(\.value))
    return PromptSetFile(
      set: set, path: yaml.file, classLines: classes.map(\.line),
      templateLines: templates.map(\.line))
  }

  private func templates(_ node: Node) throws -> [(value: String, line: Int?)] {
    var seen: Set<String> = []
    return try yaml.list(node, "a list of templates").map { item in
      let template = try yaml.text(item, "a template")
      let count = PromptRendering.placeholderCount(in: template)
      guard count == 1 else {
        throw yaml.error(
          "expected one {} for the class name in the template, found \(count): \"\(template)\"",
          at: item, remedy: count == 0 ? Self.hint(template) : nil)
      }
      guard seen.insert(template).inserted else {
        throw yaml.error("the template \"\(template)\" is listed twice", at: item)
      }
      return (template, item.mark?.line)
    }
  }

  /// Other programs' ways to write the place of the name.
  private static func hint(_ template: String) -> String? {
    let others = ["{c}", "{classname}", "{class}", "{label}", "{name}", "{0}", "%s"]
    return others.first(where: template.contains).map { "Write {} where \($0) stands." }
  }

  private func classes(_ node: Node) throws -> [(value: PromptSet.ClassNames, line: Int?)] {
    let entries: [(node: Node, value: PromptSet.ClassNames)]
    switch node {
    case .mapping(let mapping):
      entries = try mapping.map { key, value in
        (key, try named(id: try yaml.text(key, "a class id"), value))
      }
    case .sequence(let sequence):
      entries = try sequence.map { ($0, try listed($0)) }
    default:
      throw yaml.error("expected a map from class id to name, or a list of classes", at: node)
    }
    guard !entries.isEmpty else { throw yaml.error("expected at least one class", at: node) }
    var seen: [String: String] = [:]
    for (node, entry) in entries {
      for id in [entry.id] + entry.aliases {
        if let other = seen.updateValue(entry.id, forKey: id) {
          throw yaml.error(
            "\"\(id)\" is already an id or alias of the class \"\(other)\"", at: node)
        }
      }
    }
    return entries.map { ($0.value, $0.node.mark?.line) }
  }

  /// The value of `id: value`: a name, a list of names, or a map with `name` or `names`.
  private func named(id: String, _ node: Node) throws -> PromptSet.ClassNames {
    guard case .mapping = node else {
      return PromptSet.ClassNames(id: id, names: try names(node))
    }
    let fields = try YAMLFields(node, allowed: ["name", "names", "aliases"], in: yaml)
    return try described(id: id, fields, at: node)
  }

  /// An item of a class list: an id that is the name too, or a map with `id`.
  private func listed(_ node: Node) throws -> PromptSet.ClassNames {
    guard case .mapping = node else {
      let id = try yaml.text(node, "a class id")
      return PromptSet.ClassNames(id: id, names: [id])
    }
    let fields = try YAMLFields(node, allowed: ["id", "name", "names", "aliases"], in: yaml)
    return try described(id: try yaml.text(fields.required("id"), "a class id"), fields, at: node)
  }

  private func described(
    id: String, _ fields: YAMLFields, at node: Node
  ) throws -> PromptSet.ClassNames {
    let names: [String]
    switch (fields["name"], fields["names"]) {
    case (let name?, nil): names = [try yaml.text(name, "a class name")]
    case (nil, let several?): names = try self.names(several)
    default: throw yaml.error("expected \"name\" or \"names\" (one of them)", at: node)
    }
    let aliases = try fields["aliases"].map { try yaml.list($0, "a list of aliases") } ?? []
    return PromptSet.ClassNames(
      id: id, names: names, aliases: try aliases.map { try yaml.text($0, "an alias") })
  }

  private func names(_ node: Node) throws -> [String] {
    guard case .sequence = node else {
      return [try yaml.text(node, "a class name or a list of names")]
    }
    let items = try yaml.list(node, "a list of names")
    guard !items.isEmpty else { throw yaml.error("expected at least one name", at: node) }
    return try items.map { try yaml.text($0, "a class name") }
  }
}
