import Core
import Foundation
import Testing

import TensorFiles

@Suite struct GzipTests {
  /// `printf 'hello\nworld\n' | gzip -n`.
  private let hello = Data([
    0x1F, 0x8B, 0x08, 0, 0, 0, 0, 0, 0, 0x03, 0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0xE7, 0x2A, 0xCF, 0x2F,
    0xCA, 0x49, 0xE1, 0x02, 0, 0xFF, 0x5D, 0xC5, 0xC4, 0x0C, 0, 0, 0,
  ])
  /// `printf '' | gzip -n`.
  private let empty = Data([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0])

  @Test func decompresses() throws {
    #expect(Gzip.isCompressed(hello))
    #expect(try Gzip.decompress(hello, limit: 12) == Data("hello\nworld\n".utf8))
    #expect(try Gzip.decompress(empty, limit: 0) == Data())
    let both = try Gzip.decompress(hello + hello, limit: 100)
    #expect(both == Data("hello\nworld\nhello\nworld\n".utf8))
  }

  @Test func crcIsTheStandards() {
    #expect(Gzip.crc32(Data("123456789".utf8)) == 0xCBF4_3926)
  }

  @Test func contentAboveTheLimitIsRefused() {
    let error = #expect(throws: EvalError.self) {
      try Gzip.decompress(hello, limit: 11, subject: "a.gz")
    }
    #expect(error?.message.contains("limit of 11") == true)
    #expect(error?.subject == "a.gz")
  }

  @Test func damageIsNoticed() throws {
    #expect(!Gzip.isCompressed(Data("plain".utf8)))
    #expect(throws: EvalError.self) { try Gzip.decompress(Data("plain".utf8), limit: 100) }
    for count in 0..<hello.count {
      #expect(throws: EvalError.self, "\(count) bytes") {
        try Gzip.decompress(hello.prefix(count), limit: 100)
      }
    }
    for position in [12, 18, hello.count - 8, hello.count - 2] {
      var damaged = hello
      damaged[position] ^= 0x41
      #expect(throws: EvalError.self, "byte \(position)") {
        try Gzip.decompress(damaged, limit: 100)
      }
    }
  }
}
