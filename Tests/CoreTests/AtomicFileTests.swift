import Core
import Foundation
import TestSupport
import Testing

@Suite("Atomic files") struct AtomicFileTests {
  private let folder: TemporaryFolder
  private let url: URL

  init() throws {
    folder = try TemporaryFolder()
    url = folder.url.appending(path: "below/file")
  }

  private var names: [String] {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: url.deletingLastPathComponent().path)
    }
  }

  @Test func replacesTheWhole() throws {
    try AtomicFile.write("a longer text", to: url)
    try AtomicFile.write("short", to: url)
    #expect(try String(contentsOf: url, encoding: .utf8) == "short")
    #expect(try names == ["file"])
  }

  @Test func aFileWhereAFolderShouldBe() throws {
    try AtomicFile.write("x", to: url)
    let error = #expect(throws: EvalError.self) {
      try AtomicFile.createFolder(url.appending(path: "a/b"))
    }
    #expect(error?.kind == .cannotWrite)
    #expect(error?.message == "cannot create this folder: Not a directory")
  }

  @Test func removing() throws {
    try AtomicFile.write("x", to: url)
    try AtomicFile.remove(url.deletingLastPathComponent())
    #expect(!FileManager.default.fileExists(atPath: url.path))
    let error = #expect(throws: EvalError.self) { try AtomicFile.remove(url) }
    #expect(error?.kind == .cannotWrite && error?.subject == url.path)
    #expect(error?.message == "cannot be removed: No such file or directory")
  }

  /// What is written half stays out of sight, and nothing of it is left behind.
  @Test func anErrorKeepsTheOldFile() throws {
    try AtomicFile.write("old", to: url)
    let error = #expect(throws: EvalError.self) {
      try AtomicFile.write(to: url) { descriptor in
        try Data("new, but".utf8).withUnsafeBytes {
          try AtomicFile.writeAll($0, to: descriptor, subject: "test")
        }
        #expect(try String(contentsOf: url, encoding: .utf8) == "old")
        #expect(try names.count == 2)
        throw EvalError(.taskFailed, "stopped")
      }
    }
    #expect(error?.kind == .taskFailed)
    #expect(try String(contentsOf: url, encoding: .utf8) == "old")
    #expect(try names == ["file"])
  }

  /// Two writers of one file, as two processes that share a cache: the result is the file of one of them.
  @Test func writersSideBySide() async throws {
    let url = url
    let texts = (0..<8).map { String(repeating: "\($0)", count: 10_000 + $0) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for text in texts { group.addTask { try AtomicFile.write(text, to: url) } }
      try await group.waitForAll()
    }
    #expect(texts.contains(try String(contentsOf: url, encoding: .utf8)))
    #expect(try names == ["file"])
  }

  @Test func aFileInPlaceOfTheFolder() throws {
    try AtomicFile.write("x", to: url)
    let error = #expect(throws: EvalError.self) {
      try AtomicFile.write("y", to: url.appending(path: "below"))
    }
    #expect(error?.kind == .cannotWrite)
  }

  @Test func mappedBytesAreTheFiles() throws {
    let bytes = Data((0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
    try AtomicFile.write(bytes, to: url)
    let file = try MappedFile(url)
    #expect(Data(file.bytes) == bytes)
    file.release(0..<10_000)
    #expect(Data(file.bytes) == bytes)
    try AtomicFile.write(Data(), to: url)
    #expect(try MappedFile(url).bytes.isEmpty)
    let error = #expect(throws: EvalError.self) { try MappedFile(folder.url) }
    #expect(error?.kind == .notFound)
  }
}
