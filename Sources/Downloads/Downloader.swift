package import Core
package import Foundation

/// Fetches files whole and verified: continues what an earlier attempt left, tries again when a connection breaks,
/// and gives a file its name only when it is complete and its hash is right.
package struct Downloader: Sendable {
  package var policy: RetryPolicy
  /// Free bytes of a folder's file system; nil where unknown.
  package var freeBytes: @Sendable (URL) -> Int?

  package init(
    policy: RetryPolicy = RetryPolicy(),
    freeBytes: @escaping @Sendable (URL) -> Int? = DiskSpace.free(at:)
  ) {
    self.policy = policy
    self.freeBytes = freeBytes
  }

  /// - Throws: `EvalError` of kind `.malformedData` when the bytes are not those expected (they are removed),
  ///   `.notFound` when the server has no such file, `.incomplete` when trying again helps, `.cannotWrite`, `.interrupted`
  ///   (what was fetched is kept), `.usage` for an address that is none.
  package func fetch(_ download: Download, progress: any ProgressSink) throws -> DownloadedFile {
    try download.checkAddress()
    if FileManager.default.fileExists(atPath: download.destination.path) {
      return try present(download)
    }
    let partial = try PartialFile(destination: download.destination)
    let resumed = partial.isContinued(by: download) ? partial.count : 0
    if let file = try receive(download, into: partial, resumed: resumed, progress: progress) {
      return file
    }
    // The bytes of an earlier attempt were of another file, which only the hash could tell.
    policy.notice(
      "the continued file has another hash than expected; starting from the beginning")
    try partial.restart()
    if let file = try receive(download, into: partial, resumed: 0, progress: progress) {
      return file
    }
    throw EvalError(.bug, "a download was verified twice", subject: download.destination.path)
  }

  /// A file that has the name already.
  private func present(_ download: Download) throws -> DownloadedFile {
    let url = download.destination
    guard isFile(url) else {
      throw EvalError(
        .cannotWrite, "is not a file, and a file is to get this name", subject: url.path)
    }
    let hash = try SHA256.hash(fileAt: url)
    let bytes = try FileManager.default.attributesOfItem(atPath: url.path)[.size] as? Int ?? 0
    let remedy = "Delete it, or name another folder with --output."
    if let conflict = try download.conflict(of: url, hash: hash) {
      throw EvalError(
        .malformedData, "is there already, with other content: \(conflict)", subject: url.path,
        remedy: remedy)
    }
    if let expected = download.size, bytes != expected {
      throw EvalError(
        .malformedData,
        "is there already, with other content: expected \(expected) bytes, found \(bytes)",
        subject: url.path, remedy: remedy)
    }
    return DownloadedFile(
      path: url.path, bytes: bytes, sha256: hash, verified: download.isVerifiable, resumed: 0,
      wasPresent: true)
  }

  /// - Returns: nil when the hash is wrong and bytes of an earlier attempt are among those hashed.
  private func receive(
    _ download: Download, into partial: PartialFile, resumed: Int, progress: any ProgressSink
  ) throws -> DownloadedFile? {
    var attempt = DownloadAttempt(
      download: download, partial: partial, resumed: resumed, progress: progress,
      shouldStop: policy.shouldStop, freeBytes: freeBytes, notice: policy.notice)
    defer { if attempt.hasBegun { progress.end() } }
    try policy.run(
      giveUp: { reason in
        EvalError(
          .incomplete, "incomplete: \(reason); \(partial.held)", subject: download.address,
          remedy: "\(partial.sequel) Or fetch the file by hand, as "
            + "\(download.destination.path).")
      },
      stopped: {
        EvalError(
          .interrupted, "interrupted; \(partial.held)", subject: download.address,
          remedy: partial.sequel)
      },
      { try attempt.run() })
    let hash = try partial.hash()
    if let conflict = try download.conflict(of: partial.url, hash: hash) {
      if attempt.resumed > 0 { return nil }
      let count = partial.count
      partial.discard()
      throw EvalError(
        .malformedData, "wrong bytes, removed: \(conflict) (\(count) bytes)",
        subject: download.address,
        remedy: "The server has another file under this address; a mirror may have the right one.")
    }
    try partial.finish()
    return DownloadedFile(
      path: download.destination.path, bytes: partial.count, sha256: hash,
      verified: download.isVerifiable, resumed: attempt.resumed, wasPresent: false)
  }
}

extension PartialFile {
  /// Whether what it holds may be the beginning of this file. Without a validator nothing tells whether the server still
  /// has the same file, so that the bytes are of use only where a hash decides in the end.
  func isContinued(by download: Download) -> Bool {
    guard let origin, count > 0, origin.address == download.address else { return false }
    if let size = download.size, let total = origin.total, size != total { return false }
    return origin.validator != nil || download.isVerifiable
  }

  /// What the same command does next, for messages.
  var sequel: String {
    count > 0 ? "The same command continues." : "The same command tries again."
  }

  /// For messages.
  var held: String {
    guard count > 0 else { return "nothing was received" }
    return origin?.total.map { "\(count) of \($0) bytes are kept" } ?? "\(count) bytes are kept"
  }
}
