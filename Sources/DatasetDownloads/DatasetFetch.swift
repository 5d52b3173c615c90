import Archives
package import Core
package import Datasets
package import Downloads
package import Foundation

/// Fetches what can be fetched of a dataset, and puts it where its adapter looks.
///
/// What is done leaves a receipt in the data folder, so that the same command does nothing twice; a file that was put there by hand is
/// verified and taken.
package struct DatasetFetch {
  package let source: DatasetSource
  package let dataRoot: URL
  /// In place of the publishers' addresses: a folder of files by the same names.
  package var mirror: String?
  /// Archives stay after they were unpacked.
  package var keepsArchives = false
  package var policy: RetryPolicy
  package var progress: any ProgressSink
  package var notice: @Sendable (String) -> Void

  package init(
    _ source: DatasetSource, dataRoot: URL, mirror: String? = nil, policy: RetryPolicy,
    progress: any ProgressSink, notice: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.source = source
    self.dataRoot = dataRoot
    self.mirror = mirror
    self.policy = policy
    self.progress = progress
    self.notice = notice
  }

  package struct Fetched: Sendable, Encodable, Equatable {
    package enum Outcome: String, Sendable, Encodable {
      /// Fetched, verified where a hash is known, and put in place.
      case fetched
      /// Put in place by an earlier command.
      case wasPresent = "was-present"
      /// Not there, and nobody is known to serve it.
      case byHand = "by-hand"
    }
    package var name: String
    package var outcome: Outcome
    /// Where the file, or what was in it, lies.
    package var folder: String
    /// Whether a published hash says that the bytes are right.
    package var verified: Bool
    @ExplicitNull package var files: Int?
  }

  /// Addresses of a file in the order they are tried.
  package func addresses(of file: DatasetSource.File) -> [String] {
    guard let mirror else { return file.addresses }
    return [(mirror.hasSuffix("/") ? mirror : mirror + "/") + file.name]
  }

  /// - Throws: `EvalError` of the last address of the first file that no address serves: `.notFound`, `.incomplete` (the same command
  ///   continues), `.malformedData`, `.cannotWrite`, `.interrupted`.
  package func run() throws -> [Fetched] { try source.files.map(fetch) }

  // MARK: One file

  private func folder(of file: DatasetSource.File) -> URL {
    file.folder.isEmpty ? dataRoot : dataRoot.appending(path: file.folder)
  }

  /// Archives wait here until they are unpacked.
  private var waiting: URL { dataRoot.appending(path: ".downloads/\(source.dataset)") }

  private func fetch(_ file: DatasetSource.File) throws -> Fetched {
    let target = folder(of: file)
    let receipt = Receipt(file, dataset: source.dataset, dataRoot: dataRoot)
    if let known = receipt.read(), known.isStill(in: target) {
      return Fetched(
        name: file.name, outcome: .wasPresent, folder: target.path, verified: known.verified,
        files: known.files)
    }
    let destination = (file.unpacking == .none ? target : waiting).appending(path: file.name)
    guard !addresses(of: file).isEmpty || isFile(destination) else {
      return Fetched(
        name: file.name, outcome: .byHand, folder: target.path, verified: false, files: nil)
    }
    let fetched = try fetch(file, to: destination)
    var files = 1
    var names: [String] = [file.name]
    if file.unpacking != .none {
      let unpacked = try unpack(file, destination, into: target)
      (files, names) = (unpacked.files, unpacked.names)
      if !keepsArchives {
        unlink(destination.path)
        // Only while nothing waits there.
        rmdir(waiting.path)
        rmdir(waiting.deletingLastPathComponent().path)
      }
    }
    try receipt.write(verified: fetched.verified, files: files, names: names)
    return Fetched(
      name: file.name,
      outcome: fetched.wasPresent && file.unpacking == .none ? .wasPresent : .fetched,
      folder: target.path, verified: fetched.verified, files: files)
  }

  /// From the first address that serves it.
  private func fetch(_ file: DatasetSource.File, to destination: URL) throws -> DownloadedFile {
    let downloader = Downloader(policy: policy)
    // A file that is there is verified, whatever its address.
    let addresses = addresses(of: file)
    let tried = addresses.isEmpty ? ["http://localhost/\(file.name)"] : addresses
    for (number, address) in tried.enumerated() {
      do {
        return try downloader.fetch(
          Download(
            address: address, destination: destination,
            sha256: file.sha256.map { SHA256Digest(hex: $0) }, md5: file.md5, size: file.bytes),
          progress: progress)
      } catch var error as EvalError {
        let isOfAddress: Bool =
          switch error.kind {
          case .notFound, .incomplete, .malformedData: true
          default: false
          }
        guard isOfAddress, number + 1 < tried.count, !isFile(destination) else {
          if isOfAddress { error.remedy = remedy(error.remedy, file, destination) }
          throw error
        }
        notice("\(error.message); trying \(tried[number + 1])")
      }
    }
    throw EvalError(.bug, "a file without an address", subject: file.name)
  }

  private func remedy(_ first: String?, _ file: DatasetSource.File, _ destination: URL) -> String {
    var parts = [first].compactMap(\.self)
    if source.homepage != nil || mirror == nil {
      parts.append(
        "Name another server of \(file.name) with --mirror, or put a copy at \(destination.path).")
    }
    if let homepage = source.homepage { parts.append("The dataset's page is \(homepage).") }
    return parts.joined(separator: " ")
  }

  private func unpack(
    _ file: DatasetSource.File, _ archive: URL, into target: URL
  ) throws -> (files: Int, names: [String]) {
    progress.begin("unpacking \(file.name)", total: 0, unit: .bytes)
    defer { progress.end() }
    let unpacker = ArchiveUnpacker(password: file.password, shouldStop: policy.shouldStop)
    let told: (Int) -> Void = { progress.advance($0, cached: false) }
    if file.unpacking == .single {
      let unpacked = try unpacker.unpackSingle(archive, into: target, progress: told)
      return (unpacked.files, unpacked.topNames)
    }
    let unpacked = try unpacker.unpack(archive, into: target, progress: told)
    if !unpacked.leftOut.isEmpty {
      notice(
        "\(file.name): \(unpacked.leftOut.count) links were left out: \(unpacked.leftOut.prefix(3).joined(separator: ", "))"
      )
    }
    var files = unpacked.files
    for inner in file.inner {
      let url = target.appending(path: inner.path)
      if let sha256 = inner.sha256 {
        let found = try SHA256.hash(fileAt: url)
        guard found.hex == sha256 else {
          throw EvalError(
            .malformedData, "expected SHA-256 \(sha256), found \(found)", subject: url.path,
            remedy: "The archive is another one than that of the dataset's publisher.")
        }
      }
      files += try unpacker.unpack(url, into: url.deletingLastPathComponent(), progress: told).files
      unlink(url.path)
    }
    return (files, unpacked.topNames)
  }
}
