import CZlib
import Core
package import Foundation
import Synchronization

/// What deflate data unpack to, readable anywhere, in memory that does not grow with the file: one pass notes every few
/// megabytes where a block begins and the 32 KiB before it, which is all that unpacking from there takes.
package final class SeekableInflate: RandomAccessBytes {
  package enum Wrapper: Sendable {
    /// RFC 1950: the compressed elements of MATLAB files.
    case zlib
    /// RFC 1952, any number of members.
    case gzip
  }

  package let url: URL
  package let count: Int
  private let file: PositionedFile
  private let range: Range<Int>
  private let wrapper: Wrapper
  private let points: [InflatePoint]
  private let cache = Mutex(BlockCache())

  /// Unpacked bytes between two points. A point keeps 32 KiB: 7 GB of PCam come to 58 MB.
  package static let defaultSpacing = 4 << 20
  /// Deflate's blocks may be of any length, and each is unpacked whole. Those of zlib come to 8 MB at most.
  package static let defaultLongestBlock = 64 << 20
  /// Members of gzip files each have a point; bgzip's hold 64 KiB.
  private static let pointLimit = 1 << 20

  /// Unpacks everything once, to find the points and to compare the checksums.
  ///
  /// - Parameters:
  ///   - range: of the compressed bytes in the file; nil for all.
  ///   - limit: most bytes they may unpack to.
  ///   - spacing: least unpacked bytes between two points.
  ///   - longestBlock: most bytes that one block of deflate may unpack to: what reading anywhere takes memory for.
  /// - Throws: `EvalError.malformedData` with the byte where the data are damaged or end too early.
  package init(
    _ file: PositionedFile, range: Range<Int>? = nil, wrapper: Wrapper, limit: Int,
    spacing: Int = defaultSpacing, longestBlock: Int = defaultLongestBlock
  ) throws {
    self.file = file
    self.range = range ?? 0..<file.count
    self.wrapper = wrapper
    url = file.url
    var points: [InflatePoint] = []
    let inflater = Inflater(file, range: self.range)
    var (isAtStart, total) = (true, 0)
    while true {
      if isAtStart {
        guard points.count < Self.pointLimit else {
          throw inflater.error("more than \(Self.pointLimit) gzip members")
        }
        points.append(InflatePoint(input: inflater.position, output: total, form: .member))
        try inflater.start(wrapper.windowBits)
        isAtStart = false
      }
      switch try inflater.step() {
      case .block where total + inflater.produced - points[points.count - 1].output >= spacing:
        points.append(inflater.point(output: total + inflater.produced))
      case .block, .output: break
      case .end:
        total += inflater.produced
        isAtStart = true
        // Bytes that follow the last member are padding, as gunzip has it.
        if wrapper == .zlib || !inflater.isAtMember { count = total; self.points = points; return }
        continue
      }
      guard total + inflater.produced <= limit else {
        throw inflater.error("the data unpack to more than the limit of \(limit) bytes")
      }
      guard total + inflater.produced - points[points.count - 1].output <= spacing + longestBlock
      else {
        throw inflater.error(
          "a block of the compressed data unpacks to more than \(longestBlock) bytes")
      }
    }
  }

  /// The first `count` bytes, or all where there are fewer, without a look at the rest.
  static func head(
    _ file: PositionedFile, range: Range<Int>, wrapper: Wrapper, count: Int
  ) throws -> [UInt8] {
    let inflater = Inflater(file, range: range)
    try inflater.start(wrapper.windowBits)
    var bytes: [UInt8] = []
    while bytes.count < count {
      if try inflater.step({ bytes += $0.prefix(count - bytes.count) }) == .end { break }
    }
    return bytes
  }

  package func read(at offset: Int, count: Int) throws -> [UInt8] {
    guard offset >= 0, count >= 0, offset <= self.count, count <= self.count - offset else {
      throw EvalError(
        .malformedData,
        "expected \(count) bytes at byte \(offset) of what it unpacks to, which ends at \(self.count)",
        subject: url.path)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    while bytes.count < count {
      let number = block(at: offset + bytes.count)
      let block = try unpacked(number)
      let start = offset + bytes.count - points[number].output
      bytes += block[start..<min(block.count, start + count - bytes.count)]
    }
    return bytes
  }

  /// The last block that begins at or before a byte and is not empty there.
  private func block(at offset: Int) -> Int {
    var (low, high) = (0, points.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if points[middle].output <= offset { low = middle } else { high = middle }
    }
    return low
  }

  /// One thread unpacks at a time: neighbours want the same block.
  private func unpacked(_ number: Int) throws -> [UInt8] {
    try cache.withLock { cache in
      if let block = cache.block(number) { return block }
      let point = points[number]
      let end = number + 1 < points.count ? points[number + 1].output : count
      let inflater = Inflater(file, range: point.input..<range.upperBound)
      let block = try inflater.unpack(point, count: end - point.output, wrapper: wrapper)
      cache.add(number, block)
      return block
    }
  }
}

extension SeekableInflate.Wrapper {
  /// What zlib calls the wrapper.
  fileprivate var windowBits: Int32 { self == .gzip ? 15 + 16 : 15 }
}

/// A place where unpacking can begin.
private struct InflatePoint: Sendable {
  enum Form: Sendable {
    /// The wrapper's header.
    case member
    /// A block: the bits of the byte before it that belong to it, and the bytes unpacked before it.
    case block(bits: Int, window: [UInt8])
  }
  /// Byte of the file.
  var input: Int
  var output: Int
  var form: Form
}

/// The blocks used last.
private struct BlockCache: Sendable {
  private static let limit = 6
  private var blocks: [(number: Int, bytes: [UInt8])] = []

  mutating func block(_ number: Int) -> [UInt8]? {
    guard let at = blocks.firstIndex(where: { $0.number == number }) else { return nil }
    let found = blocks.remove(at: at)
    blocks.append(found)
    return found.bytes
  }

  mutating func add(_ number: Int, _ bytes: [UInt8]) {
    if blocks.count == Self.limit { blocks.removeFirst() }
    blocks.append((number, bytes))
  }
}

/// zlib, fed from a file piece by piece.
private final class Inflater {
  enum Step {
    /// A block ends here.
    case block
    case output
    case end
  }

  private let file: PositionedFile
  private let range: Range<Int>
  /// zlib remembers the address.
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  private var isStarted = false
  private let input = UnsafeMutablePointer<UInt8>.allocate(capacity: pieceSize)
  private let output = UnsafeMutablePointer<UInt8>.allocate(capacity: pieceSize)
  /// Next byte of the file to be read.
  private var next: Int
  /// Bytes unpacked since `start`.
  private(set) var produced = 0

  private static let pieceSize = 1 << 16

  init(_ file: PositionedFile, range: Range<Int>) {
    self.file = file
    self.range = range
    next = range.lowerBound
    stream.initialize(to: z_stream())
  }

  deinit {
    if isStarted { inflateEnd(stream) }
    stream.deallocate()
    input.deallocate()
    output.deallocate()
  }

  /// Next byte of the file that zlib has not taken.
  var position: Int { next - Int(stream.pointee.avail_in) }

  /// Whether another gzip member follows.
  var isAtMember: Bool {
    (try? file.read(at: position, count: 2)) == [0x1f, 0x8b] && position + 2 <= range.upperBound
  }

  func error(_ message: String) -> EvalError {
    EvalError(
      .malformedData, message, subject: "\(file.url.path), byte \(position)",
      remedy: "The file is damaged or cut short: fetch it again.")
  }

  func start(_ windowBits: Int32) throws {
    let status =
      isStarted
      ? inflateReset2(stream, windowBits)
      : inflateInit2_(stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw EvalError(.taskFailed, "zlib cannot start") }
    isStarted = true
    produced = 0
  }

  /// Unpacks to the end of a block, or a piece of one; what was unpacked is dropped unless `sink` takes it.
  func step(_ sink: (UnsafeBufferPointer<UInt8>) -> Void = { _ in }) throws -> Step {
    if stream.pointee.avail_in == 0 {
      let bytes = try file.read(at: next, count: min(Self.pieceSize, range.upperBound - next))
      guard !bytes.isEmpty else { throw error("the compressed data end too early") }
      input.update(from: bytes, count: bytes.count)
      stream.pointee.next_in = input
      stream.pointee.avail_in = UInt32(bytes.count)
      next += bytes.count
    }
    stream.pointee.next_out = output
    stream.pointee.avail_out = UInt32(Self.pieceSize)
    let status = inflate(stream, Z_BLOCK)
    let count = Self.pieceSize - Int(stream.pointee.avail_out)
    produced += count
    sink(UnsafeBufferPointer(start: output, count: count))
    switch status {
    case Z_STREAM_END: return .end
    // Z_BUF_ERROR: all input is taken and no output left over; the next call has more.
    case Z_OK, Z_BUF_ERROR: break
    default:
      let reason = stream.pointee.msg.map { String(cString: $0) } ?? "not the expected format"
      throw error("cannot unpack the compressed data: \(reason).")
    }
    // Bit 7: stopped after a header or block; bit 6: the last block, after which there is nothing to begin with.
    let type = stream.pointee.data_type
    return type & 128 != 0 && type & 64 == 0 ? .block : .output
  }

  /// Where zlib stands, at the end of a block.
  func point(output: Int) -> InflatePoint {
    var window = [UInt8](repeating: 0, count: 32_768)
    var length: UInt32 = 0
    inflateGetDictionary(stream, &window, &length)
    return InflatePoint(
      input: position, output: output,
      form: .block(
        bits: Int(stream.pointee.data_type & 7), window: Array(window.prefix(Int(length)))))
  }

  /// `count` bytes from a point on.
  func unpack(
    _ point: InflatePoint, count: Int, wrapper: SeekableInflate.Wrapper
  ) throws -> [UInt8] {
    switch point.form {
    case .member: try start(wrapper.windowBits)
    case .block(let bits, let window):
      try start(-15)
      if bits > 0 {
        let byte = try file.read(at: point.input - 1, count: 1)[0]
        inflatePrime(stream, Int32(bits), Int32(byte) >> (8 - Int32(bits)))
      }
      inflateSetDictionary(stream, window, UInt32(window.count))
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    while bytes.count < count {
      let step = try step { bytes += $0.prefix(count - bytes.count) }
      if step == .end, bytes.count < count { throw error("the file has changed") }
    }
    return bytes
  }
}
