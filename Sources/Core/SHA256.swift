import CCrypto
package import Foundation

/// A SHA-256 digest (FIPS 180-4), computed by OpenSSL's libcrypto.
package struct SHA256Digest: Hashable, Sendable, Comparable {
  /// 64 lower-case hexadecimal digits.
  package let hex: String

  package init(hex: String) { self.hex = hex }

  package static func < (a: Self, b: Self) -> Bool { a.hex < b.hex }
}

extension SHA256Digest: CustomStringConvertible {
  package var description: String { hex }
}

extension SHA256Digest: Codable {
  package init(from decoder: any Decoder) throws {
    hex = try decoder.singleValueContainer().decode(String.self)
  }
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(hex)
  }
}

/// Hashes bytes as they come.
package struct SHA256: ~Copyable {
  private let context: OpaquePointer

  package init() {
    // EVP_MD_CTX_new returns NULL only when memory is exhausted; Swift's own allocations trap there too.
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      preconditionFailure("libcrypto cannot start a SHA-256 digest")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    _ = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
  }

  package mutating func update(_ text: String) {
    var text = text
    text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
  }

  package consuming func finalize() -> SHA256Digest {
    let hex = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(EVP_MAX_MD_SIZE)) {
      buffer in
      var count: UInt32 = 0
      EVP_DigestFinal_ex(context, buffer.baseAddress, &count)
      let digits = Array("0123456789abcdef".utf8)
      return String(unsafeUninitializedCapacity: Int(count) * 2) { out in
        for i in 0..<Int(count) {
          out[2 * i] = digits[Int(buffer[i] >> 4)]
          out[2 * i + 1] = digits[Int(buffer[i] & 15)]
        }
        return Int(count) * 2
      }
    }
    return SHA256Digest(hex: hex)
  }

  package static func hash(_ bytes: UnsafeRawBufferPointer) -> SHA256Digest {
    var hasher = SHA256()
    hasher.update(bytes)
    return hasher.finalize()
  }

  package static func hash(_ data: Data) -> SHA256Digest { data.withUnsafeBytes { hash($0) } }

  package static func hash(_ text: String) -> SHA256Digest {
    var hasher = SHA256()
    hasher.update(text)
    return hasher.finalize()
  }

  /// The digest of a file's bytes, read in 1 MiB pieces.
  /// - Throws: `EvalError.notFound` when the file cannot be opened or read.
  package static func hash(fileAt url: URL) throws -> SHA256Digest {
    var hasher = SHA256()
    try FileChunks.forEach(in: url) { hasher.update($0) }
    return hasher.finalize()
  }
}
