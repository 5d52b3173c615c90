package import Core
package import Foundation

/// A file to fetch and what is known of it beforehand.
package struct Download: Sendable {
  /// An http or https address.
  package var address: String
  package var destination: URL
  /// Of the whole file; nil where no source states it.
  package var sha256: SHA256Digest?
  /// Bytes of the whole file; nil where no source states it.
  package var size: Int?
  /// Of files of a hub.
  package var hub: HubAccess?

  package init(
    address: String, destination: URL, sha256: SHA256Digest? = nil, size: Int? = nil,
    hub: HubAccess? = nil
  ) {
    self.address = address
    self.destination = destination
    self.sha256 = sha256
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
