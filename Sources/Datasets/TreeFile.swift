import Core
import Foundation

/// The file of a `FolderCache`: for each tree its path, its folders' stamps, what was left out, and its files' paths, sizes and
/// times. Little-endian, with a SHA-256 of everything before it at the end. A file that is not so is no cache.
enum TreeFile {
  private static let magic = Array("clip-eval listing 1\n".utf8)
  private static let digestLength = 64

  static func write(_ trees: [(path: String, tree: ImageTree)], to url: URL) throws {
    try AtomicFile.createFolder(url.deletingLastPathComponent())
    try AtomicFile.write(to: url) { descriptor in
      var hasher = SHA256()
      var head = Writer()
      head.put(trees.count)
      // A tree at a time, so that the file is never in memory as a whole.
      for part in 0...trees.count {
        let bytes =
          part == 0 ? magic + head.bytes : encoded(trees[part - 1].path, trees[part - 1].tree)
        try bytes.withUnsafeBytes {
          hasher.update($0)
          try AtomicFile.writeAll($0, to: descriptor, subject: url.path)
        }
      }
      let digest = Array(hasher.finalize().hex.utf8)
      try digest.withUnsafeBytes {
        try AtomicFile.writeAll($0, to: descriptor, subject: url.path)
      }
    }
  }

  private static func encoded(_ path: String, _ tree: ImageTree) -> [UInt8] {
    var writer = Writer()
    writer.put(path.utf8)
    writer.put(tree.folders.count)
    for folder in tree.folders {
      writer.put(folder.path.utf8)
      writer.put(Int(bitPattern: folder.identity.device))
      writer.put(Int(bitPattern: folder.identity.inode))
      writer.put(folder.modified)
      writer.put(folder.changed)
    }
    writer.put(tree.ignored.count)
    for name in tree.ignored { writer.put(name.utf8) }
    writer.put(tree.table.ids)
    writer.put(tree.table.ends)
    writer.put(tree.table.sizes)
    writer.put(tree.table.times)
    return writer.bytes
  }

  private struct Writer {
    private(set) var bytes: [UInt8] = []

    mutating func put(_ value: Int) {
      withUnsafeBytes(of: Int64(value).littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func put(_ values: [Int]) {
      put(values.count)
      for value in values { put(value) }
    }

    mutating func put(_ text: some Collection<UInt8>) {
      put(text.count)
      bytes.append(contentsOf: text)
    }
  }

  /// The trees by path; none where there is no such file or it is damaged.
  static func read(_ url: URL, base: URL) -> [String: ImageTree] {
    guard isFile(url), let file = try? MappedFile(url) else { return [:] }
    let length = file.bytes.count - digestLength
    guard length > magic.count, file.bytes.starts(with: magic) else { return [:] }
    let content = UnsafeRawBufferPointer(rebasing: file.bytes[..<length])
    guard file.bytes[length...].elementsEqual(SHA256.hash(content).hex.utf8) else { return [:] }
    var reader = Reader(content, from: magic.count)
    var trees: [String: ImageTree] = [:]
    for _ in 0..<(reader.count() ?? 0) {
      guard let (path, tree) = tree(&reader, base: base) else { return [:] }
      trees[path] = tree
    }
    return trees
  }

  private static func tree(_ reader: inout Reader, base: URL) -> (String, ImageTree)? {
    guard let path = reader.text(), let folderCount = reader.count() else { return nil }
    var folders: [FolderStamp] = []
    for _ in 0..<folderCount {
      guard let path = reader.text(), let device = reader.integer(), let inode = reader.integer(),
        let modified = reader.integer(), let changed = reader.integer()
      else { return nil }
      folders.append(
        FolderStamp(
          path: path,
          identity: FileIdentity(device: UInt(bitPattern: device), inode: UInt(bitPattern: inode)),
          modified: modified, changed: changed))
    }
    var ignored: [String] = []
    guard let ignoredCount = reader.count() else { return nil }
    for _ in 0..<ignoredCount {
      guard let name = reader.text() else { return nil }
      ignored.append(name)
    }
    guard let ids = reader.bytes(), let ends = reader.integers(), let sizes = reader.integers(),
      let times = reader.integers(), sizes.count == ends.count, times.count == ends.count,
      ends.last ?? 0 == ids.count, zip([0] + ends, ends).allSatisfy({ $0 <= $1 })
    else { return nil }
    let table = SampleTable.Draft(
      files: base.path, ids: Array(ids), ends: ends, sizes: sizes, times: times)
    return (path, ImageTree(base: base, table: table, folders: folders, ignored: ignored))
  }

  /// Values one after another; nil beyond the end.
  private struct Reader {
    private let content: UnsafeRawBufferPointer
    private var position: Int

    init(_ content: UnsafeRawBufferPointer, from position: Int) {
      self.content = content
      self.position = position
    }

    mutating func integer() -> Int? {
      guard content.count - position >= 8 else { return nil }
      defer { position += 8 }
      return Int(
        Int64(littleEndian: content.loadUnaligned(fromByteOffset: position, as: Int64.self)))
    }

    /// A count of things that take a byte at least.
    mutating func count() -> Int? {
      integer().flatMap { (0...(content.count - position)).contains($0) ? $0 : nil }
    }

    mutating func bytes() -> UnsafeRawBufferPointer? {
      guard let count = count() else { return nil }
      defer { position += count }
      return UnsafeRawBufferPointer(rebasing: content[position..<position + count])
    }

    mutating func text() -> String? { bytes().flatMap { String(validating: $0, as: UTF8.self) } }

    mutating func integers() -> [Int]? {
      guard let count = integer(), count >= 0, count <= (content.count - position) / 8 else {
        return nil
      }
      let bytes = UnsafeRawBufferPointer(rebasing: content[position..<position + 8 * count])
      position += 8 * count
      return [Int](unsafeUninitializedCapacity: count) { buffer, filled in
        UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
        filled = count
      }
    }
  }
}
