package import Imaging

/// One image of a split.
package struct DatasetSample: Sendable {
  /// Index into `DatasetIndex.classes`; `noLabel` where the index has `multiLabels`.
  package var label: Int
  private var storage: Storage

  private enum Storage: Sendable {
    case row(SampleTable, Int)
    case own(Own)
  }

  private final class Own: Sendable {
    let id: String
    let source: ImageSource
    let byteCount: Int?

    init(id: String, source: ImageSource, byteCount: Int?) {
      (self.id, self.source, self.byteCount) = (id, source, byteCount)
    }
  }

  /// No class: whoever takes it for one is told so.
  package static let noLabel = -1

  package init(id: String, label: Int, source: ImageSource, byteCount: Int? = nil) {
    self.label = label
    storage = .own(Own(id: id, source: source, byteCount: byteCount))
  }

  init(_ table: SampleTable, row: Int, label: Int) {
    self.label = label
    storage = .row(table, row)
  }

  /// Stable and unique in the split: the path below the dataset's root with `/`, or `file#record`.
  package var id: String {
    get {
      switch storage {
      case .row(let table, let row): table.id(row)
      case .own(let own): own.id
      }
    }
    set { storage = .own(Own(id: newValue, source: source, byteCount: byteCount)) }
  }

  package var source: ImageSource {
    get {
      switch storage {
      case .row(let table, let row): table.source(row)
      case .own(let own): own.source
      }
    }
    set { storage = .own(Own(id: id, source: newValue, byteCount: byteCount)) }
  }

  /// Bytes of the encoded image, or of the raw record; nil when a listed file is missing.
  package var byteCount: Int? {
    get {
      switch storage {
      case .row(let table, let row): table.size(row)
      case .own(let own): own.byteCount
      }
    }
    set { storage = .own(Own(id: id, source: source, byteCount: newValue)) }
  }

  /// Of the sample's file, in nanoseconds since 1970, when the index was made; nil where that was not looked at.
  package var modificationTime: Int? {
    switch storage {
    case .row(let table, let row): table.modificationTime(row)
    case .own: nil
    }
  }

  /// Calls `body` with the UTF-8 of the id, without making a `String`.
  func withIDBytes<Result>(
    _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result {
    switch storage {
    case .row(let table, let row): return try table.withIDBytes(row, body)
    case .own(let own):
      var id = own.id
      return try id.withUTF8(body)
    }
  }
}

/// The bytewise order of samples by id.
enum SampleOrder {
  /// Negative, zero or positive, as `memcmp`.
  static func compare(_ a: DatasetSample, _ b: DatasetSample) -> Int {
    a.withIDBytes { first in
      b.withIDBytes { second in
        let shared = min(first.count, second.count)
        for i in 0..<shared where first[i] != second[i] {
          return first[i] < second[i] ? -1 : 1
        }
        return first.count - second.count
      }
    }
  }

  /// The samples' numbers in order of their ids; nil when they are in strictly ascending order already.
  /// - Parameter tie: whether the first of two samples with one id comes first.
  static func byID(
    _ samples: [DatasetSample], tie: (Int, Int) -> Bool = { $0 < $1 }
  ) -> [Int]? {
    let isAscending = samples.indices.dropFirst().allSatisfy {
      compare(samples[$0 - 1], samples[$0]) < 0
    }
    if isAscending { return nil }
    return samples.indices.sorted { a, b in
      let order = compare(samples[a], samples[b])
      return order == 0 ? tie(a, b) : order < 0
    }
  }
}
