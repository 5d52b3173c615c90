import Core
import Foundation
import TestSupport
import Testing

import Archives

@Suite struct ArchiveUnpackerTests {
  private let folder: TemporaryFolder
  private var target: URL { folder.url.appending(path: "data") }

  init() throws { folder = try TemporaryFolder() }

  /// One member of a ustar file, written here byte by byte, so that it may be as wrong as a test wants.
  private static func member(
    _ name: String, _ content: String = "", type: Character = "0", link: String = ""
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
    put(octal(content.utf8.count, 11), at: 124)
    put(octal(0, 11), at: 136)
    put("        ", at: 148)
    put(String(type), at: 156)
    put(link, at: 157)
    put("ustar\u{0}00", at: 257)
    put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\u{0} ", at: 148)
    var data = Data(header) + Data(content.utf8)
    data.append(Data(count: (512 - content.utf8.count % 512) % 512))
    return data
  }

  private func tar(_ members: [Data], name: String = "a.tar") throws -> URL {
    let url = folder.url.appending(path: name)
    try (members.reduce(Data(), +) + Data(count: 1024)).write(to: url)
    return url
  }

  private func text(_ path: String) -> String? {
    try? String(contentsOf: target.appending(path: path), encoding: .utf8)
  }

  private func contents() -> [String] {
    ((try? FileManager.default.subpathsOfDirectory(atPath: target.path)) ?? []).sorted()
  }

  @Test func filesAndFolders() throws {
    let archive = try tar([
      Self.member("./"), Self.member("set/", type: "5"), Self.member("./set/a.txt", "one"),
      Self.member("set/deep/b.txt", "three"), Self.member("empty", type: "5"),
      Self.member("link", type: "2", link: "/etc/passwd"),
      Self.member("hard", type: "1", link: "set/a.txt"),
    ])
    try FileManager.default.createDirectory(
      at: target.appending(path: "set"), withIntermediateDirectories: true)
    try Data("old".utf8).write(to: target.appending(path: "set/a.txt"))
    try Data("kept".utf8).write(to: target.appending(path: "set/own.txt"))
    var told = 0
    let unpacked = try ArchiveUnpacker().unpack(archive, into: target) { told += $0 }
    #expect(unpacked.files == 2 && unpacked.bytes == 8 && told == 8)
    #expect(unpacked.leftOut == ["link", "hard"])
    #expect(text("set/a.txt") == "one" && text("set/own.txt") == "kept")
    #expect(
      contents() == ["empty", "set", "set/a.txt", "set/deep", "set/deep/b.txt", "set/own.txt"])
    // Once more changes nothing.
    #expect(try ArchiveUnpacker().unpack(archive, into: target) == unpacked)
  }

  /// Nothing of an archive that leads outside is put in place, and nothing outside is touched.
  @Test(arguments: ["../evil.txt", "set/../../evil.txt", "/tmp/clip-eval-evil.txt", ".."])
  func noWayOut(_ name: String) throws {
    let archive = try tar([Self.member("good.txt", "x"), Self.member(name, "evil")])
    let error = #expect(throws: EvalError.self) {
      try ArchiveUnpacker().unpack(archive, into: target)
    }
    #expect(error?.kind == .malformedData && error?.message.contains("outside") == true)
    #expect(contents().isEmpty)
    #expect(!FileManager.default.fileExists(atPath: folder.url.appending(path: "evil.txt").path))
    #expect(!FileManager.default.fileExists(atPath: "/tmp/clip-eval-evil.txt"))
  }

  /// A link and then a file below it: the link is not made, so the file is where it should be.
  @Test func noWayThroughALink() throws {
    let archive = try tar([
      Self.member("out", type: "2", link: ".."), Self.member("out/evil.txt", "evil"),
    ])
    let unpacked = try ArchiveUnpacker().unpack(archive, into: target)
    #expect(unpacked.leftOut == ["out"] && text("out/evil.txt") == "evil")
    #expect(!FileManager.default.fileExists(atPath: folder.url.appending(path: "evil.txt").path))
  }

  @Test func damageLeavesNothing() throws {
    let whole = try Data(
      contentsOf: tar([
        Self.member("a", "x"), Self.member("b", String(repeating: "y", count: 2000)),
      ]))
    let archive = folder.url.appending(path: "short.tar")
    try whole.prefix(1700).write(to: archive)
    let error = #expect(throws: EvalError.self) {
      try ArchiveUnpacker().unpack(archive, into: target)
    }
    #expect(error?.kind == .malformedData && contents().isEmpty)
    try Data("no archive at all".utf8).write(to: archive)
    #expect(throws: EvalError.self) { try ArchiveUnpacker().unpack(archive, into: target) }
    try Data(count: 1024).write(to: archive)
    #expect(throws: EvalError.self) { try ArchiveUnpacker().unpack(archive, into: target) }
  }

  @Test func limits() throws {
    let archive = try tar([Self.member("a", "12345"), Self.member("b", "12345")])
    for limits in [
      ArchiveUnpacker.Limits(files: 1), ArchiveUnpacker.Limits(bytes: 9),
    ] {
      let error = #expect(throws: EvalError.self) {
        try ArchiveUnpacker(limits: limits).unpack(archive, into: target)
      }
      #expect(error?.message.contains("more than") == true && contents().isEmpty)
    }
    #expect(
      try ArchiveUnpacker(limits: .init(files: 2, bytes: 10)).unpack(archive, into: target).files
        == 2)
  }

  @Test func interruption() throws {
    let archive = try tar([Self.member("a", "12345")])
    let error = #expect(throws: EvalError.self) {
      try ArchiveUnpacker(shouldStop: { true }).unpack(archive, into: target)
    }
    #expect(error?.kind == .interrupted && contents().isEmpty)
  }

  /// By `printf hello | gzip -n`.
  @Test func oneCompressedFile() throws {
    let gzip = "H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA=="
    let archive = folder.url.appending(path: "x.h5.gz")
    try #require(Data(base64Encoded: gzip)).write(to: archive)
    #expect(try ArchiveUnpacker().unpackSingle(archive, into: target).bytes == 5)
    #expect(text("x.h5") == "hello" && contents() == ["x.h5"])
  }

  /// A zip of one file, by `zip -X -P secret`.
  @Test func password() throws {
    let archive = TestPaths.fixtures.appending(path: "archives/encrypted.zip")
    let unpacked = try ArchiveUnpacker(password: "secret").unpack(archive, into: target)
    #expect(unpacked.files == 1 && text("a.txt") == "hello")
    let other = target.appending(path: "other")
    #expect(throws: EvalError.self) { try ArchiveUnpacker().unpack(archive, into: other) }
    #expect(throws: EvalError.self) {
      try ArchiveUnpacker(password: "wrong").unpack(archive, into: other)
    }
  }
}
