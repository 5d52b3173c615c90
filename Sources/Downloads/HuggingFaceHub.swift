package import Core
import Foundation

/// The Hugging Face hub, or a mirror of it: which files a model repository has and where they are.
package struct HuggingFaceHub: Sendable {
  /// Without a slash at the end.
  package let endpoint: String
  /// Who asks, for the listing and for the files.
  package let access: HubAccess
  private let policy: RetryPolicy

  /// `$HF_ENDPOINT`, as for the hub's own clients, else huggingface.co.
  package init(
    environment: [String: String] = ProcessInfo.processInfo.environment,
    policy: RetryPolicy = RetryPolicy()
  ) {
    var endpoint = environment["HF_ENDPOINT"] ?? ""
    while endpoint.hasSuffix("/") { endpoint.removeLast() }
    self.endpoint = endpoint.isEmpty ? "https://huggingface.co" : endpoint
    access = HubAccess(environment: environment)
    self.policy = policy
  }

  package struct File: Sendable, Equatable {
    /// Inside the repository.
    package var path: String
    package var size: Int?
    /// Of files that lie in large-file storage, as weights do; nil for the others.
    package var sha256: SHA256Digest?
  }

  /// The main branch of a repository at one moment.
  package struct Listing: Sendable, Equatable {
    /// The commit, by which all files are fetched, so that they belong together.
    package var commit: String
    package var files: [File]
  }

  package func address(of path: String, repository: String, commit: String) -> String {
    "\(endpoint)/\(repository)/resolve/\(commit)/\(path)"
  }

  /// - Throws: `EvalError.notFound` for a repository that is not there, `.incomplete`, `.malformedData`.
  package func listing(of repository: String) throws -> Listing {
    let address = "\(endpoint)/api/models/\(repository)?blobs=true"
    do {
      try Download(address: address, destination: URL(filePath: "/")).checkAddress()
    } catch {
      throw EvalError(
        .usage, "HF_ENDPOINT: expected an http or https address, found `\(endpoint)`",
        subject: repository)
    }
    let data = try policy.run(
      giveUp: {
        EvalError(
          .incomplete, $0, subject: address,
          remedy: "Try again later, or name a mirror of the hub in HF_ENDPOINT.")
      },
      stopped: { EvalError(.interrupted, "interrupted", subject: address) },
      { try read(address, repository: repository) })
    return try parse(data, address: address)
  }

  /// Listings of models have a few kilobytes.
  private static let sizeLimit = 16 << 20

  private func read(_ address: String, repository: String) throws -> RetryPolicy.Attempt<Data> {
    var data = Data()
    let (head, ending) = try HTTPGet(
      address: address, fields: ["Accept: application/json"] + access.fields
    ).perform(shouldStop: policy.shouldStop) { head, bytes in
      guard head.status == 200 else { return false }
      data.append(contentsOf: bytes)
      return data.count <= Self.sizeLimit
    }
    if let head, head.status != 200 {
      if head.status == 404 {
        throw EvalError(
          .notFound, "no such repository on \(endpoint) (404)", subject: repository)
      }
      switch head.refusal(of: address, hub: access) {
      case .success(let failure): return .failure(failure, madeProgress: false)
      case .failure(let error): throw error
      }
    }
    switch ending {
    case .done: return .success(data)
    case .broken(let reason): return .failure(.init(reason: reason), madeProgress: false)
    case .refused(let reason):
      throw EvalError(.notFound, "cannot be fetched: \(reason)", subject: address)
    case .stopped where data.count > Self.sizeLimit:
      throw EvalError(
        .malformedData, "expected a list of files, found more than \(Self.sizeLimit) bytes",
        subject: address)
    case .stopped: return .failure(.init(reason: "stopped"), madeProgress: false)
    }
  }

  private struct Document: Decodable {
    struct Sibling: Decodable {
      struct LargeFile: Decodable {
        var sha256: String?
        var size: Int?
      }
      var rfilename: String
      var size: Int?
      var lfs: LargeFile?
    }
    var sha: String
    var siblings: [Sibling]
  }

  private func parse(_ data: Data, address: String) throws -> Listing {
    let document: Document
    do {
      document = try JSONDecoder().decode(Document.self, from: data)
    } catch {
      throw EvalError(
        .malformedData, "expected the hub's description of a model with sha and siblings",
        subject: address, remedy: "Does HF_ENDPOINT name a hub?")
    }
    guard document.sha.wholeMatch(of: /[0-9a-f]{40}/) != nil else {
      throw EvalError(
        .malformedData, "expected a commit of 40 digits, found \(document.sha.prefix(60))",
        subject: address)
    }
    return Listing(
      commit: document.sha,
      files: document.siblings.map { file in
        let hash = file.lfs?.sha256.flatMap {
          $0.wholeMatch(of: /[0-9a-f]{64}/) == nil ? nil : SHA256Digest(hex: $0)
        }
        return File(path: file.rfilename, size: file.lfs?.size ?? file.size, sha256: hash)
      })
  }
}
