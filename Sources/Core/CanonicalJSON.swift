package import Foundation

/// JSON whose bytes depend on the value alone: keys sorted, slashes unescaped, shortest round-trip numbers.
///
/// Hashes of protocols, suites and store keys are taken over this form, and every `--json` output uses it.
package enum CanonicalJSON {
  /// One line, no trailing newline.
  package static func encode(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value)
  }

  package static func string(_ value: some Encodable) throws -> String {
    String(decoding: try encode(value), as: UTF8.self)
  }

  /// Indented, for files people read.
  package static func pretty(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    return try encoder.encode(value)
  }

  package static func hash(_ value: some Encodable) throws -> SHA256Digest {
    SHA256.hash(try encode(value))
  }
}
