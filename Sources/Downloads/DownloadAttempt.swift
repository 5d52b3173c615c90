import Core
import Foundation

/// One connection's part of a download.
struct DownloadAttempt {
  let download: Download
  let partial: PartialFile
  /// Bytes from before this process that are still part of the file.
  private(set) var resumed: Int
  let progress: any ProgressSink
  /// Whether `progress` has something to end.
  private(set) var hasBegun = false
  let shouldStop: @Sendable () -> Bool
  let freeBytes: @Sendable (URL) -> Int?
  let notice: @Sendable (String) -> Void

  init(
    download: Download, partial: PartialFile, resumed: Int, progress: any ProgressSink,
    shouldStop: @escaping @Sendable () -> Bool, freeBytes: @escaping @Sendable (URL) -> Int?,
    notice: @escaping @Sendable (String) -> Void
  ) {
    self.download = download
    self.partial = partial
    self.resumed = resumed
    self.progress = progress
    self.shouldStop = shouldStop
    self.freeBytes = freeBytes
    self.notice = notice
  }

  /// So much more of a file counts as getting on.
  private static let goodPiece = 1 << 20

  /// What a response's head says about its body.
  private enum Verdict {
    /// It is the file, from `partial.count` on.
    case file
    /// The file is there to its end already.
    case complete
    case failure(RetryPolicy.Failure)
  }

  /// - Throws: `EvalError` for what another attempt does not mend.
  mutating func run() throws -> RetryPolicy.Attempt<Void> {
    if partial.count > 0, !partial.isContinued(by: download) {
      try restart(because: "what is kept of the file may be of another")
    }
    let start = partial.count
    // Compressed bytes have other offsets and another hash.
    var fields = ["Accept-Encoding: identity"] + (download.hub?.fields ?? [])
    if start > 0 {
      fields.append("Range: bytes=\(start)-")
      if let validator = partial.origin?.validator { fields.append("If-Range: \(validator)") }
    }
    var verdict: Verdict?
    let (head, ending) = try HTTPGet(address: download.address, fields: fields).perform(
      shouldStop: shouldStop
    ) { head, bytes in
      if verdict == nil { verdict = try judge(head) }
      guard case .file = verdict else { return false }
      return try append(bytes)
    }
    try partial.flush()
    // An empty body is not announced.
    if verdict == nil, let head, ending == .done { verdict = try judge(head) }
    let madeProgress = partial.count - start >= Self.goodPiece
    func failed(_ reason: String) -> RetryPolicy.Attempt<Void> {
      .failure(.init(reason: reason), madeProgress: madeProgress)
    }
    switch (verdict, ending) {
    case (.complete, _): return .success(())
    case (.failure(let failure), _): return .failure(failure, madeProgress: false)
    case (_, .refused(let reason)):
      throw EvalError(.notFound, "cannot be fetched: \(reason)", subject: download.address)
    case (_, .broken(let reason)): return failed(reason)
    case (.file, .stopped) where partial.count > (partial.origin?.total ?? .max):
      try restart()
      return failed("the server sends more than it announced")
    case (_, .stopped): return failed("stopped")
    case (.file, .done):
      guard let total = partial.origin?.total ?? download.size, partial.count < total else {
        return .success(())
      }
      return failed("the connection ended early")
    case (nil, .done): return failed("the server's answer is not HTTP")
    }
  }

  /// - Parameter reason: nil where the failure that follows tells it.
  private mutating func restart(because reason: String? = nil) throws {
    if let reason { notice("\(reason); starting from the beginning") }
    try partial.restart()
    resumed = 0
  }

  private func append(_ bytes: UnsafeRawBufferPointer) throws -> Bool {
    try partial.append(bytes)
    progress.advance(bytes.count, cached: false)
    return partial.count <= partial.origin?.total ?? .max
  }

  private mutating func judge(_ head: HTTPHead) throws -> Verdict {
    switch head.status {
    case 200: return try judgeWhole(head)
    case 206: return try judgePart(head)
    case 416 where partial.count > 0:
      if let total = head.contentRange?.total, total == partial.count { return .complete }
      try restart()
      return .failure(.init(reason: "the file on the server is shorter than what is kept of it"))
    default:
      switch head.refusal(of: download.address, hub: download.hub) {
      case .success(let failure): return .failure(failure)
      case .failure(let error): throw error
      }
    }
  }

  /// The whole file: a first attempt, a server that knows no ranges, or a file that changed.
  private mutating func judgeWhole(_ head: HTTPHead) throws -> Verdict {
    if partial.count > 0 {
      try restart(because: "the server does not continue the file, or has another by now")
    }
    try check(total: head.contentLength)
    try begin(head, total: head.contentLength)
    return .file
  }

  /// The rest of the file, if it is the rest of the same file.
  private mutating func judgePart(_ head: HTTPHead) throws -> Verdict {
    let range = head.contentRange
    let known = partial.origin
    guard partial.count > 0, let lower = range?.range?.lowerBound, lower == partial.count else {
      let found = head["content-range"] ?? "no Content-Range"
      let expected = "bytes \(partial.count)-"
      try restart()
      return .failure(.init(reason: "expected \(expected), the server sends \(found)"))
    }
    let total = range?.total ?? known?.total
    guard known?.total == nil || total == known?.total,
      known?.validator == nil || head.validator == nil || head.validator == known?.validator
    else {
      try restart()
      return .failure(.init(reason: "the file on the server has changed"))
    }
    try check(total: total)
    try begin(head, total: total)
    return .file
  }

  private func check(total: Int?) throws {
    if let size = download.size, let total, total != size {
      throw EvalError(
        .malformedData, "expected \(size) bytes, the server offers \(total)",
        subject: download.address)
    }
    let folder = download.destination.deletingLastPathComponent()
    guard let total = total ?? download.size, let free = freeBytes(folder) else { return }
    let needed = total - partial.count
    guard needed <= free else {
      throw EvalError(
        .cannotWrite, "\(needed) bytes are still to come, and \(free) are free",
        subject: folder.path,
        remedy: "Free some space, or name a folder on another disk with --output.")
    }
  }

  private mutating func begin(_ head: HTTPHead, total: Int?) throws {
    try partial.begin(
      .init(
        address: download.address, validator: head.validator ?? partial.origin?.validator,
        total: total))
    hasBegun = true
    progress.begin(
      download.destination.lastPathComponent, total: total ?? download.size ?? 0, unit: .bytes)
    if partial.count > 0 { progress.advance(partial.count, cached: true) }
  }
}
