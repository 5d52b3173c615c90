import Core
import Foundation
import Imaging

/// Ids, places and sizes of many samples, each kind in one piece of memory. ImageNet has 1.3 million.
final class SampleTable: Sendable {
  enum Container: Sendable {
    /// Images are files of their own; ids are their paths below this folder, or whole paths.
    case folder(String)
    /// Images are ranges of one file; ids are free.
    case archive(URL)
  }

  private let container: Container
  private let ids: [UInt8]
  /// One past the last byte of each id.
  private let ends: [Int]
  /// Nil as `absent`.
  private let sizes: [Int]
  /// Of an archive's members.
  private let offsets: [Int]
  /// Modification times of files, in nanoseconds since 1970.
  private let times: [Int]

  static let absent = -1

  /// A table that is being filled.
  struct Draft {
    let container: Container
    private(set) var ids: [UInt8] = []
    private(set) var ends: [Int] = []
    private(set) var sizes: [Int] = []
    private var offsets: [Int] = []
    private(set) var times: [Int] = []

    init(_ container: Container) { self.container = container }

    var count: Int { ends.count }

    /// - Parameters:
    ///   - lead: the id's first bytes.
    ///   - size: nil for a file that is not there.
    mutating func append(
      lead: some Sequence<UInt8>, name: some Sequence<UInt8>, size: Int?, offset: Int = 0,
      time: Int? = nil
    ) {
      ids.append(contentsOf: lead)
      ids.append(contentsOf: name)
      ends.append(ids.count)
      sizes.append(size ?? SampleTable.absent)
      switch container {
      case .folder: times.append(time ?? 0)
      case .archive: offsets.append(offset)
      }
    }

    /// Files that were listed before.
    /// - Precondition: `ends` rises to the count of `ids`; `sizes` and `times` have as many values.
    init(files folder: String, ids: [UInt8], ends: [Int], sizes: [Int], times: [Int]) {
      container = .folder(folder)
      (self.ids, self.ends, self.sizes, self.times) = (ids, ends, sizes, times)
    }

    func withIDBytes<Result>(
      _ row: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
    ) rethrows -> Result {
      try SampleTable.withIDBytes(row, ids, ends, body)
    }

    /// Of a file that was looked at again.
    mutating func update(_ row: Int, size: Int?, time: Int) {
      sizes[row] = size ?? SampleTable.absent
      times[row] = time
    }

    func table() -> SampleTable {
      SampleTable(
        container, ids: ids, ends: ends, sizes: sizes, offsets: offsets, times: times)
    }

    /// - Parameter labels: one for each sample.
    func samples(labels: [Int]) -> [DatasetSample] {
      let table = table()
      return zip(ends.indices, labels).map { DatasetSample(table, row: $0, label: $1) }
    }

    /// The samples of one class.
    func samples(label: Int) -> [DatasetSample] {
      let table = table()
      return ends.indices.map { DatasetSample(table, row: $0, label: label) }
    }
  }

  private init(
    _ container: Container, ids: [UInt8], ends: [Int], sizes: [Int], offsets: [Int], times: [Int]
  ) {
    (self.container, self.ids, self.ends) = (container, ids, ends)
    (self.sizes, self.offsets, self.times) = (sizes, offsets, times)
  }

  func withIDBytes<Result>(
    _ row: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result {
    try Self.withIDBytes(row, ids, ends, body)
  }

  private static func withIDBytes<Result>(
    _ row: Int, _ ids: [UInt8], _ ends: [Int],
    _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result {
    let start = row == 0 ? 0 : ends[row - 1]
    return try ids.withUnsafeBufferPointer {
      try body(UnsafeBufferPointer(rebasing: $0[start..<ends[row]]))
    }
  }

  func id(_ row: Int) -> String { withIDBytes(row) { String(decoding: $0, as: UTF8.self) } }

  func size(_ row: Int) -> Int? { sizes[row] == Self.absent ? nil : sizes[row] }

  func source(_ row: Int) -> ImageSource {
    switch container {
    case .folder(let folder):
      let id = id(row)
      let path = id.hasPrefix("/") ? id : folder + "/" + id
      return .file(URL(filePath: path, directoryHint: .notDirectory))
    case .archive(let url):
      return .range(url, offset: offsets[row], count: max(0, sizes[row]))
    }
  }

  /// Of a file, when it was listed; nil for other samples and absent files.
  func modificationTime(_ row: Int) -> Int? {
    guard case .folder = container, sizes[row] != Self.absent else { return nil }
    return times[row]
  }
}
