import Core
import Downloads
import Foundation
import Synchronization
import TestSupport
import Testing

/// Downloads from a server on this machine that misbehaves in every way a test can think of. Here: whole files, broken
/// connections, and what may be glued to what.
@Suite struct DownloaderTests {
  let folder: TemporaryFolder
  let waits = Waits()

  init() throws { folder = try TemporaryFolder() }

  /// Bytes without a pattern, of a length that no buffer divides.
  static func bytes(_ count: Int = 300_007, seed: UInt64 = 1) -> Data {
    var state = seed
    return Data(
      (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 33)
      })
  }

  /// Seconds that a downloader would have waited, and what it told.
  final class Waits: Sendable {
    let seconds = Mutex<[Double]>([])
    let notices = Mutex<[String]>([])
  }

  func downloader(retries: Int = 5, free: Int? = nil) -> Downloader {
    let waits = waits
    return Downloader(
      policy: RetryPolicy(
        retries: retries, wait: { second in waits.seconds.withLock { $0.append(second) } },
        notice: { text in waits.notices.withLock { $0.append(text) } }, shouldStop: { false }),
      freeBytes: { _ in free })
  }

  var destination: URL { folder.url.appending(path: "models/RN50.pt") }

  func download(
    _ server: HTTPTestServer, sha256 data: Data? = nil, size: Int? = nil
  ) -> Download {
    Download(
      address: server.address + "/RN50.pt", destination: destination,
      sha256: data.map { SHA256.hash($0) }, size: size)
  }

  var left: [String] {
    ((try? FileManager.default.contentsOfDirectory(
      atPath: folder.url.appending(path: "models").path))
      ?? []).sorted()
  }

  func failure(
    _ server: HTTPTestServer, retries: Int = 5, free: Int? = nil, sha256: Data? = nil,
    size: Int? = nil
  ) throws -> EvalError {
    try #require(
      #expect(throws: EvalError.self) {
        try downloader(retries: retries, free: free).fetch(
          download(server, sha256: sha256, size: size), progress: SilentProgress())
      })
  }

  @Test("A whole file, fetched once; the second time it is there")
  func whole() throws {
    let file = Self.bytes()
    let server = try HTTPTestServer { request, _ in .file(file, for: request, tag: "\"a\"") }
    let first = try downloader().fetch(
      download(server, sha256: file), progress: SilentProgress())
    #expect(try Data(contentsOf: destination) == file)
    #expect(first.bytes == file.count && first.sha256 == SHA256.hash(file) && first.verified)
    #expect(first.resumed == 0 && !first.wasPresent)
    #expect(left == ["RN50.pt"])
    let second = try downloader().fetch(download(server), progress: SilentProgress())
    #expect(second.wasPresent && !second.verified && second.sha256 == first.sha256)
    #expect(server.requests.count == 1)
    #expect(server.requests[0].fields["accept-encoding"] == "identity")
  }

  @Test("An empty file is a file")
  func empty() throws {
    let server = try HTTPTestServer { _, _ in .init(200) }
    let file = try downloader().fetch(
      download(server, sha256: Data()), progress: SilentProgress())
    #expect(file.bytes == 0)
    #expect(try Data(contentsOf: destination).isEmpty)
  }

  @Test("A connection that breaks is continued where it broke, and nothing is fetched twice")
  func brokenConnection() throws {
    let file = Self.bytes()
    let server = try HTTPTestServer { request, number in
      let response = HTTPTestServer.Response.file(file, for: request, tag: "\"a\"")
      return number < 2 ? response.cut(after: 100_000) : response
    }
    let result = try downloader().fetch(download(server, sha256: file), progress: SilentProgress())
    #expect(try Data(contentsOf: destination) == file)
    #expect(result.sha256 == SHA256.hash(file))
    #expect(server.requests.map(\.rangeStart) == [nil, 100_000, 200_000])
    #expect(server.requests.map { $0.fields["if-range"] } == [nil, "\"a\"", "\"a\""])
    #expect(server.sentBytes == [100_000, 100_000, 100_007])
    #expect(waits.seconds.withLock { $0 } == [1, 2])
  }

  @Test("What an earlier process left is continued by the next")
  func resumed() throws {
    let file = Self.bytes()
    let server = try HTTPTestServer { request, number in
      let response = HTTPTestServer.Response.file(file, for: request, tag: "\"a\"")
      return number == 0 ? response.cut(after: 123_456) : response
    }
    let error = try failure(server, retries: 0, sha256: file)
    #expect(error.kind == .incomplete)
    #expect(error.message.contains("123456 of 300007 bytes are kept"))
    #expect(error.remedy?.contains("The same command continues") == true)
    #expect(left == ["RN50.pt.partial", "RN50.pt.partial.json"])
    let result = try downloader().fetch(download(server, sha256: file), progress: SilentProgress())
    #expect(result.resumed == 123_456)
    #expect(try Data(contentsOf: destination) == file)
    #expect(server.sentBytes == [123_456, 300_007 - 123_456])
    #expect(left == ["RN50.pt"])
  }

  @Test("Starting from the beginning is told, and so is that nothing came")
  func restarts() throws {
    let file = Self.bytes()
    let server = try HTTPTestServer { request, number in
      switch number {
      case 0: .init(503)
      case 1: .file(file, for: request, tag: "\"a\"").cut(after: 1000)
      default: .init(200, body: file)
      }
    }
    let nothing = try failure(server, retries: 0, sha256: file)
    #expect(nothing.message.contains("nothing was received"))
    #expect(nothing.remedy?.hasPrefix("The same command tries again.") == true)
    let cut = try failure(server, retries: 0, sha256: file)
    #expect(cut.remedy?.hasPrefix("The same command continues.") == true)
    _ = try downloader().fetch(download(server, sha256: file), progress: SilentProgress())
    #expect(
      waits.notices.withLock { $0 }.contains { $0.contains("starting from the beginning") })
  }

  @Test("A file that is whole but was not renamed is not fetched again")
  func wholePartial() throws {
    let file = Self.bytes()
    let server = try HTTPTestServer { request, _ in .file(file, for: request, tag: "\"a\"") }
    let error = try failure(server, sha256: Self.bytes(seed: 2))
    #expect(error.kind == .malformedData)
    let partial = destination.appendingPathExtension("partial")
    try file.write(to: partial)
    try Data(
      "{\"address\":\"\(server.address)/RN50.pt\",\"total\":300007,\"validator\":\"\\\"a\\\"\"}"
        .utf8
    ).write(to: partial.appendingPathExtension("json"))
    let result = try downloader().fetch(download(server, sha256: file), progress: SilentProgress())
    #expect(result.resumed == 300_007)
    #expect(server.sentBytes.last == 0)
    #expect(try Data(contentsOf: destination) == file)
  }

  @Test("A server that ignores ranges sends the whole file anew")
  func ignoredRange() throws {
    let file = Self.bytes()
    let server = try HTTPTestServer { _, number in
      let response = HTTPTestServer.Response(200, fields: ["ETag": "\"a\""], body: file)
      return number == 0 ? response.cut(after: 50_000) : response
    }
    let result = try downloader().fetch(download(server, sha256: file), progress: SilentProgress())
    #expect(server.requests[1].rangeStart == 50_000)
    #expect(try Data(contentsOf: destination) == file)
    #expect(result.bytes == file.count && result.resumed == 0)
  }

  @Test("A file that changed between two attempts is not glued together")
  func changedTag() throws {
    let (old, new) = (Self.bytes(), Self.bytes(seed: 2))
    let server = try HTTPTestServer { request, number in
      number == 0
        ? HTTPTestServer.Response.file(old, for: request, tag: "\"old\"").cut(after: 70_000)
        : .file(new, for: request, tag: "\"new\"")
    }
    _ = try downloader().fetch(download(server), progress: SilentProgress())
    #expect(server.requests[1].fields["if-range"] == "\"old\"")
    #expect(try Data(contentsOf: destination) == new)
  }

  @Test("Nor where the server ignores If-Range and sends a part of the new file")
  func changedTagIgnored() throws {
    let (old, new) = (Self.bytes(), Self.bytes(seed: 2))
    let server = try HTTPTestServer { request, number in
      var request = request
      request.fields["if-range"] = nil
      return number == 0
        ? HTTPTestServer.Response.file(old, for: request, tag: "\"old\"").cut(after: 70_000)
        : .file(new, for: request, tag: "\"new\"")
    }
    _ = try downloader().fetch(download(server), progress: SilentProgress())
    #expect(server.requests.map(\.rangeStart) == [nil, 70_000, nil])
    #expect(try Data(contentsOf: destination) == new)
  }

  @Test("Without ETag and date, only a hash lets an attempt continue", arguments: [true, false])
  func noValidator(hashKnown: Bool) throws {
    let file = Self.bytes()
    let server = try HTTPTestServer { request, number in
      let response = HTTPTestServer.Response.file(file, for: request)
      return number == 0 ? response.cut(after: 60_000) : response
    }
    _ = try downloader().fetch(
      download(server, sha256: hashKnown ? file : nil), progress: SilentProgress())
    #expect(server.requests.map(\.rangeStart) == [nil, hashKnown ? 60_000 : nil])
    #expect(try Data(contentsOf: destination) == file)
  }

  @Test(
    "A hash that is wrong because of what an earlier process left costs a new start, not an error")
  func staleBeginning() throws {
    let (old, new) = (Self.bytes(), Self.bytes(seed: 2))
    let server = try HTTPTestServer { request, number in
      number == 0
        ? HTTPTestServer.Response.file(old, for: request).cut(after: 60_000)
        : .file(new, for: request)
    }
    #expect(try failure(server, retries: 0, sha256: new).kind == .incomplete)
    let result = try downloader().fetch(download(server, sha256: new), progress: SilentProgress())
    #expect(server.requests.map(\.rangeStart) == [nil, 60_000, nil])
    #expect(result.resumed == 0)
    #expect(try Data(contentsOf: destination) == new)
  }

  @Test("A weak tag promises nothing; the date takes its place")
  func weakTag() throws {
    let file = Self.bytes()
    let date = "Wed, 21 Oct 2015 07:28:00 GMT"
    let server = try HTTPTestServer { request, number in
      var request = request
      if request.fields["if-range"] == date { request.fields["if-range"] = nil }
      var response = HTTPTestServer.Response.file(file, for: request)
      response.fields["ETag"] = "W/\"a\""
      response.fields["Last-Modified"] = date
      return number == 0 ? response.cut(after: 60_000) : response
    }
    _ = try downloader().fetch(download(server), progress: SilentProgress())
    #expect(server.requests[1].fields["if-range"] == date)
    #expect(server.sentBytes == [60_000, 240_007])
    #expect(try Data(contentsOf: destination) == file)
  }

  @Test("Wrong bytes are removed, and both hashes named")
  func wrongBytes() throws {
    let (wanted, sent) = (Self.bytes(), Self.bytes(seed: 2))
    let server = try HTTPTestServer { request, _ in .file(sent, for: request, tag: "\"a\"") }
    let error = try failure(server, sha256: wanted)
    #expect(error.kind == .malformedData)
    #expect(error.message.contains(SHA256.hash(wanted).hex))
    #expect(error.message.contains(SHA256.hash(sent).hex))
    #expect(left.isEmpty)
    #expect(server.requests.count == 1)
  }

  @Test("A file of that name with other content is left alone")
  func otherFile() throws {
    let server = try HTTPTestServer { _, _ in .init(200) }
    try FileManager.default.createDirectory(
      at: destination.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data("mine".utf8).write(to: destination)
    #expect(try failure(server, sha256: Self.bytes()).kind == .malformedData)
    #expect(try failure(server, size: 5).message.contains("expected 5 bytes, found 4"))
    #expect(try Data(contentsOf: destination) == Data("mine".utf8))
    #expect(server.requests.isEmpty)
  }

  @Test(
    "A Content-Range that is not what was asked for is not believed",
    arguments: ["bytes 0-300006/300007", "bytes 60001-300006/300007", "bytes 9-8/7", "", "60000-"])
  func wrongRange(field: String) throws {
    let file = Self.bytes()
    let server = try HTTPTestServer { request, number in
      var response = HTTPTestServer.Response.file(file, for: request, tag: "\"a\"")
      if response.status == 206 { response.fields["Content-Range"] = field }
      return number == 0 ? response.cut(after: 60_000) : response
    }
    _ = try downloader().fetch(download(server), progress: SilentProgress())
    #expect(server.requests.map(\.rangeStart) == [nil, 60_000, nil])
    #expect(try Data(contentsOf: destination) == file)
  }

  @Test("A total that differs between two attempts means another file")
  func otherTotal() throws {
    let file = Self.bytes()
    let server = try HTTPTestServer { request, number in
      var response = HTTPTestServer.Response.file(file, for: request, tag: "\"a\"")
      if response.status == 206 { response.fields["Content-Range"] = "bytes 60000-300006/300008" }
      return number == 0 ? response.cut(after: 60_000) : response
    }
    _ = try downloader().fetch(download(server), progress: SilentProgress())
    #expect(server.requests.map(\.rangeStart) == [nil, 60_000, nil])
    #expect(try Data(contentsOf: destination) == file)
  }

  @Test("Content-Length larger than the body: tried again, then incomplete")
  func shortBody() throws {
    let file = Self.bytes()
    let server = try HTTPTestServer { request, _ in
      guard request.rangeStart == nil else { return .init(500) }
      return .init(
        200, fields: ["Content-Length": "300008", "ETag": "\"a\""], body: file)
    }
    let error = try failure(server, retries: 3)
    #expect(error.kind == .incomplete)
    #expect(error.message.contains("300007 of 300008 bytes are kept"))
    #expect(server.requests.count == 4)
    #expect(!FileManager.default.fileExists(atPath: destination.path))
  }

  @Test("Content-Length smaller than the body: the file is short, and its hash wrong")
  func longBody() throws {
    let file = Self.bytes()
    let server = try HTTPTestServer { _, _ in
      .init(200, fields: ["Content-Length": "300000", "ETag": "\"a\""], body: file)
    }
    let error = try failure(server, sha256: file)
    #expect(error.kind == .malformedData)
    #expect(error.message.contains("300000 bytes"))
    #expect(left.isEmpty)
  }

  @Test("A part that is longer than announced is not appended")
  func longPart() throws {
    let file = Self.bytes()
    let server = try HTTPTestServer { request, number in
      var response = HTTPTestServer.Response.file(file, for: request, tag: "\"a\"")
      // The part as announced has 240007 bytes, and 40 more follow.
      if number == 1 { response.body += Data(count: 40) }
      return number == 0 ? response.cut(after: 60_000) : response
    }
    _ = try downloader().fetch(download(server, sha256: file), progress: SilentProgress())
    #expect(server.requests.map(\.rangeStart) == [nil, 60_000, nil])
    #expect(try Data(contentsOf: destination) == file)
  }

  @Test("A size known beforehand is checked before the body is fetched")
  func otherSize() throws {
    let file = Self.bytes()
    let server = try HTTPTestServer { request, _ in .file(file, for: request) }
    let error = try failure(server, size: 300_008)
    #expect(error.kind == .malformedData)
    #expect(error.message.contains("expected 300008 bytes, the server offers 300007"))
    #expect(left.isEmpty)
  }

  @Test("A body without Content-Length ends with the connection")
  func noLength() throws {
    let file = Self.bytes()
    let server = try HTTPTestServer { _, _ in .init(200, fields: ["Content-Length": ""], body: file)
    }
    let result = try downloader().fetch(download(server, sha256: file), progress: SilentProgress())
    #expect(result.bytes == file.count)
    let cut = try HTTPTestServer { _, _ in
      HTTPTestServer.Response(200, fields: ["Content-Length": ""], body: file).cut(after: 9)
    }
    try FileManager.default.removeItem(at: destination)
    // A size known beforehand tells that it ended early.
    #expect(try failure(cut, retries: 2, size: file.count).kind == .incomplete)
  }
}
