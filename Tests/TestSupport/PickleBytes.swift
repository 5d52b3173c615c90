/// Pickles written opcode by opcode, for files that no pickler would write.
package enum PickleBytes {
  package static let protocol2: [UInt8] = [0x80, 2]

  /// One after the other: chains of `+` take the compiler minutes.
  package static func join(_ parts: [UInt8]...) -> [UInt8] { Array(parts.joined()) }

  package static func repeated(_ count: Int, _ part: [UInt8]) -> [UInt8] {
    Array([[UInt8]](repeating: part, count: count).joined())
  }

  /// Opcodes as pickletools prints their codes, arguments in their place: `ops("(t.")`.
  package static func ops(_ text: String) -> [UInt8] {
    text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
  }

  /// BINUNICODE
  package static func text(_ text: String) -> [UInt8] {
    let count = text.utf8.count
    let length: [UInt8] = (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
    return join([0x58], length, Array(text.utf8))
  }

  /// LONG1 of eight bytes.
  package static func int(_ value: Int) -> [UInt8] {
    let bytes: [UInt8] = (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    return join([0x8a, 8], bytes)
  }

  /// GLOBAL
  package static func global(_ module: String, _ name: String) -> [UInt8] {
    ops("c\(module)\n\(name)\n")
  }

  package static func tuple(_ items: [UInt8]...) -> [UInt8] {
    join(ops("("), Array(items.joined()), ops("t"))
  }

  /// The persistent id of a storage, with BINPERSID.
  package static func storage(
    type: String = "FloatStorage", key: String = "0", count: [UInt8] = int(1)
  ) -> [UInt8] {
    let id = tuple(text("storage"), global("torch", type), text(key), text("cpu"), count)
    return join(id, ops("Q"))
  }

  /// `torch._utils._rebuild_tensor_v2(storage, offset, shape, strides, False, OrderedDict())`
  package static func tensor(
    storage: [UInt8] = storage(), offset: [UInt8] = int(0), shape: [UInt8] = tuple(int(1)),
    strides: [UInt8] = tuple(int(1))
  ) -> [UInt8] {
    let hooks = join(global("collections", "OrderedDict"), ops(")R"))
    return join(
      global("torch._utils", "_rebuild_tensor_v2"),
      tuple(storage, offset, shape, strides, [0x89], hooks), ops("R"))
  }

  /// A dictionary of one item, from the start of the pickle to STOP.
  package static func dictionary(_ key: String, _ value: [UInt8]) -> [UInt8] {
    join(protocol2, ops("}"), text(key), value, ops("s."))
  }
}
