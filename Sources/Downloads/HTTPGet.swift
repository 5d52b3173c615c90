import CHTTP
import Foundation

/// One GET over libcurl, which follows redirects and honours the usual proxy variables.
///
/// libcurl rather than FoundationNetworking: a broken body and a short one are told apart from a whole one, pieces
/// arrive with back-pressure, and the wait can be interrupted.
struct HTTPGet {
  let address: String
  /// Header fields, each `Name: value`.
  let fields: [String]

  enum Ending: Equatable {
    case done
    /// `shouldStop` or the receiver of the body ended it.
    case stopped
    /// The connection failed or the body ended early: trying again may help.
    case broken(String)
    case refused(String)
  }

  /// Seconds without a byte after which a connection counts as lost.
  private static let stallSeconds = 60

  /// - Parameter body: receives each piece of the final response's body; false ends the transfer.
  /// - Returns: the head of the last response there was.
  /// - Throws: what `body` throws.
  func perform(
    shouldStop: () -> Bool, body: (HTTPHead, UnsafeRawBufferPointer) throws -> Bool
  ) throws -> (head: HTTPHead?, ending: Ending) {
    try withoutActuallyEscaping(shouldStop) { shouldStop in
      try withoutActuallyEscaping(body) { body in
        let transfer = Transfer(shouldStop: shouldStop, body: body)
        let ending = run(transfer)
        if let error = transfer.error { throw error }
        return (transfer.head, ending)
      }
    }
  }

  /// A server on this machine: no proxy reaches it.
  private var isLocal: Bool {
    ["127.0.0.1", "localhost", "[::1]", "::1"].contains(URLComponents(string: address)?.host)
  }

  private func run(_ transfer: Transfer) -> Ending {
    let fields = fields.map { strdup($0) }
    defer { fields.forEach { free($0) } }
    let pointers = fields.map { UnsafePointer($0) }
    let messageSize = 512
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: messageSize) { message in
      message.initialize(repeating: 0)
      let outcome = address.withCString { address in
        "clip-eval".withCString { agent in
          pointers.withUnsafeBufferPointer { pointers in
            var request = chttp_request()
            request.url = address
            request.headers = pointers.baseAddress
            request.header_count = pointers.count
            request.user_agent = agent
            request.direct = isLocal ? 1 : 0
            request.connect_seconds = 30
            request.stall_seconds = Self.stallSeconds
            request.context = Unmanaged.passUnretained(transfer).toOpaque()
            request.on_header = { context, line, count in
              Transfer.at(context)?.receive(line: UnsafeRawBufferPointer(start: line, count: count))
              return 0
            }
            request.on_body = { context, bytes, count in
              let goesOn = Transfer.at(context)?
                .receive(body: UnsafeRawBufferPointer(start: bytes, count: count))
              return goesOn == true ? 0 : 1
            }
            request.should_stop = { context in
              Transfer.at(context)?.shouldStop() == false ? 0 : 1
            }
            return withExtendedLifetime(transfer) {
              chttp_get(&request, message.baseAddress, messageSize)
            }
          }
        }
      }
      let text = message.baseAddress.map { String(cString: $0) } ?? ""
      switch outcome {
      case CHTTP_DONE: return .done
      case CHTTP_STOPPED: return .stopped
      case CHTTP_REFUSED: return .refused(text)
      default: return .broken(text)
      }
    }
  }
}

/// What the callbacks of one transfer share.
private final class Transfer {
  let shouldStop: () -> Bool
  private let body: (HTTPHead, UnsafeRawBufferPointer) throws -> Bool
  private(set) var head: HTTPHead?
  private(set) var error: (any Error)?
  private var readsFields = false
  private var fieldBytes = 0
  /// A response with more header than this is not from a file server.
  private static let fieldLimit = 1 << 18

  init(
    shouldStop: @escaping () -> Bool,
    body: @escaping (HTTPHead, UnsafeRawBufferPointer) throws -> Bool
  ) {
    self.shouldStop = shouldStop
    self.body = body
  }

  static func at(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Lines of every response come here, redirects and interim ones too: a status line starts anew.
  func receive(line: UnsafeRawBufferPointer) {
    let text = String(decoding: line, as: UTF8.self)
    let trimmed = text[...].trimmingCharacters(in: .whitespacesAndNewlines)
    if let next = HTTPHead(statusLine: trimmed[...]) {
      head = next
      readsFields = true
      fieldBytes = 0
    } else if trimmed.isEmpty {
      readsFields = false
    } else if readsFields, fieldBytes < Self.fieldLimit,
      let colon = trimmed.firstIndex(of: ":")
    {
      fieldBytes += line.count
      let value = trimmed[trimmed.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      head?.fields[trimmed[..<colon].lowercased()] = value
    }
  }

  func receive(body bytes: UnsafeRawBufferPointer) -> Bool {
    guard let head, error == nil else { return false }
    do {
      return try body(head, bytes)
    } catch {
      self.error = error
      return false
    }
  }
}
