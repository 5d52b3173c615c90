import Foundation

/// The opcodes that would run code in Python: here each is refused, or leaves a description of the call.
extension PickleReader {
  mutating func call(_ function: Int, _ arguments: Int) throws {
    guard case .global(let module, let name) = nodes[function],
      case .tuple(let items) = nodes[arguments]
    else { throw fail("refused REDUCE of something else than a known function") }
    switch name {
    case "encode":
      guard items.count == 2, case .text(let text) = nodes[items[0]],
        case .text(let codec) = nodes[items[1]], codec == "latin1"
      else { throw fail("refused \(module).\(name) with other arguments than (text, 'latin1')") }
      // A text may be named again and again in two bytes; a true pickle spells each of its byte strings.
      ownedByteCount += text.utf8.count
      guard ownedByteCount <= data.count else {
        throw fail("more byte strings than the file has bytes")
      }
      var bytes = Data(capacity: text.utf8.count)
      for scalar in text.unicodeScalars {
        guard let byte = UInt8(exactly: scalar.value) else { throw fail("text beyond Latin-1") }
        bytes.append(byte)
      }
      try push(.ownedBytes(bytes))
    case "OrderedDict", "dict":
      guard items.isEmpty else { throw fail("refused \(module).\(name) with arguments") }
      try push(.dictionary([]))
    case "build_intlist", "build_doublelist", "build_boollist", "build_tensorlist":
      guard items.count == 1, case .list = nodes[items[0]] else {
        throw fail("refused \(module).\(name) with other arguments than one list")
      }
      stack.append(items[0])
    case "restore_type_tag":
      guard items.count == 2 else {
        throw fail("refused \(module).\(name) with other arguments than a value and its type")
      }
      stack.append(items[0])
    case "Size":
      guard items.count == 1, case .tuple = nodes[items[0]] else {
        throw fail("refused \(module).\(name) with other arguments than one tuple")
      }
      stack.append(items[0])
    case "_reconstruct", "dtype", "_rebuild_tensor_v2", "_rebuild_parameter":
      try push(.call(function: function, arguments: arguments, state: nil))
    default: throw fail("refused call of \(module).\(name)")
    }
  }

  /// An object of a class whose attributes are read: kept as a call, the attributes following with BUILD.
  mutating func newObject(of function: Int, _ arguments: Int) throws {
    guard case .global(let module, let name) = nodes[function],
      dialect.isObjectClass(module: module, name: name),
      case .tuple(let items) = nodes[arguments], items.isEmpty
    else { throw fail("refused NEWOBJ of something else than \(dialect.objects)") }
    try push(.call(function: function, arguments: arguments, state: nil))
  }

  mutating func build(state: Int) throws {
    let target = try top()
    switch nodes[target] {
    case .call(let function, let arguments, nil) where takesState(function):
      nodes[target] = .call(function: function, arguments: arguments, state: state)
    case .dictionary where dialect == .torch:
      // Attributes that PyTorch hangs on a state dict (versions of its modules); its items are all there already.
      break
    default:
      throw fail("refused BUILD of something else than \(dialect.stateful)")
    }
  }

  private func takesState(_ function: Int) -> Bool {
    guard case .global(let module, let name) = nodes[function] else { return false }
    return dialect.isObjectClass(module: module, name: name)
      || ["_reconstruct", "dtype"].contains(name)
  }
}
