import CCrypto
package import Foundation

/// MD5 (RFC 1321), for files of which publishers state nothing better. It tells damage, not forgery.
package enum MD5 {
  /// 32 lower-case hexadecimal digits.
  /// - Throws: `EvalError.notFound` when the file cannot be opened or read.
  package static func hash(fileAt url: URL) throws -> String {
    guard let context = EVP_MD_CTX_new() else {
      throw EvalError(.bug, "libcrypto cannot start an MD5 digest", subject: url.path)
    }
    defer { EVP_MD_CTX_free(context) }
    guard EVP_DigestInit_ex(context, EVP_md5(), nil) == 1 else {
      throw EvalError(.bug, "this libcrypto computes no MD5", subject: url.path)
    }
    try FileChunks.forEach(in: url) {
      _ = EVP_DigestUpdate(context, $0.baseAddress, $0.count)
    }
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    EVP_DigestFinal_ex(context, &digest, &count)
    return digest.prefix(Int(count)).map { byte in
      let digits = Array("0123456789abcdef")
      return String([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
    }.joined()
  }
}
