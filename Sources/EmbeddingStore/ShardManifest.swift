package import Core
package import Foundation

/// Which shards hold the features of one dataset index: one JSON line per finished shard, appended and
/// fsynced after the shard itself is on disk.
package struct ShardManifest: Sendable {
  package struct Entry: Codable, Sendable, Equatable {
    /// Position of the shard in the index.
    package var shard: Int
    /// Address of the shard (its ordered image contents).
    package var address: SHA256Digest
    /// SHA-256 of the shard file.
    package var checksum: SHA256Digest

    package init(shard: Int, address: SHA256Digest, checksum: SHA256Digest) {
      self.shard = shard
      self.address = address
      self.checksum = checksum
    }
  }

  package let url: URL

  /// Finished shards by position. A line that a crash cut short is left out, and its shard computed again.
  package func entries() -> [Int: Entry] {
    guard let data = try? Data(contentsOf: url) else { return [:] }
    var result: [Int: Entry] = [:]
    for line in data.split(separator: UInt8(ascii: "\n")) {
      if let entry = try? JSONDecoder().decode(Entry.self, from: line) {
        result[entry.shard] = entry
      }
    }
    return result
  }

  package func append(_ entry: Entry) throws {
    try AtomicFile.appendLine(CanonicalJSON.encode(entry), to: url)
  }
}
