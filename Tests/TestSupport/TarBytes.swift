package import Foundation

/// Tar files byte by byte, as wrong as a test wants.
package enum TarBytes {
  /// One member of a ustar file.
  package static func member(
    _ name: String, _ content: String = "", type: Character = "0", link: String = ""
  ) -> Data {
    member(name, bytes: Data(content.utf8), type: type, link: link)
  }

  /// The same with content that is no text.
  package static func member(
    _ name: String, bytes: Data, type: Character = "0", link: String = ""
  ) -> Data {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at offset: Int) {
      for (i, byte) in text.utf8.enumerated() { header[offset + i] = byte }
    }
    func octal(_ number: Int, _ width: Int) -> String {
      let digits = String(number, radix: 8)
      return String(repeating: "0", count: width - digits.count) + digits
    }
    put(name, at: 0)
    put("0000644", at: 100)
    put("0000000", at: 108)
    put("0000000", at: 116)
    put(octal(bytes.count, 11), at: 124)
    put(octal(0, 11), at: 136)
    put("        ", at: 148)
    put(String(type), at: 156)
    put(link, at: 157)
    put("ustar\u{0}00", at: 257)
    put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\u{0} ", at: 148)
    var data = Data(header) + bytes
    data.append(Data(count: (512 - bytes.count % 512) % 512))
    return data
  }

  package static func file(_ members: [Data]) -> Data {
    members.reduce(Data(), +) + Data(count: 1024)
  }
}
