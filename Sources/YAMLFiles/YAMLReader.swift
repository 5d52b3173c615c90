package import Core
package import Foundation
package import Yams

/// Reads YAML files strictly: scalars as they are written, unknown keys refused, every complaint with file,
/// line and column.
package struct YAMLReader {
  package let file: String

  package init(file: String) { self.file = file }

  /// Far above the largest file that comes with the program (a thousand class names take 40 kB).
  private static let byteLimit = 16 << 20

  /// - Throws: `EvalError.notFound`, or `.malformedData` when the file is not UTF-8.
  package static func text(of url: URL) throws -> String {
    let data = try readFile(url)
    guard data.count <= byteLimit, let text = String(validating: data, as: UTF8.self) else {
      throw EvalError(
        .malformedData, "expected UTF-8 text of at most \(byteLimit) bytes", subject: url.path)
    }
    return text
  }

  /// The document's root.
  /// - Parameter what: what the document should be, for the message when it is empty.
  package func root(of yaml: String, _ what: String) throws -> Node {
    let root: Node?
    do {
      root = try Yams.compose(yaml: yaml)
    } catch let error as YamlError {
      throw self.error(syntax: error)
    }
    guard let root else {
      throw EvalError(.malformedData, "expected \(what), found nothing", subject: file)
    }
    return root
  }

  /// A whole number from 1.
  package func version(_ node: Node) throws -> Int {
    let written = try text(node, "a version (1, 2, …)")
    guard let version = Int(written), version > 0, String(version) == written else {
      throw error("expected a version (1, 2, …), found \"\(written)\"", at: node)
    }
    return version
  }

  package func list(_ node: Node, _ expected: String) throws -> [Node] {
    guard case .sequence(let sequence) = node else {
      throw error("expected \(expected)", at: node)
    }
    return Array(sequence)
  }

  package func text(_ node: Node, _ expected: String) throws -> String {
    guard case .scalar(let scalar) = node else { throw error("expected \(expected)", at: node) }
    guard scalar.string.contains(where: { !$0.isWhitespace }) else {
      throw error("expected \(expected), found nothing", at: node)
    }
    return scalar.string
  }

  package func error(_ message: String, at node: Node, remedy: String? = nil) -> EvalError {
    EvalError(.malformedData, message, subject: place(of: node), remedy: remedy)
  }

  /// File, line and column.
  package func place(of node: Node) -> String {
    file + (node.mark.map { ":\($0.line):\($0.column)" } ?? "")
  }

  private func error(syntax error: YamlError) -> EvalError {
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
package struct YAMLFields {
  private let node: Node
  private let reader: YAMLReader
  private var values: [String: Node] = [:]

  package init(_ node: Node, allowed: [String], in reader: YAMLReader) throws {
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

  package subscript(name: String) -> Node? { values[name] }

  package func required(_ name: String) throws -> Node {
    guard let value = values[name] else {
      throw reader.error("the key \"\(name)\" is missing", at: node)
    }
    return value
  }
}
