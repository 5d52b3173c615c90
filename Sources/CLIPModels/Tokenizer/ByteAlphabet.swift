/// The 256 printable characters that byte-level BPE writes bytes with (GPT-2's `bytes_to_unicode`): bytes that
/// print in Latin-1 stand for themselves, the others are numbered upwards from U+0100.
package enum ByteAlphabet {
  /// Marks the last symbol of a word.
  package static let endOfWord: [UInt8] = Array("</w>".utf8)

  /// Bytes in the order in which they take ids 0…255 of the vocabulary: printing ones first.
  package static let bytesInVocabularyOrder: [UInt8] = {
    let printing: [UInt8] = Array(0x21...0x7E) + Array(0xA1...0xAC) + Array(0xAE...0xFF)
    let isPrinting = Set(printing)
    return printing + (0...255).filter { !isPrinting.contains($0) }
  }()

  /// Character of each byte, indexed by the byte.
  package static let characters: [Unicode.Scalar] = {
    var table = [Unicode.Scalar](repeating: " ", count: 256)
    var next: UInt32 = 0x100
    for (order, byte) in bytesInVocabularyOrder.enumerated() {
      if order < 188 {
        table[Int(byte)] = Unicode.Scalar(byte)
      } else if let scalar = Unicode.Scalar(next) {
        table[Int(byte)] = scalar
        next += 1
      }
    }
    return table
  }()

  /// Byte of each character, indexed by the character's code point; all of them are below U+0144.
  private static let bytes: [UInt8?] = {
    var table = [UInt8?](repeating: nil, count: 0x144)
    for (byte, character) in characters.enumerated() {
      table[Int(character.value)] = UInt8(byte)
    }
    return table
  }()

  /// The byte that a character stands for; nil outside the alphabet.
  package static func byte(of character: Unicode.Scalar) -> UInt8? {
    character.value < 0x144 ? bytes[Int(character.value)] : nil
  }

  /// UTF-8 of the character of a byte: how a one-byte token is spelt in a vocabulary.
  package static func spelling(of byte: UInt8) -> [UInt8] {
    Array(String(Character(characters[Int(byte)])).utf8)
  }
}
