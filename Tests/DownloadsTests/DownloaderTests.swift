import Core
import Downloads
import Foundation
import Synchronization
import TestSupport
import Testing

/// Downloads from a server on this machine that misbehaves in every way a test can think of.
@Suite struct DownloaderTests {
  private let folder: TemporaryFolder
  private let waits = Waits()

  init() throws { folder = try TemporaryFolder() }

  /// Bytes without a pattern, of a length that no buffer divides.
  private static func bytes(_ count: Int = 300_007, seed: UInt64 = 1) -> Data {
    var state = seed
    return Data(
      (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 33)
      })
  }

  /// Seconds that a downloader would have waited.
  private final class Waits: Sendable {
    let seconds = Mutex<[Double]>([])
  }

  private func downloader(retries: Int = 5, free: Int? = nil) -> Downloader {
    let waits = waits
    return Downloader(
      policy: RetryPolicy(
        retries: retries, wait: { second in waits.seconds.withLock { $0.append(second) } },
        shouldStop: { false }),
      freeBytes: { _ in free })
  }

  private var destination: URL { folder.url.appending(path: "models/RN50.pt") }

  private func download(
    _ server: HTTPTestServer, sha256 data: Data? = nil, size: Int? = nil
  ) -> Download {
    Download(
      address: server.address + "/RN50.pt", destination: destination,
      sha256: data.map { SHA256.hash($0) }, size: size)
  }

  private var left: [String] {
    ((try? FileManager.default.contentsOfDirectory(
      atPath: folder.url.appending(path: "models").path))
      ?? []).sorted()
  }

  private func failure(
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

  @Test("404: told at once, with nothing left behind", arguments: [404, 410, 401, 403, 400, 204])
  func refused(status: Int) throws {
    let server = try HTTPTestServer { _, _ in .init(status, body: Data("a page".utf8)) }
    let error = try failure(server)
    #expect(error.kind == .notFound)
    #expect(error.message.contains("\(status)"))
    #expect(error.subject == server.address + "/RN50.pt")
    #expect(server.requests.count == 1)
    #expect(left.isEmpty)
  }

  @Test("500, then the file; the waits grow, and a server's own word counts")
  func serverError() throws {
    let file = Self.bytes()
    let server = try HTTPTestServer { request, number in
      switch number {
      case 0: .init(500, body: Data("a page".utf8))
      case 1: .init(503, fields: ["Retry-After": "7"])
      case 2: .init(429, fields: ["Retry-After": "86400"])
      default: .file(file, for: request)
      }
    }
    _ = try downloader().fetch(download(server, sha256: file), progress: SilentProgress())
    #expect(waits.seconds.withLock { $0 } == [1, 7, 60])
    #expect(try Data(contentsOf: destination) == file)
  }

  @Test("A server that stays broken: a bounded number of attempts, then 75")
  func alwaysBroken() throws {
    let server = try HTTPTestServer { _, _ in .init(502) }
    let error = try failure(server, retries: 7)
    #expect(error.kind == .incomplete && error.message.contains("the server answers 502"))
    #expect(waits.seconds.withLock { $0 } == [1, 2, 4, 8, 16, 30, 30])
    #expect(server.requests.count == 8)
    #expect(left.isEmpty)
  }

  @Test("An attempt that moved a good piece of the file does not use up the retries")
  func progressCounts() throws {
    let file = Self.bytes(5 << 20)
    let server = try HTTPTestServer { request, _ in
      let response = HTTPTestServer.Response.file(file, for: request, tag: "\"a\"")
      return response.body.count > 1 << 20 ? response.cut(after: 1 << 20) : response
    }
    _ = try downloader(retries: 1).fetch(
      download(server, sha256: file), progress: SilentProgress())
    #expect(server.requests.count == 5)
    #expect(try Data(contentsOf: destination) == file)
  }

  @Test("Nobody listens: 75")
  func nobody() throws {
    let error = #expect(throws: EvalError.self) {
      // Port 1 is reserved and has no server here; a connection is refused at once.
      try downloader(retries: 1).fetch(
        Download(address: "http://127.0.0.1:1/x", destination: destination),
        progress: SilentProgress())
    }
    #expect(error?.kind == .incomplete)
    #expect(left.isEmpty)
  }

  @Test("Redirects are followed, and the body of a redirect is no part of the file")
  func redirect() throws {
    let file = Self.bytes()
    let server = try HTTPTestServer { request, number in
      if request.path == "/RN50.pt" {
        return .init(302, fields: ["Location": "/elsewhere?x=1"], body: Data("moved".utf8))
      }
      let response = HTTPTestServer.Response.file(file, for: request, tag: "\"a\"")
      return number == 1 ? response.cut(after: 60_000) : response
    }
    _ = try downloader().fetch(download(server, sha256: file), progress: SilentProgress())
    #expect(
      server.requests.map(\.path) == [
        "/RN50.pt", "/elsewhere?x=1", "/RN50.pt", "/elsewhere?x=1",
      ])
    #expect(server.requests[3].rangeStart == 60_000)
    #expect(try Data(contentsOf: destination) == file)
  }

  @Test("A circle of redirects ends", .timeLimit(.minutes(1)))
  func circle() throws {
    let server = try HTTPTestServer { _, _ in .init(302, fields: ["Location": "/RN50.pt"]) }
    #expect(try failure(server).kind == .notFound)
    #expect(server.requests.count == 11)
  }

  @Test("A redirect to a file of this machine is refused")
  func redirectToFile() throws {
    let server = try HTTPTestServer { _, _ in
      .init(302, fields: ["Location": "file:///etc/hostname"])
    }
    #expect(try failure(server).kind == .notFound)
    #expect(left.isEmpty)
  }

  @Test(
    "Addresses that are none",
    arguments: ["", "RN50.pt", "file:///etc/passwd", "http://", "ftp://a/b"])
  func address(_ text: String) throws {
    let error = #expect(throws: EvalError.self) {
      try downloader().fetch(
        Download(address: text, destination: destination), progress: SilentProgress())
    }
    #expect(error?.kind == .usage)
  }

  @Test("A disk that is too small is told before the body is fetched")
  func fullDisk() throws {
    let file = Self.bytes()
    let server = try HTTPTestServer { request, _ in .file(file, for: request) }
    let error = try failure(server, free: 300_006)
    #expect(error.kind == .cannotWrite)
    #expect(error.message.contains("300007 bytes are still to come, and 300006 are free"))
    #expect(left.isEmpty)
    _ = try downloader(free: 300_007).fetch(download(server), progress: SilentProgress())
    #expect(try #require(DiskSpace.free(at: folder.url)) > 0)
  }

  @Test("A folder that cannot be made: 73")
  func unwritable() throws {
    let server = try HTTPTestServer { _, _ in .init(200) }
    try Data().write(to: folder.url.appending(path: "models"))
    #expect(try failure(server).kind == .cannotWrite)
  }

  @Test("Two at once: the second says so and leaves the first alone")
  func together() throws {
    let file = Self.bytes()
    let second = Mutex<EvalError?>(nil)
    let (folder, downloader) = (destination, downloader())
    let server = try HTTPTestServer { request, number in
      if number == 0 {
        // The first has its partial file open now.
        do {
          _ = try downloader.fetch(
            Download(address: "http://127.0.0.1:1/RN50.pt", destination: folder),
            progress: SilentProgress())
        } catch let error as EvalError {
          second.withLock { $0 = error }
        } catch {}
      }
      return .file(file, for: request)
    }
    _ = try downloader.fetch(download(server, sha256: file), progress: SilentProgress())
    #expect(second.withLock { $0 }?.message.contains("another process") == true)
    #expect(try Data(contentsOf: destination) == file)
  }

  @Test("A request to stop keeps what there is")
  func stopped() throws {
    let file = Self.bytes()
    let server = try HTTPTestServer { request, _ in
      HTTPTestServer.Response.file(file, for: request, tag: "\"a\"").hanging(after: 80_000)
    }
    let partial = destination.appendingPathExtension("partial")
    var stopping = downloader()
    stopping.policy.shouldStop = {
      ((try? FileManager.default.attributesOfItem(atPath: partial.path))?[.size] as? Int) == 80_000
    }
    let error = #expect(throws: EvalError.self) {
      try stopping.fetch(download(server, sha256: file), progress: SilentProgress())
    }
    #expect(error?.kind == .interrupted)
    #expect(error?.message.contains("80000 of 300007 bytes are kept") == true)
    let whole = try HTTPTestServer { _, _ in .init(404) }
    #expect(whole.requests.isEmpty)
    #expect(left == ["RN50.pt.partial", "RN50.pt.partial.json"])
  }

  @Test("A damaged note beside the partial file: from the start", arguments: ["", "{}", "[1]"])
  func damagedNote(text: String) throws {
    let file = Self.bytes()
    let server = try HTTPTestServer { request, _ in .file(file, for: request, tag: "\"a\"") }
    try FileManager.default.createDirectory(
      at: destination.deletingLastPathComponent(), withIntermediateDirectories: true)
    let partial = destination.appendingPathExtension("partial")
    try Data(count: 100).write(to: partial)
    try Data(text.utf8).write(to: partial.appendingPathExtension("json"))
    _ = try downloader().fetch(download(server), progress: SilentProgress())
    #expect(server.requests.map(\.rangeStart) == [nil])
    #expect(try Data(contentsOf: destination) == file)
  }
}
