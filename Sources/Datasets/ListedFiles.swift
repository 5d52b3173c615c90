import Core
import Foundation

/// Samples that a list names, with the sizes that the disk gives. An entry whose file is missing stays a sample:
/// it counts, and fails when it is read.
struct ListedFiles {
  let base: URL
  private let folder: String
  private var table: SampleTable.Draft
  private var labels: [Int] = []
  private var known = RowsByID()
  /// By path; nil where there is none.
  private var listings: [String: RawListing?] = [:]

  /// - Parameter base: ids are the listed paths, which lie below it.
  init(base: URL) {
    self.base = base
    folder = base.path
    table = SampleTable.Draft(.folder(folder))
  }

  var count: Int { labels.count }
  var isEmpty: Bool { labels.isEmpty }

  /// Those added so far, in their order.
  var samples: [DatasetSample] { table.samples(labels: labels) }

  /// - Parameter place: file and line of the entry, for errors.
  mutating func add(_ path: String, label: Int, at place: String) throws {
    let isWhole = path.hasPrefix("/")
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard !path.isEmpty, !path.contains("\0"), parts.allSatisfy({ $0 != "" || isWhole })
    else {
      throw EvalError(
        .malformedData, "expected a path of an image, found `\(path)`", subject: place)
    }
    guard known.insert(path, as: count, of: table) else {
      throw EvalError(
        .malformedData, "`\(path)` is listed twice", subject: place,
        remedy: "Each image may occur once in a split.")
    }
    let entry = entry(at: isWhole ? path : folder + "/" + path)
    table.append(lead: [], name: path.utf8, size: entry?.size, time: entry?.modified)
    labels.append(label)
  }

  /// Reads each folder once: lists have up to a million entries in few folders.
  private mutating func entry(at path: String) -> RawListing.Entry? {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex
    let folder = String(path[..<slash])
    let listing = listings[folder] ?? (try? RawListing(folder.isEmpty ? "/" : folder))
    if listings[folder] == nil { listings[folder] = .some(listing) }
    return listing?.entry(named: path[path.utf8.index(after: slash)...])
  }
}

/// Which ids a table has: numbers of its rows, found by the bytes of their ids, with no text of its own for any of them.
private struct RowsByID {
  private static let free = -1
  /// A power of two of them, at least a third of which are free.
  private var slots = [Int](repeating: free, count: 64)
  private var count = 0

  /// - Parameter row: what the table is about to give the id.
  /// - Returns: false where a row has it already.
  mutating func insert(_ id: String, as row: Int, of table: SampleTable.Draft) -> Bool {
    if 3 * (count + 1) > 2 * slots.count { grow(table) }
    var id = id
    return id.withUTF8 { id in
      let place = slot(for: id, table)
      guard slots[place] == Self.free else { return false }
      slots[place] = row
      count += 1
      return true
    }
  }

  private mutating func grow(_ table: SampleTable.Draft) {
    let rows = slots.filter { $0 != Self.free }
    slots = [Int](repeating: Self.free, count: 2 * slots.count)
    for row in rows {
      let place = table.withIDBytes(row) { slot(for: $0, table) }
      slots[place] = row
    }
  }

  /// Where the id is, or belongs.
  private func slot(for id: UnsafeBufferPointer<UInt8>, _ table: SampleTable.Draft) -> Int {
    var hasher = Hasher()
    hasher.combine(bytes: UnsafeRawBufferPointer(id))
    var slot = hasher.finalize() & (slots.count - 1)
    while slots[slot] != Self.free,
      !table.withIDBytes(slots[slot], { $0.elementsEqual(id) })
    {
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }
}
