import Foundation
import TestSupport

/// Small files that ask for much.
extension HostilePickles {
  static let bombs: [HostileFile] = [
    file("2⁶⁰ ways to the bottom", "objects, counted by the ways to reach them") {
      P.join(P.ops(")"), P.repeated(60, P.ops("2\u{86}")), P.ops("."))
    },
    file("lists of a thousand of each other", "objects, counted by the ways to reach them") {
      let list = P.join(P.ops("q\u{0}0]("), P.repeated(1000, P.ops("h\u{0}")), P.ops("e"))
      return P.join(P.ops("]"), P.repeated(20, list), P.ops("."))
    },
    file("100 000 tuples deep", "objects nest deeper than 64") {
      P.join(P.ops(")"), P.repeated(100_000, [0x85]), P.ops("."))
    },
    file("100 000 marks deep", "holds no tensors") {
      P.join(
        P.ops("}"), P.repeated(100_000, P.ops("(")), P.repeated(100_000, P.ops("1")), P.ops("."))
    },
    file("a dictionary in itself", "objects nest deeper than 64") {
      P.join(P.ops("}q\u{0}"), P.text("x"), P.ops("h\u{0}s."))
    },
    file("a dictionary twice in itself", "objects nest deeper than 64") {
      P.join(P.ops("}q\u{0}("), P.text("x"), P.ops("h\u{0}"), P.text("y"), P.ops("h\u{0}u."))
    },
    file("a list in itself", "objects nest deeper than 64") { P.ops("]q\u{0}h\u{0}a.") },
    file("names that grow", "a name longer than 512 bytes") {
      let key = P.text(String(repeating: "n", count: 200))
      let nested = P.join(P.ops("q\u{0}0}"), key, P.ops("h\u{0}s"))
      return P.join(P.ops("N"), P.repeated(4, nested), P.ops("."))
    },
    file("16 MB of marks", "more than 1000000 marks") { P.repeated(16 << 20, P.ops("(")) },
    file("16 MB of MEMOIZE", "more than 1000000 memo entries") {
      P.join(P.ops("N"), P.repeated(16_000_000, [0x94]))
    },
    file("16 MB of None", "more than 1000000 objects") { P.repeated(16 << 20, P.ops("N")) },
    file("16 MB of DUP", "more than 1000000 objects") {
      P.join(P.ops("N"), P.repeated(16_000_000, P.ops("2")))
    },
    file("a list of five million times itself", "objects, counted by the ways to reach them") {
      P.join(P.ops("]q\u{0}"), P.repeated(5_000_000, P.ops("h\u{0}a")), P.ops("."))
    },
    file("a text of 1 MB encoded 100 000 times", "more byte strings than the file has bytes") {
      let functions = P.join(
        P.text(String(repeating: "n", count: 1 << 20)), P.ops("q\u{0}"),
        P.global("_codecs", "encode"), P.ops("q\u{1}"), P.text("latin1"), P.ops("q\u{2}"))
      return P.join(
        functions, P.repeated(100_000, P.ops("h\u{1}h\u{0}h\u{2}\u{86}R0")), P.ops("."))
    },
    file(
      "a storage of 4 MB as a thousand tensors", "its tensors share storages",
      storage: Data(count: 4 << 20)
    ) {
      let count = P.int(1 << 20)
      let tensor = P.tensor(storage: P.storage(count: count), shape: P.tuple(count))
      let others = (1..<1000).map { P.join(P.text("\($0)"), P.ops("h\u{9}s")) }
      return P.join(
        P.ops("}"), P.text("0"), tensor, P.ops("q\u{9}s"), Array(others.joined()), P.ops("."))
    },
    file("200 000 dimensions", "offset, shape and strides do not describe") {
      let many = P.join(P.ops("("), P.repeated(200_000, [0x4b, 1]), P.ops("t"))
      return P.dictionary("x", P.tensor(shape: many, strides: many))
    },
  ]
}
