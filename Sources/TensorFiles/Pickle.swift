package import Foundation

/// What a Python pickle holds, read as data: nothing is imported, called or constructed.
///
/// Pickles share and nest objects by reference, so the content is a graph. It is kept as one table of nodes and
/// looked at through `PickleObject`; walking it never recurses, whatever the file says.
package struct PickleDocument: Sendable {
  enum Node: Sendable {
    case none
    case bool(Bool)
    case int(Int)
    case float(Double)
    case text(String)
    /// A byte string that lies in the file.
    case bytes(Range<Int>)
    /// A byte string that the file spells in another way.
    case ownedBytes(Data)
    case list([Int])
    case tuple([Int])
    case dictionary([(key: Int, value: Int)])
    case global(module: String, name: String)
    /// A persistent id: the node that says which (`torch.save` names storages so).
    case persistent(Int)
    /// A call that the file asks for; only those of the `PickleDialect` get here, and none is ever made.
    case call(function: Int, arguments: Int, state: Int?)
  }

  let data: Data
  let subject: String
  var nodes: [Node]
  var rootNode: Int
  /// Offset of the first byte after the STOP opcode: `torch.save`'s old format puts several pickles in a row.
  package var end: Int

  package var root: PickleObject { PickleObject(document: self, node: rootNode) }
}

/// One object of a pickle. Accessors are nil when the object is of another kind.
package struct PickleObject: Sendable {
  let document: PickleDocument
  let node: Int

  private var value: PickleDocument.Node { document.nodes[node] }
  private func object(_ node: Int) -> PickleObject { PickleObject(document: document, node: node) }

  package var isNone: Bool { if case .none = value { true } else { false } }

  package var integer: Int? {
    switch value {
    case .int(let value): value
    case .bool(let value): value ? 1 : 0
    default: nil
    }
  }

  /// A string; Python 2 byte strings count when they are UTF-8, since its pickles know no other strings.
  package var text: String? {
    switch value {
    case .text(let text): text
    case .bytes, .ownedBytes: bytes.flatMap { String(validating: $0, as: UTF8.self) }
    default: nil
    }
  }

  package var bytes: Data? {
    switch value {
    case .bytes(let range): document.data[range]
    case .ownedBytes(let data): data
    default: nil
    }
  }

  /// A list or tuple.
  package var elements: [PickleObject]? {
    switch value {
    case .list(let items), .tuple(let items): items.map(object)
    default: nil
    }
  }

  /// Pairs in the order of the file.
  package var pairs: [(key: PickleObject, value: PickleObject)]? {
    guard case .dictionary(let pairs) = value else { return nil }
    return pairs.map { (object($0.key), object($0.value)) }
  }

  /// The dictionary's value under a string key (Python 3 `str`, or `bytes` as Python 2 wrote them); the last
  /// one wins, as in Python.
  package subscript(key: String) -> PickleObject? {
    guard case .dictionary(let pairs) = value else { return nil }
    return pairs.last { object($0.key).text == key }.map { object($0.value) }
  }

  /// The attributes of an object whose class the dialect names.
  package var attributes: PickleObject? { call?.state }

  var global: (module: String, name: String)? {
    if case .global(let module, let name) = value { (module, name) } else { nil }
  }

  var call: (function: PickleObject, arguments: [PickleObject], state: PickleObject?)? {
    guard case .call(let function, let arguments, let state) = value else { return nil }
    return (object(function), object(arguments).elements ?? [], state.map(object))
  }
}
