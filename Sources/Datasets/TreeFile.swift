import Core
import Foundation

/// The file of a `FolderCache`: for each tree its path, its folders' stamps, what was left out, and its files' paths, sizes and
/// times. Little-endian, with a SHA-256 of everything before it at the end. A file that is not so is no cache.
enum TreeFile {
  private static let magic = Array("clip-eval listing 1\n".utf8)
  private static let digestLength = 64

  static func write(_ trees: [(path: String, tree: ImageTree)], to url: URL) throws {
    var bytes = magic
    func put(_ value: Int) {
      withUnsafeBytes(of: Int64(value).littleEndian) { bytes.append(contentsOf: $0) }
    }
    func put(_ values: [Int]) {
      put(values.count)
      values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }
    func put(_ text: some Collection<UInt8>) {
      put(text.count)
      bytes.append(contentsOf: text)
    }
    put(trees.count)
    for (path, tree) in trees {
      put(path.utf8)
      put(tree.folders.count)
      for folder in tree.folders {
        put(folder.path.utf8)
        put(Int(bitPattern: folder.identity.device))
        put(Int(bitPattern: folder.identity.inode))
        put(folder.modified)
        put(folder.changed)
      }
      put(tree.ignored.count)
      for name in tree.ignored { put(name.utf8) }
      put(tree.table.ids)
      put(tree.table.ends)
      put(tree.table.sizes)
      put(tree.table.times)
    }
    bytes += bytes.withUnsafeBytes { SHA256.hash($0) }.hex.utf8
    try AtomicFile.createFolder(url.deletingLastPathComponent())
    try AtomicFile.write(Data(bytes), to: url)
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
      return Int(Int64(littleEndian: content.loadUnaligned(fromByteOffset: position, as: Int64.self)))
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
