import Core
import Foundation
import TestSupport
import Testing

import Archives

@Suite struct ArchiveUnpackerTests {
  private let folder: TemporaryFolder
  private var target: URL { folder.url.appending(path: "data") }

  init() throws { folder = try TemporaryFolder() }

  private func tar(_ members: [Data], name: String = "a.tar") throws -> URL {
    let url = folder.url.appending(path: name)
    try TarBytes.file(members).write(to: url)
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
      TarBytes.member("./"), TarBytes.member("set/", type: "5"),
      TarBytes.member("./set/a.txt", "one"),
      TarBytes.member("set/deep/b.txt", "three"), TarBytes.member("empty", type: "5"),
      TarBytes.member("link", type: "2", link: "/etc/passwd"),
      TarBytes.member("hard", type: "1", link: "set/a.txt"),
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
    let archive = try tar([TarBytes.member("good.txt", "x"), TarBytes.member(name, "evil")])
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
      TarBytes.member("out", type: "2", link: ".."), TarBytes.member("out/evil.txt", "evil"),
    ])
    let unpacked = try ArchiveUnpacker().unpack(archive, into: target)
    #expect(unpacked.leftOut == ["out"] && text("out/evil.txt") == "evil")
    #expect(!FileManager.default.fileExists(atPath: folder.url.appending(path: "evil.txt").path))
  }

  @Test func damageLeavesNothing() throws {
    let whole = try Data(
      contentsOf: tar([
        TarBytes.member("a", "x"), TarBytes.member("b", String(repeating: "y", count: 2000)),
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
    let archive = try tar([TarBytes.member("a", "12345"), TarBytes.member("b", "12345")])
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
    let archive = try tar([TarBytes.member("a", "12345")])
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
