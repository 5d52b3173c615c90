package import Core
package import Foundation

/// A file to fetch and what is known of it beforehand.
package struct Download: Sendable {
  /// An http or https address.
  package var address: String
  package var destination: URL
  /// Of the whole file; nil where no source states it.
  package var sha256: SHA256Digest?
  /// Of the whole file, in hexadecimal digits, where no source states a SHA-256; it is not looked at beside one.
  package var md5: String?
  /// Bytes of the whole file; nil where no source states it.
  package var size: Int?
  /// Of files of a hub.
  package var hub: HubAccess?

  package init(
    address: String, destination: URL, sha256: SHA256Digest? = nil, md5: String? = nil,
    size: Int? = nil, hub: HubAccess? = nil
  ) {
    self.address = address
    self.destination = destination
    self.sha256 = sha256
    self.md5 = md5
    self.size = size
    self.hub = hub
  }

  /// - Throws: `EvalError.usage` for anything but http and https.
  func checkAddress() throws {
    let parts = URLComponents(string: address)
    guard ["http", "https"].contains(parts?.scheme?.lowercased()), parts?.host?.isEmpty == false
    else {
      throw EvalError(
        .usage, "expected an http or https address", subject: address)
    }
  }
}

extension Download {
  /// Whether a source other than the bytes themselves says what they are.
  var isVerifiable: Bool { sha256 != nil || md5 != nil }

  /// What is wrong with a file's hash, in words; nil where it is right or none is known.
  /// - Parameter hash: the file's SHA-256.
  func conflict(of url: URL, hash: SHA256Digest) throws -> String? {
    if let sha256 { return hash == sha256 ? nil : "expected SHA-256 \(sha256), found \(hash)" }
    guard let md5 else { return nil }
    let found = try MD5.hash(fileAt: url)
    return found == md5 ? nil : "expected MD5 \(md5), found \(found)"
  }
}

/// A file that was fetched, or was there already.
package struct DownloadedFile: Sendable, Encodable, Equatable {
  package var path: String
  package var bytes: Int
  /// As computed from the file.
  package var sha256: SHA256Digest
  /// Whether that is what a source other than the bytes themselves says.
  package var verified: Bool
  /// Bytes that were on disk from an earlier attempt and were not fetched again.
  package var resumed: Int
  package var wasPresent: Bool
}
