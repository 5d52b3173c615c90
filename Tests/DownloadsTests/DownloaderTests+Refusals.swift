import Core
import Downloads
import Foundation
import Synchronization
import TestSupport
import Testing

/// Servers that refuse or redirect, disks that are full, and stopping.
extension DownloaderTests {
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
