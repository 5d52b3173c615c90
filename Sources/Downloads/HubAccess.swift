import Core
import Foundation

/// How a hub knows who asks.
package struct HubAccess: Sendable {
  /// Nil for anybody.
  private let token: String?

  /// `$HF_TOKEN`, as for the hub's own clients.
  init(environment: [String: String]) {
    let token = (environment["HF_TOKEN"] ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    // A line break would begin another header field.
    let isUsable = !token.isEmpty && token.utf8.allSatisfy { (33...126).contains($0) }
    self.token = isUsable ? token : nil
  }

  /// Header fields for the hub's own addresses. libcurl leaves `Authorization` out once a redirect leads to another host.
  var fields: [String] { token.map { ["Authorization: Bearer \($0)"] } ?? [] }

  /// What to do when the hub does not give something.
  var remedy: String {
    token == nil
      ? "If it is private or gated, put a token that may read it into HF_TOKEN."
      : "The account that HF_TOKEN belongs to may have no access to it, or the token may have expired."
  }
}
