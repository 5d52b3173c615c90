package import Foundation

/// A zip archive as PyTorch writes it, every field of which can be made to lie.
package struct StoredZip {
  package struct Entry {
    package var name: [UInt8]
    package var content: Data
    package var method = 0
    package var flags = 0
    /// What the directory claims; the truth where nil.
    package var size: Int?
    package var compressedSize: Int?
    package var headerOffset: Int?
    /// Extra field of the directory.
    package var extra: [UInt8] = []
    package var localSignature = 0x0403_4b50

    package init(_ name: String, _ content: Data) {
      self.name = Array(name.utf8)
      self.content = content
    }
  }

  package var entries: [Entry]
  package var comment: [UInt8] = []
  /// Of the directory, as the end record claims; the truth where nil.
  package var directorySize: Int?
  package var directoryOffset: Int?
  /// A zip64 record and its locator before the end record: size and offset of the directory.
  package var zip64: (size: Int?, offset: Int?)?
  /// Where the locator says the zip64 record lies; the truth where nil.
  package var zip64Record: Int?

  package init(_ entries: [Entry]) { self.entries = entries }

  package func encoded() -> Data {
    var data = Data()
    var directory = Data()
    for entry in entries {
      let offset = data.count
      func sizes(_ to: inout Data) {
        to.append(number: 20, bytes: 2)
        to.append(number: entry.flags, bytes: 2)
        to.append(number: entry.method, bytes: 2)
        // Time, date and checksum are not looked at.
        to.append(number: 0, bytes: 8)
        to.append(number: entry.compressedSize ?? entry.content.count, bytes: 4)
        to.append(number: entry.size ?? entry.content.count, bytes: 4)
        to.append(number: entry.name.count, bytes: 2)
      }
      data.append(number: entry.localSignature, bytes: 4)
      sizes(&data)
      data.append(number: 0, bytes: 2)
      data.append(contentsOf: entry.name)
      data.append(entry.content)
      directory.append(number: 0x0201_4b50, bytes: 4)
      directory.append(number: 20, bytes: 2)
      sizes(&directory)
      directory.append(number: entry.extra.count, bytes: 2)
      // Comment, disk and attributes.
      directory.append(number: 0, bytes: 8)
      directory.append(number: 0, bytes: 2)
      directory.append(number: entry.headerOffset ?? offset, bytes: 4)
      directory.append(contentsOf: entry.name)
      directory.append(contentsOf: entry.extra)
    }
    let offset = data.count
    data.append(directory)
    if let zip64 {
      let record = data.count
      data.append(number: 0x0606_4b50, bytes: 4)
      data.append(number: 44, bytes: 8)
      // Versions and disks.
      data.append(number: 0, bytes: 8)
      data.append(number: 0, bytes: 4)
      for _ in 0..<2 { data.append(number: entries.count, bytes: 8) }
      data.append(number: zip64.size ?? directory.count, bytes: 8)
      data.append(number: zip64.offset ?? offset, bytes: 8)
      data.append(number: 0x0706_4b50, bytes: 4)
      data.append(number: 0, bytes: 4)
      data.append(number: zip64Record ?? record, bytes: 8)
      data.append(number: 1, bytes: 4)
    }
    data.append(number: 0x0605_4b50, bytes: 4)
    data.append(number: 0, bytes: 4)
    for _ in 0..<2 { data.append(number: entries.count, bytes: 2) }
    data.append(number: directorySize ?? directory.count, bytes: 4)
    data.append(number: directoryOffset ?? offset, bytes: 4)
    data.append(number: comment.count, bytes: 2)
    data.append(contentsOf: comment)
    return data
  }
}

extension Data {
  /// Little-endian, at most 8 bytes.
  package mutating func append(number: Int, bytes: Int) {
    Swift.withUnsafeBytes(of: UInt64(bitPattern: Int64(number)).littleEndian) {
      append(contentsOf: $0.prefix(bytes))
    }
  }
}
