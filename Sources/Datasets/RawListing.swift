import Core
import Foundation

/// A folder's names as bytes, in bytewise order, with what `stat` says of each: one `readdir` pass, one `fstatat` a name and no
/// object a name, since ImageNet has 1.3 million.
struct RawListing {
  struct Entry {
    fileprivate var start: Int
    fileprivate var count: Int
    var kind: FolderEntry.Kind
    /// Of a file.
    var size: Int?
    /// When a file's contents last changed, in nanoseconds since 1970.
    var modified: Int
  }

  private(set) var entries: [Entry] = []
  private var names: [UInt8] = []

  /// - Throws: `EvalError.notFound` when the folder cannot be read.
  init(_ path: String) throws {
    guard let folder = opendir(path) else {
      throw EvalError(
        .notFound, "cannot list this folder: \(String(cString: strerror(errno)))", subject: path)
    }
    defer { closedir(folder) }
    let descriptor = dirfd(folder)
    // d_name is declared as 256 bytes; the offset to it is the same for every entry.
    let nameOffset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 19
    while let entry = readdir(folder) {
      let pointer = UnsafeRawPointer(entry).advanced(by: nameOffset)
        .assumingMemoryBound(to: CChar.self)
      let name = UnsafeRawBufferPointer(start: pointer, count: strlen(pointer))
      if name.elementsEqual(".".utf8) || name.elementsEqual("..".utf8) { continue }
      var info = stat()
      let isThere = fstatat(descriptor, pointer, &info, 0) == 0
      entries.append(
        Entry(
          start: names.count, count: name.count,
          kind: isThere ? Self.kind(info.st_mode) : .broken,
          size: isThere && info.st_mode & S_IFMT == S_IFREG ? Int(info.st_size) : nil,
          modified: isThere ? Self.nanoseconds(info.st_mtim) : 0))
      names.append(contentsOf: name)
    }
    names.withUnsafeBufferPointer { names in
      guard let base = names.baseAddress else { return }
      entries.sort { a, b in
        let order = memcmp(base + a.start, base + b.start, min(a.count, b.count))
        return order == 0 ? a.count < b.count : order < 0
      }
    }
  }

  func name(_ entry: Entry) -> ArraySlice<UInt8> { names[entry.start..<entry.start + entry.count] }

  /// The entry of this name; nil where there is none.
  func entry(named name: some StringProtocol) -> Entry? {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if self.name(entries[middle]).lexicographicallyPrecedes(name.utf8) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    guard low < entries.count, self.name(entries[low]).elementsEqual(name.utf8) else { return nil }
    return entries[low]
  }

  private static func kind(_ mode: mode_t) -> FolderEntry.Kind {
    switch mode & S_IFMT {
    case S_IFREG: .file
    case S_IFDIR: .folder
    default: .other
    }
  }

  static func nanoseconds(_ time: timespec) -> Int {
    let (seconds, overflow) = Int(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? 0 : seconds &+ Int(time.tv_nsec)
  }
}
