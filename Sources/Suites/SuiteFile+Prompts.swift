import Core
import Foundation
import Prompts
import YAMLFiles
import Yams

/// How a suite names prompts: one set or a list of sets, and single templates by number.
extension SuiteFile {
  enum PromptKind: String {
    case classNames = "class-name set"
    case templates = "template set"
  }

  /// - Parameter folder: the suite's. A prompt file is named relative to it, not to where the program happens to be run.
  static func promptReferences(
    _ node: Node, _ kind: PromptKind, _ folder: URL, _ yaml: YAMLReader
  ) throws -> [PromptReference] {
    let nodes: [Node]
    if case .sequence = node {
      nodes = try yaml.list(node, "a list of \(kind.rawValue)s")
    } else {
      nodes = [node]
    }
    guard !nodes.isEmpty else {
      throw yaml.error("expected at least one \(kind.rawValue)", at: node)
    }
    var seen: Set<String> = []
    return try nodes.map { item in
      let written = try yaml.text(item, "a \(kind.rawValue) or a list of them")
      guard seen.insert(written).inserted else {
        throw yaml.error("the \(kind.rawValue) \"\(written)\" is listed twice", at: item)
      }
      do {
        var reference = try TemplateReference(written)
        guard reference.number == nil || kind == .templates else {
          throw yaml.error(
            "expected a class-name set, found one template of a set: \"\(written)\"", at: item)
        }
        if TemplateReference.isFile(reference.set) {
          reference.set = URL(filePath: reference.set, relativeTo: folder).path
        }
        return PromptReference(reference.description, place: yaml.place(of: item))
      } catch let error as EvalError where error.kind == .usage {
        throw yaml.error(error.message, at: item)
      }
    }
  }

  /// `true` or `false`, and no other of YAML's many spellings.
  static func flag(_ node: Node, _ yaml: YAMLReader) throws -> Bool {
    let written = try yaml.text(node, "true or false")
    guard let flag = Bool(written) else {
      throw yaml.error("expected true or false, found \"\(written)\"", at: node)
    }
    return flag
  }
}
