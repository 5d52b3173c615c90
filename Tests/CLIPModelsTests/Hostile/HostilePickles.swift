import Foundation
import TestSupport

/// Archives whose pickle would run code, or ask for time and memory, in a reader that did as it says.
enum HostilePickles {
  typealias P = PickleBytes

  static func file(
    _ name: String, _ complaint: String, storage: Data = Data([0, 0, 128, 63]),
    _ pickle: @escaping @Sendable () -> [UInt8]
  ) -> HostileFile {
    HostileFile("pickle: \(name)", .refused(complaint), opened: "model.pt") {
      [
        "model.pt": StoredZip([
          .init("a/data.pkl", Data(pickle())), .init("a/data/0", storage),
        ]).encoded()
      ]
    }
  }

  /// A state dict of one value.
  private static func value(_ name: String, _ complaint: String, _ value: [UInt8]) -> HostileFile {
    file(name, complaint) { P.dictionary("x", value) }
  }

  static let all: [HostileFile] = [globals, calls, opcodes, storages, shapes, bombs].flatMap { $0 }

  private static let globals: [HostileFile] = {
    let names = [
      ("os", "system"), ("posix", "system"), ("builtins", "eval"), ("__builtin__", "exec"),
      ("subprocess", "Popen"), ("builtins", "getattr"), ("torch", "load"), ("torch.hub", "load"),
      ("torch._utils", "_rebuild_sparse_tensor"), ("torch", "ComplexFloatStorage"),
      ("numpy.core.multiarray", "_reconstruct"), ("collections", "defaultdict"), ("", ""),
      ("__torch__x", "M"), ("torch.storage", "_load_from_bytes"),
    ]
    return names.map { module, name in
      // The offset is that of GLOBAL: after PROTO 2, EMPTY_DICT and the key.
      value(
        "\(module).\(name)", "byte 9: refused global \(module).\(name)",
        P.join(P.global(module, name), P.tuple(P.text("true")), P.ops("R")))
    }
  }()

  private static let calls: [HostileFile] = [
    value(
      "STACK_GLOBAL", "refused global os.system", P.join(P.text("os"), P.text("system"), [0x93])),
    value(
      "STACK_GLOBAL of numbers", "STACK_GLOBAL without two strings", [0x4b, 1, 0x4b, 1, 0x93]),
    value("INST", "refused opcode INST (0x69)", P.ops("(ios\nsystem\n")),
    value("OBJ", "refused opcode OBJ (0x6f)", P.join(P.ops("("), P.text("x"), P.ops("o"))),
    value(
      "NEWOBJ", "refused NEWOBJ of something else",
      P.join(P.global("torch", "Size"), P.ops(")"), [0x81])),
    value(
      "NEWOBJ_EX", "refused opcode NEWOBJ_EX (0x92)",
      P.join(P.global("torch", "Size"), P.ops(")}"), [0x92])),
    value("EXT1", "refused opcode EXT1 (0x82)", [0x82, 1]),
    value("EXT2", "refused opcode EXT2 (0x83)", [0x83, 1, 0]),
    value("EXT4", "refused opcode EXT4 (0x84)", [0x84, 1, 0, 0, 0]),
    value("PERSID", "refused opcode PERSID (0x50)", P.ops("Pos.system\n")),
    value("REDUCE of a tuple", "refused REDUCE", P.ops("))R")),
    value(
      "REDUCE without arguments", "refused REDUCE",
      P.join(P.global("collections", "OrderedDict"), P.ops("]R"))),
    value(
      "a call of a storage type", "refused call of torch.FloatStorage",
      P.join(P.global("torch", "FloatStorage"), P.ops(")R"))),
    value(
      "OrderedDict with arguments", "with arguments",
      P.join(P.global("collections", "OrderedDict"), P.tuple(P.ops("]")), P.ops("R"))),
    value("BUILD on a list", "refused BUILD", P.ops("]}b")),
    value("BUILD on a tensor", "refused BUILD", P.join(P.tensor(), P.ops("}b"))),
    value("BUILD on None", "refused BUILD", P.ops("N}b")),
    value(
      "another codec", "with other arguments than (text, 'latin1')",
      P.join(P.global("_codecs", "encode"), P.tuple(P.text("x"), P.text("rot13")), P.ops("R"))),
  ]

  private static let opcodes: [HostileFile] = [
    value("LONG4 of 2 GiB", "refused opcode LONG4 (0x8b)", [0x8b, 0xff, 0xff, 0xff, 0x7f]),
    value(
      "LONG1 of 255 bytes", "an integer of 255 bytes",
      P.join([0x8a, 255], [UInt8](repeating: 1, count: 255))),
    value(
      "BINUNICODE of 4 GB", "expected 4294967295 more bytes",
      P.join(P.ops("X"), [255, 255, 255, 255])),
    value("BINUNICODE8 of 2⁶³", "a length beyond any file", [0x8d, 0, 0, 0, 0, 0, 0, 0, 0x80]),
    value(
      "BINUNICODE8 of 2⁶³ − 1", "expected 9223372036854775807 more bytes",
      P.join([0x8d], [UInt8](repeating: 255, count: 7), [0x7f])),
    value(
      "BINBYTES8 of 2⁶²", "expected 4611686018427387904 more bytes",
      [0x8e, 0, 0, 0, 0, 0, 0, 0, 0x40]),
    value(
      "BINSTRING of −1 bytes", "BINSTRING of negative length",
      P.join(P.ops("T"), [255, 255, 255, 255])),
    value(
      "BYTEARRAY8", "refused opcode BYTEARRAY8 (0x96)",
      P.join([0x96], [UInt8](repeating: 255, count: 8))),
    value("NEXT_BUFFER", "refused opcode NEXT_BUFFER (0x97)", [0x97]),
    value("an opcode that there is not", "refused opcode 0xff", [0xff]),
    value(
      "text that is not UTF-8", "a string that is not UTF-8",
      P.join(P.ops("X"), [1, 0, 0, 0, 0xff])),
    value("INT of letters", "is not a 64-bit integer", P.ops("Iten\n")),
    value(
      "LONG of 40 digits", "is not a 64-bit integer",
      P.ops("L" + String(repeating: "9", count: 40) + "L\n")),
    value(
      "a line without end", "expected a line of text",
      P.ops("I" + String(repeating: "1", count: 5000))),
    value("GET of nothing", "memo entry 7 is not set", P.join(P.ops("h"), [7])),
    value("POP below a mark", "nothing on the stack", P.ops("(0")),
    value("POP_MARK without a mark", "POP_MARK without a mark", P.ops("1")),
    value("TUPLE without a mark", "no mark for this opcode", P.ops("t")),
    value("APPEND to a dictionary", "APPEND to what is no list", P.ops("}Na")),
    value("SETITEM on a list", "SETITEM on what is no dictionary", P.ops("]NNs")),
    value("a key without a value", "a dictionary key without a value", P.ops("(Nd")),
    value("TUPLE3 of two", "nothing on the stack", P.join(P.ops("(NN"), [0x87])),
    file("protocol 5", "expected pickle protocol 1 to 4, found 5") {
      P.join([0x80, 5], P.ops("}."))
    },
    file("STOP at once", "STOP with nothing on the stack") { P.ops(".") },
    file("no STOP", "the pickle ends without STOP") { P.ops("}") },
    // FRAME is a hint for buffering, whatever it claims.
    file("FRAME of 2⁶⁴ − 1 bytes", "holds no tensors") {
      P.join([0x80, 4, 0x95], [UInt8](repeating: 255, count: 8), P.ops("}."))
    },
    file("no dictionary", "holds no tensors") { P.join(P.protocol2, P.ops("N.")) },
    file("a key that is no string", "a key below the root is no string") { P.ops("}NNs.") },
    file("a module without attributes", "has no dictionary of attributes") {
      P.join(P.protocol2, P.global("__torch__", "M"), P.ops(")"), [0x81], P.ops("."))
    },
    file("a tensor as the root", "not those of a whole CLIP") {
      P.join(P.protocol2, P.tensor(), P.ops("."))
    },
    file("two tensors of one name", "two tensors are called x") {
      P.join(
        P.protocol2, P.ops("}("), P.text("x"), P.tensor(), P.text("x"), P.tensor(), P.ops("u."))
    },
  ]

  private static func tensor(_ name: String, _ complaint: String, _ value: [UInt8]) -> HostileFile {
    self.value("tensor, \(name)", complaint, value)
  }

  private static let storages: [HostileFile] = [
    tensor(
      "persistent id that is text", "expected a storage id",
      P.tensor(storage: P.join(P.text("0"), P.ops("Q")))),
    tensor(
      "persistent id of two", "expected a storage id",
      P.tensor(storage: P.join(P.tuple(P.text("storage"), P.text("0")), P.ops("Q")))),
    tensor(
      "persistent id in itself", "expected a storage id",
      P.tensor(storage: P.join(P.storage(), P.ops("Q")))),
    tensor(
      "a module's id", "expected a storage id",
      P.tensor(
        storage: P.join(
          P.tuple(
            P.text("module"), P.global("torch", "FloatStorage"), P.text("0"), P.text("cpu"),
            P.int(1)), P.ops("Q")))),
    tensor(
      "a storage of a dtype", "expected a storage id", P.tensor(storage: P.storage(type: "float32"))
    ),
    tensor(
      "a storage of 2⁶² elements",
      "its storage claims 4611686018427387904 elements of F32, the entry data/0 has 4 bytes",
      P.tensor(storage: P.storage(count: P.int(1 << 62)))),
    tensor(
      "a storage of −1 elements", "expected a storage id",
      P.tensor(storage: P.storage(count: P.int(-1)))),
    tensor(
      "a storage of text elements", "expected a storage id",
      P.tensor(storage: P.storage(count: P.text("1")))),
    tensor(
      "a larger element than stored", "its storage claims 1 elements of F64",
      P.tensor(storage: P.storage(type: "DoubleStorage"))),
    tensor(
      "a storage that is not there", "the archive has no entry data/1",
      P.tensor(storage: P.storage(key: "1"))),
    tensor(
      "a storage elsewhere", "the archive has no entry data/../data.pkl",
      P.tensor(storage: P.storage(key: "../data.pkl"))),
    tensor(
      "a storage of a long name", "the archive has no entry data/kkk",
      P.tensor(storage: P.storage(key: String(repeating: "k", count: 200)))),
    tensor("no storage", "expected a storage id", P.tensor(storage: P.ops("N"))),
    tensor(
      "a parameter of nothing", "a parameter without its tensor",
      P.join(P.global("torch._utils", "_rebuild_parameter"), P.ops(")R"))),
    tensor(
      "a parameter of a parameter", "expected _rebuild_tensor_v2",
      P.join(
        P.global("torch._utils", "_rebuild_parameter"),
        P.tuple(
          P.join(
            P.global("torch._utils", "_rebuild_parameter"), P.tuple(P.ops("N"), P.ops("N")),
            P.ops("R")), P.ops("N")), P.ops("R"))),
    tensor(
      "without arguments", "expected _rebuild_tensor_v2",
      P.join(P.global("torch._utils", "_rebuild_tensor_v2"), P.ops(")R"))),
  ]

  private static func shape(
    _ name: String, _ complaint: String, offset: Int = 0, _ shape: [Int], _ strides: [Int]
  ) -> HostileFile {
    func tuple(_ values: [Int]) -> [UInt8] { P.join(P.ops("("), values.flatMap(P.int), P.ops("t")) }
    return tensor(
      name, complaint, P.tensor(offset: P.int(offset), shape: tuple(shape), strides: tuple(strides))
    )
  }

  private static let shapes: [HostileFile] = [
    shape("negative offset", "offset, shape and strides do not describe", offset: -1, [1], [1]),
    shape("offset 2⁶³ − 1", "needs 1 elements, its storage has 1", offset: .max, [1], [1]),
    shape("more than stored", "needs 2 elements, its storage has 1", [2], [1]),
    shape("negative size", "offset, shape and strides do not describe", [-1], [1]),
    shape("size of −2⁶³", "offset, shape and strides do not describe", [.min], [1]),
    shape("negative stride", "offset, shape and strides do not describe", [1], [-1]),
    shape("a product of 2⁶⁴", "the impossible shape", [1 << 32, 1 << 32], [1 << 32, 1]),
    shape("a product of 2⁸⁰", "the impossible shape", [1 << 40, 1 << 40], [1 << 40, 1]),
    shape("expanded to 2⁶²", "its elements share memory", [1 << 62], [0]),
    shape("overlapping rows", "its elements share memory", [2, 2], [1, 1]),
    shape("strides of 2⁶²", "the impossible strides", [3, 3], [1, 1 << 62]),
    shape("a stride of 2⁶³ − 1", "needs", [2], [.max - 1]),
    shape("fewer strides", "offset, shape and strides do not describe", [1, 1], [1]),
    shape(
      "17 dimensions", "offset, shape and strides do not describe",
      [Int](repeating: 1, count: 17), [Int](repeating: 1, count: 17)),
    tensor(
      "a shape of text", "offset, shape and strides do not describe",
      P.tensor(shape: P.tuple(P.text("1")))),
    tensor(
      "a shape of lists", "offset, shape and strides do not describe",
      P.tensor(shape: P.tuple(P.ops("]")))),
    tensor(
      "a shape that is a number", "offset, shape and strides do not describe",
      P.tensor(shape: P.int(1))),
    tensor(
      "an offset of 0.5", "offset, shape and strides do not describe",
      P.tensor(offset: P.join(P.ops("G"), [0x3f, 0xe0, 0, 0, 0, 0, 0, 0]))),
  ]
}
