import CArchive
import Core
import Foundation

/// Writes the corpus as tar shards in img2dataset's layout: `key.jpg`, `key.txt`, `key.json`.
struct CorpusWriter: Sendable {
  let world: World
  let folder: URL
  private static let shardSize = 5000

  private struct Entry: Sendable {
    var key: String
    var jpeg: Data
    var caption: String
    var kind: String
    var planted: Planted?
  }

  private struct Metadata: Encodable {
    var key: String
    var caption: String
    var kind: String
    var width = Canvas.side
    var height = Canvas.side
    var status = "success"
  }

  /// - Parameter sources: what altered copies are made of, in the order of use.
  /// - Returns: the SHA-256 of the shards' digests, in order.
  func write(count: Int, sources: [EvaluationItem]) throws -> SHA256Digest {
    try AtomicFile.createFolder(folder)
    let corpus = Corpus(world)
    var all = SHA256()
    var planted = "key,set,path,change,mild,quality\n"
    for (number, start) in stride(from: 0, to: count, by: Self.shardSize).enumerated() {
      let entries = try inParallel(min(Self.shardSize, count - start)) { offset in
        try entry(start + offset, corpus, sources)
      }
      let url = folder.appending(path: Numbers.padded(number, 5) + ".tar")
      let shard = try Self.write(entries, to: url)
      all.update(shard.hex)
      for entry in entries {
        guard let copy = entry.planted else { continue }
        planted +=
          "\(entry.key),\(copy.source.set),\(copy.source.path),\(copy.change.rawValue),\(copy.change.isMild),\(copy.quality)\n"
      }
    }
    try AtomicFile.write(planted, to: folder.appending(path: "planted.csv"))
    return all.finalize()
  }

  private func entry(_ index: Int, _ corpus: Corpus, _ sources: [EvaluationItem]) throws -> Entry {
    let key = Numbers.padded(index, 9)
    var random = world.random("planted/\(index)")
    if let copy = Planted(index: index, sources: sources, &random) {
      let jpeg = try WorldWriter.jpeg(copy.drawn(&random), quality: copy.quality)
      return Entry(
        key: key, jpeg: jpeg, caption: copy.source.caption(&random), kind: "planted", planted: copy)
    }
    let pair = corpus.pair(index)
    return Entry(
      key: key, jpeg: try WorldWriter.jpeg(pair.canvas, quality: 90), caption: pair.caption,
      kind: pair.kind, planted: nil)
  }

  private static func write(_ entries: [Entry], to url: URL) throws -> SHA256Digest {
    guard let archive = archive_write_new() else {
      throw EvalError(.cannotWrite, "libarchive cannot start a tar file", subject: url.path)
    }
    defer { archive_write_free(archive) }
    func failure() -> EvalError {
      let reason = archive_error_string(archive).map { String(cString: $0) }
      return EvalError(.cannotWrite, reason ?? "the tar file is short", subject: url.path)
    }
    func check(_ status: Int32) throws {
      guard status == ARCHIVE_OK else { throw failure() }
    }
    try check(archive_write_set_format_ustar(archive))
    try check(archive_write_open_filename(archive, url.path))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    for entry in entries {
      let metadata = Metadata(key: entry.key, caption: entry.caption, kind: entry.kind)
      let members = [
        ("jpg", entry.jpeg), ("json", try encoder.encode(metadata)),
        ("txt", Data(entry.caption.utf8)),
      ]
      for (ending, data) in members {
        let header = archive_entry_new()
        defer { archive_entry_free(header) }
        archive_entry_set_pathname(header, "\(entry.key).\(ending)")
        archive_entry_set_size(header, Int64(data.count))
        archive_entry_set_filetype(header, 0o100000)
        archive_entry_set_perm(header, 0o644)
        archive_entry_set_mtime(header, 0, 0)
        try check(archive_write_header(archive, header))
        let written = data.withUnsafeBytes { archive_write_data(archive, $0.baseAddress, $0.count) }
        guard written == data.count else { throw failure() }
      }
    }
    try check(archive_write_close(archive))
    return try SHA256.hash(fileAt: url)
  }
}
