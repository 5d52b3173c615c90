import Core

/// Parquet's schema as the footer has it: a tree, flattened depth first.
enum ParquetSchema {
  struct Element {
    var type: Int?
    /// 0 required, 1 optional, 2 repeated.
    var repetition = 0
    var name = ""
    var children = 0
  }

  private static let deepest = 32

  static func element(
    _ reader: inout ThriftCompactReader, _ field: ThriftCompactReader.Field,
    into element: inout Element
  ) throws {
    switch field.id {
    case 1: element.type = try reader.integer(field)
    case 3: element.repetition = try reader.integer(field)
    case 4: element.name = try reader.text(field)
    case 5: element.children = try reader.integer(field)
    default: try reader.skip(field.kind)
    }
  }

  /// The leaves in file order.
  static func columns(_ elements: [Element], path: String) throws -> [ParquetColumn] {
    func fail(_ message: String) -> EvalError {
      EvalError(.malformedData, "the Parquet schema is damaged: " + message, subject: path)
    }
    struct Group {
      var left: Int
      var name: String
      var definition: Int
      var repetition: Int
    }
    guard let root = elements.first, root.children >= 0 else { throw fail("it has no root") }
    var open = [Group(left: root.children, name: "", definition: 0, repetition: 0)]
    var columns: [ParquetColumn] = []
    for element in elements.dropFirst() {
      while let last = open.last, last.left == 0 { open.removeLast() }
      guard let parent = open.last else { throw fail("more elements than its groups have") }
      open[open.count - 1].left -= 1
      guard (0...2).contains(element.repetition), element.children >= 0 else {
        throw fail("`\(element.name)` has an impossible repetition or number of children")
      }
      let definition = parent.definition + (element.repetition == 0 ? 0 : 1)
      let repetition = parent.repetition + (element.repetition == 2 ? 1 : 0)
      guard let code = element.type else {
        guard open.count < deepest else { throw fail("nested too deeply") }
        open.append(
          Group(
            left: element.children, name: element.name, definition: definition,
            repetition: repetition))
        continue
      }
      guard let type = ParquetType(rawValue: code) else {
        throw fail("`\(element.name)` has the unknown type \(code)")
      }
      columns.append(
        ParquetColumn(
          path: open.dropFirst().map(\.name) + [element.name], type: type, index: columns.count,
          maxDefinition: definition, maxRepetition: repetition))
    }
    guard open.allSatisfy({ $0.left == 0 }) else {
      throw fail("fewer elements than its groups have")
    }
    return columns
  }
}
