import Core
package import Foundation

extension PickleDocument {
  /// Reads a pickle of protocol 1 to 4 (5 of objects) made of dictionaries, lists, tuples, strings, numbers and what `dialect` adds.
  ///
  /// - Parameters:
  ///   - start: offset of the pickle in `data`.
  ///   - nodeLimit: how many objects it may hold; bounds memory to about 100 bytes an object.
  /// - Throws: `EvalError.malformedData` naming opcode and offset for anything else: other globals, calls,
  ///   persistent ids, truncation.
  package init(
    parsing data: Data, from start: Int = 0, subject: String,
    dialect: PickleDialect = .arrays, nodeLimit: Int = 4_000_000
  ) throws {
    var reader = PickleReader(
      data: data.startIndex == 0 ? data : Data(data), subject: subject, position: start,
      dialect: dialect, nodeLimit: nodeLimit)
    let root = try reader.run()
    self.init(
      data: reader.data, subject: subject, nodes: reader.nodes, rootNode: root, end: reader.position
    )
  }
}

/// The pickle stack machine, restricted to opcodes that describe data.
struct PickleReader {
  let data: Data
  let subject: String
  var position: Int
  let dialect: PickleDialect
  let nodeLimit: Int
  var nodes: [PickleDocument.Node] = []
  var stack: [Int] = []
  /// Bytes of all `ownedBytes` nodes.
  var ownedByteCount = 0
  private var marks: [Int] = []
  private var memo: [Int: Int] = [:]
  private var opcodeOffset = 0

  init(data: Data, subject: String, position: Int, dialect: PickleDialect, nodeLimit: Int) {
    self.data = data
    self.subject = subject
    self.position = position
    self.dialect = dialect
    self.nodeLimit = nodeLimit
  }

  func fail(_ message: String) -> EvalError {
    EvalError(
      .malformedData, message, subject: "\(subject), byte \(opcodeOffset)",
      remedy:
        "Only plain data and \(dialect.arrayKind) are read from pickles; nothing in them is run.")
  }

  mutating func run() throws -> Int {
    while true {
      opcodeOffset = position
      let opcode = try byte()
      if opcode == UInt8(ascii: ".") {
        guard let top = stack.last else { throw fail("STOP with nothing on the stack") }
        return top
      }
      try step(opcode)
    }
  }

  private mutating func step(_ opcode: UInt8) throws {
    switch Character(UnicodeScalar(opcode)) {
    case "\u{80}":
      let version = try byte()
      guard version <= dialect.newestProtocol else {
        throw fail("expected pickle protocol 1 to \(dialect.newestProtocol), found \(version)")
      }
    case "\u{95}": _ = try take(8)  // FRAME: a hint for buffered reading
    case "(":
      guard marks.count < nodeLimit else { throw fail("more than \(nodeLimit) marks") }
      marks.append(stack.count)
    case "0": _ = try pop()
    case "1":
      guard let mark = marks.popLast() else { throw fail("POP_MARK without a mark") }
      stack.removeLast(stack.count - mark)
    case "2": try pushAgain(try top())

    case "N": try push(.none)
    case "\u{88}": try push(.bool(true))
    case "\u{89}": try push(.bool(false))
    case "K": try push(.int(Int(try unsigned(1))))
    case "M": try push(.int(Int(try unsigned(2))))
    case "J": try push(.int(Int(Int32(truncatingIfNeeded: try unsigned(4)))))
    case "\u{8a}": try push(.int(try long(byteCount: Int(try unsigned(1)))))
    case "I":
      let line = try self.line()
      if line == "00" || line == "01" {
        try push(.bool(line == "01"))
      } else {
        guard let value = Int(line) else { throw fail("INT \(line) is not a 64-bit integer") }
        try push(.int(value))
      }
    case "L":
      let line = try self.line()
      guard let value = Int(line.hasSuffix("L") ? String(line.dropLast()) : line) else {
        throw fail("LONG \(line.prefix(40)) is not a 64-bit integer")
      }
      try push(.int(value))
    case "G": try push(.float(Double(bitPattern: try unsigned(8).byteSwapped)))

    case "U", "C": try pushBytes(count: Int(try unsigned(1)))
    case "T":
      let count = Int(Int32(truncatingIfNeeded: try unsigned(4)))
      guard count >= 0 else { throw fail("BINSTRING of negative length") }
      try pushBytes(count: count)
    case "B": try pushBytes(count: Int(try unsigned(4)))
    case "\u{8e}": try pushBytes(count: try length8())
    case "X": try pushText(count: Int(try unsigned(4)))
    case "\u{8c}": try pushText(count: Int(try unsigned(1)))
    case "\u{8d}": try pushText(count: try length8())

    case "]": try push(.list([]))
    case "}": try push(.dictionary([]))
    case ")": try push(.tuple([]))
    case "t": try push(.tuple(try popToMark()))
    case "l": try push(.list(try popToMark()))
    case "d": try push(.dictionary(try pairs(try popToMark())))
    case "\u{85}": try pushTuple(1)
    case "\u{86}": try pushTuple(2)
    case "\u{87}": try pushTuple(3)
    case "a": try append([try pop()])
    case "e": try append(try popToMark())
    case "s":
      let value = try pop()
      try setItems([try pop(), value])
    case "u": try setItems(try popToMark())

    case "q": try memoize(at: Int(try unsigned(1)))
    case "r": try memoize(at: Int(try unsigned(4)))
    case "\u{94}": try memoize(at: memo.count)
    case "h": try get(Int(try unsigned(1)))
    case "j": try get(Int(try unsigned(4)))

    case "c": try pushGlobal(module: try line(), name: try line())
    case "\u{93}":
      guard case .text(let name) = nodes[try pop()], case .text(let module) = nodes[try pop()]
      else { throw fail("STACK_GLOBAL without two strings") }
      try pushGlobal(module: module, name: name)
    case "R":
      let arguments = try pop()
      try call(try pop(), arguments)
    case "b": try build(state: try pop())
    case "Q" where dialect == .torch: try push(.persistent(try pop()))
    case "\u{81}" where dialect != .arrays:
      let arguments = try pop()
      try newObject(of: try pop(), arguments)
    default:
      throw fail("refused opcode \(pickleOpcodeName(opcode))")
    }
  }

  // MARK: Objects

  mutating func push(_ node: PickleDocument.Node) throws {
    guard nodes.count < nodeLimit, stack.count < nodeLimit else {
      throw fail("more than \(nodeLimit) objects")
    }
    nodes.append(node)
    stack.append(nodes.count - 1)
  }

  private mutating func pushBytes(count: Int) throws { try push(.bytes(try take(count))) }

  private mutating func pushText(count: Int) throws {
    let range = try take(count)
    guard let text = String(validating: data[range], as: UTF8.self) else {
      throw fail("a string that is not UTF-8")
    }
    try push(.text(text))
  }

  private mutating func pushTuple(_ count: Int) throws {
    var items: [Int] = []
    for _ in 0..<count { items.append(try pop()) }
    try push(.tuple(items.reversed()))
  }

  private mutating func pushGlobal(module: String, name: String) throws {
    guard dialect.allows(module: module, name: name) else {
      throw fail("refused global \(module).\(name)")
    }
    try push(.global(module: module, name: name))
  }

  func top() throws -> Int {
    guard let top = stack.last, stack.count > (marks.last ?? 0) else {
      throw fail("nothing on the stack for this opcode")
    }
    return top
  }

  private mutating func pop() throws -> Int {
    let node = try top()
    stack.removeLast()
    return node
  }

  private mutating func popToMark() throws -> [Int] {
    guard let mark = marks.popLast(), mark <= stack.count else {
      throw fail("no mark for this opcode")
    }
    let items = Array(stack[mark...])
    stack.removeLast(items.count)
    return items
  }

  private func pairs(_ items: [Int]) throws -> [(key: Int, value: Int)] {
    guard items.count.isMultiple(of: 2) else { throw fail("a dictionary key without a value") }
    return stride(from: 0, to: items.count, by: 2).map { (items[$0], items[$0 + 1]) }
  }

  private mutating func append(_ items: [Int]) throws {
    let target = try top()
    guard case .list(var list) = nodes[target] else { throw fail("APPEND to what is no list") }
    nodes[target] = .none  // so that the array below is unique and grows in place
    list.append(contentsOf: items)
    nodes[target] = .list(list)
  }

  private mutating func setItems(_ items: [Int]) throws {
    let added = try pairs(items)
    let target = try top()
    guard case .dictionary(var pairs) = nodes[target] else {
      throw fail("SETITEM on what is no dictionary")
    }
    nodes[target] = .none
    pairs.append(contentsOf: added)
    nodes[target] = .dictionary(pairs)
  }

  private mutating func memoize(at key: Int) throws {
    guard memo.count < nodeLimit else { throw fail("more than \(nodeLimit) memo entries") }
    memo[key] = try top()
  }

  private mutating func get(_ key: Int) throws {
    guard let node = memo[key] else { throw fail("memo entry \(key) is not set") }
    try pushAgain(node)
  }

  /// An object that is there already.
  private mutating func pushAgain(_ node: Int) throws {
    guard stack.count < nodeLimit else { throw fail("more than \(nodeLimit) objects") }
    stack.append(node)
  }

  // MARK: Bytes

  private mutating func take(_ count: Int) throws -> Range<Int> {
    guard count <= data.count - position else {
      throw fail(
        "expected \(count) more bytes, but the pickle ends after \(data.count - position)")
    }
    defer { position += count }
    return position..<position + count
  }

  private mutating func byte() throws -> UInt8 {
    guard position < data.count else { throw fail("the pickle ends without STOP") }
    defer { position += 1 }
    return data[position]
  }

  /// Little-endian.
  private mutating func unsigned(_ count: Int) throws -> UInt64 {
    data[try take(count)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private mutating func length8() throws -> Int {
    guard let count = Int(exactly: try unsigned(8)) else { throw fail("a length beyond any file") }
    return count
  }

  /// Two's complement.
  private mutating func long(byteCount: Int) throws -> Int {
    let bytes = data[try take(byteCount)]
    guard byteCount <= 8 else {
      // No dataset stores such a number.
      throw fail("an integer of \(byteCount) bytes")
    }
    let negative = (bytes.last ?? 0) & 0x80 != 0
    let bits = bytes.reversed().reduce(negative ? UInt64.max : 0) { $0 << 8 | UInt64($1) }
    return Int(Int64(bitPattern: bits))
  }

  private mutating func line() throws -> String {
    let limit = min(data.count, position + 4096)
    guard let end = data[position..<limit].firstIndex(of: 0x0a),
      let text = String(validating: data[position..<end], as: UTF8.self)
    else { throw fail("expected a line of text") }
    position = end + 1
    return text
  }
}
