import Synchronization

/// Unpacked pages, most recently used ones first, up to a number of bytes. For any number of columns and threads.
package final class ParquetPageCache: Sendable {
  /// A page of one of the columns that use the cache.
  struct Key: Hashable {
    var column: Int
    var page: Int
  }

  private let state = Mutex(State())
  private let budget: Int

  /// - Parameter budget: bytes of unpacked pages to keep; the page used last stays however large it is.
  package init(budget: Int = 256 << 20) {
    self.budget = budget
  }

  /// A number that no other column of this cache has.
  func newColumn() -> Int {
    state.withLock { state in
      state.columns += 1
      return state.columns
    }
  }

  /// The page, from the cache or from `decode`. Several threads that want one page wait for the first to unpack it.
  func value(_ key: Key, _ decode: () throws -> ParquetBlobs) throws -> ParquetBlobs {
    let slot = state.withLock { $0.slot(key) }
    var unpacked: Int?
    let blobs = try slot.blobs.withLock { blobs in
      if let blobs { return blobs }
      let made = try decode()
      blobs = made
      unpacked = made.size
      return made
    }
    if let unpacked { state.withLock { $0.add(unpacked, for: key, slot, budget: budget) } }
    return blobs
  }

  private final class Slot: Sendable {
    let blobs = Mutex<ParquetBlobs?>(nil)
  }

  private struct State {
    var columns = 0
    private var slots: [Key: (slot: Slot, size: Int, lastUse: UInt64)] = [:]
    private var size = 0
    private var clock: UInt64 = 0

    mutating func slot(_ key: Key) -> Slot {
      clock += 1
      let slot = slots[key]?.slot ?? Slot()
      slots[key, default: (slot, 0, 0)].lastUse = clock
      return slot
    }

    mutating func add(_ bytes: Int, for key: Key, _ slot: Slot, budget: Int) {
      // It may have been thrown out while it was unpacked.
      guard let entry = slots[key], entry.slot === slot else { return }
      slots[key]?.size = bytes
      size += bytes
      while size > budget,
        let oldest = slots.filter({ $0.key != key && $0.value.size > 0 })
          .min(by: { $0.value.lastUse < $1.value.lastUse })
      {
        size -= oldest.value.size
        slots[oldest.key] = nil
      }
    }
  }
}
