/// Python's name of a pickle opcode that is not read, for error messages.
func pickleOpcodeName(_ opcode: UInt8) -> String {
  let names: [UInt8: String] = [
    UInt8(ascii: "P"): "PERSID", UInt8(ascii: "Q"): "BINPERSID", UInt8(ascii: "i"): "INST",
    UInt8(ascii: "o"): "OBJ", UInt8(ascii: "S"): "STRING", UInt8(ascii: "V"): "UNICODE",
    UInt8(ascii: "p"): "PUT", UInt8(ascii: "g"): "GET", UInt8(ascii: "F"): "FLOAT", 0x81: "NEWOBJ",
    0x92: "NEWOBJ_EX", 0x82: "EXT1", 0x83: "EXT2",
    0x84: "EXT4", 0x8b: "LONG4", 0x8f: "EMPTY_SET", 0x90: "ADDITEMS", 0x91: "FROZENSET",
    0x96: "BYTEARRAY8", 0x97: "NEXT_BUFFER", 0x98: "READONLY_BUFFER",
  ]
  let hex = "0x" + String(opcode, radix: 16)
  return names[opcode].map { "\($0) (\(hex))" } ?? hex
}
