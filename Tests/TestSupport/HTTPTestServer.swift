package import Foundation
import Synchronization

/// A file server on 127.0.0.1, on a free port, that answers as a test wants: whole files, ranges, connections that break.
/// One connection serves one request.
package final class HTTPTestServer: Sendable {
  package struct Request: Sendable {
    /// With the query.
    package var path: String
    /// By lower-case name.
    package var fields: [String: String]

    /// First byte of a `Range: bytes=N-`; nil without one.
    package var rangeStart: Int? {
      fields["range"].flatMap { $0.wholeMatch(of: /bytes=(\d+)-/) }.flatMap { Int($0.1) }
    }
  }

  package struct Response: Sendable {
    package var status: Int
    package var fields: [String: String]
    package var body: Data
    /// Of the body, before the connection is closed; all of it when nil.
    package var sent: Int?
    /// Keeps the connection open after that, until the client closes it.
    package var hangs = false

    package init(_ status: Int, fields: [String: String] = [:], body: Data = Data()) {
      self.status = status
      self.fields = fields
      self.body = body
    }

    /// A file, or the part of it that a request asks for, as RFC 9110 wants it.
    package static func file(
      _ bytes: Data, for request: Request, tag: String? = nil
    ) -> Response {
      var fields: [String: String] = [:]
      if let tag { fields["ETag"] = tag }
      let condition = request.fields["if-range"]
      guard let start = request.rangeStart, condition == nil || condition == tag else {
        return Response(200, fields: fields, body: bytes)
      }
      guard start < bytes.count else {
        fields["Content-Range"] = "bytes */\(bytes.count)"
        return Response(416, fields: fields)
      }
      fields["Content-Range"] = "bytes \(start)-\(bytes.count - 1)/\(bytes.count)"
      return Response(206, fields: fields, body: bytes.dropFirst(start))
    }

    /// Breaks the connection after so many bytes of the body.
    package func cut(after count: Int) -> Response {
      var response = self
      response.sent = count
      return response
    }

    package func hanging(after count: Int) -> Response {
      var response = cut(after: count)
      response.hangs = true
      return response
    }
  }

  /// - Parameter number: of the request, from 0.
  package typealias Handler = @Sendable (_ request: Request, _ number: Int) -> Response

  private struct State {
    var requests: [Request] = []
    var sent: [Int] = []
  }

  private let descriptor: Int32
  private let port: UInt16
  private let handler: Handler
  private let state = Mutex(State())

  package init(_ handler: @escaping Handler) throws {
    self.handler = handler
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let status = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && listen(descriptor, 16) == 0
          && getsockname(descriptor, $0, &size) == 0
      }
    }
    guard descriptor >= 0, status else {
      throw CocoaError(.fileNoSuchFile, userInfo: [NSLocalizedDescriptionKey: "no socket"])
    }
    port = UInt16(bigEndian: address.sin_port)
    // The thread holds the server only while it answers, so that the last reference elsewhere ends it. It alone closes
    // the descriptor: closed elsewhere, its number could be another server's before this thread accepts again.
    Thread.detachNewThread { [weak self] in
      defer { close(descriptor) }
      while true {
        let connection = accept(descriptor, nil, nil)
        guard connection >= 0 else { return }
        guard let self else {
          close(connection)
          return
        }
        Thread.detachNewThread {
          self.serve(connection)
          close(connection)
        }
      }
    }
  }

  deinit {
    // Wakes the thread that accepts.
    shutdown(descriptor, Int32(SHUT_RDWR))
  }

  package var address: String { "http://127.0.0.1:\(port)" }

  /// In the order they came.
  package var requests: [Request] { state.withLock { $0.requests } }

  /// Bytes of the body of each answer that the client's system took.
  package var sentBytes: [Int] { state.withLock { $0.sent } }

  private func serve(_ connection: Int32) {
    guard let request = Self.read(connection) else { return }
    let number = state.withLock { state in
      state.requests.append(request)
      state.sent.append(0)
      return state.requests.count - 1
    }
    let response = handler(request, number)
    var fields = ["Content-Length": "\(response.body.count)", "Connection": "close"]
    fields.merge(response.fields) { $1 }
    var head = "HTTP/1.1 \(response.status) Status\r\n"
    for (name, value) in fields where !value.isEmpty { head += "\(name): \(value)\r\n" }
    guard Self.send(Data((head + "\r\n").utf8), to: connection) else { return }
    let body = response.body.prefix(response.sent ?? .max)
    state.withLock { $0.sent[number] = body.count }
    guard Self.send(Data(body), to: connection), response.hangs else { return }
    var byte: UInt8 = 0
    _ = recv(connection, &byte, 1, 0)
  }

  private static func read(_ connection: Int32) -> Request? {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while !bytes.suffix(4).elementsEqual([13, 10, 13, 10]) {
      guard bytes.count < 1 << 16, recv(connection, &byte, 1, 0) == 1 else { return nil }
      bytes.append(byte)
    }
    let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n")
    let words = lines[0].components(separatedBy: " ")
    guard words.count == 3 else { return nil }
    var request = Request(path: words[1], fields: [:])
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      request.fields[line[..<colon].lowercased()] =
        line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    return request
  }

  private static func send(_ data: Data, to connection: Int32) -> Bool {
    data.withUnsafeBytes { bytes in
      var offset = 0
      while offset < bytes.count {
        let count = Foundation.send(
          connection, bytes.baseAddress?.advanced(by: offset), bytes.count - offset,
          Int32(MSG_NOSIGNAL))
        guard count > 0 else { return false }
        offset += count
      }
      return true
    }
  }
}

/// Something that a test changes while a server's threads look at it.
package final class Flag: Sendable {
  private let value: Mutex<Bool>

  package init(_ value: Bool) { self.value = Mutex(value) }

  package var isSet: Bool {
    get { value.withLock { $0 } }
    set { value.withLock { $0 = newValue } }
  }
}
