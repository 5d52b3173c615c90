import Foundation
import TestSupport

/// Damaged copies of PyTorch's archives: open_clip's `.bin`, OpenAI's TorchScript and state dict.
enum HostileArchives {
  private static let folder = "checkpoints/vit-gelu-open_clip-bin"
  private static let weights = "open_clip_pytorch_model.bin"
  private static let path = "\(folder)/\(weights)"
  private static let archive = "open_clip_pytorch_model"

  private static func file(
    _ name: String, _ outcome: HostileFile.Outcome,
    _ change: @escaping @Sendable (Data) throws -> Data
  ) -> HostileFile {
    HostileFile("archive: \(name)", outcome) {
      [
        weights: try change(fixture(path)),
        "open_clip_config.json": try fixture("\(folder)/open_clip_config.json"),
      ]
    }
  }

  static func all() throws -> [HostileFile] {
    try [truncations(), flips(), lies(), openAI()].flatMap { $0 }
  }

  private static func truncations() throws -> [HostileFile] {
    let data = try fixture(path)
    var boundaries = data.positions(of: "PK\u{3}\u{4}")
    boundaries += data.positions(of: "PK\u{1}\u{2}").prefix(5)
    boundaries += data.positions(of: "PK\u{5}\u{6}")
    boundaries += data.count - 22..<data.count
    return Set(boundaries).subtracting([0]).sorted().map { length in
      file("cut after \(length) bytes", .refused("no zip directory at its end, as if cut short")) {
        $0.prefix(length)
      }
    }
  }

  private static func flips() throws -> [HostileFile] {
    let data = try fixture(path)
    let local = data.positions(of: "PK\u{3}\u{4}")
    let central = data.positions(of: "PK\u{1}\u{2}")
    let end = data.positions(of: "PK\u{5}\u{6}")[0]
    let pickle = data.positions(of: "\u{80}\u{2}")[0]
    func flip(_ what: String, _ index: Int, _ range: Range<Int>) -> HostileFile {
      file("bit of \(what), \(index)", .any) {
        var damage = Damage(seed: UInt64(index))
        return damage.flip($0, in: range)
      }
    }
    var files: [HostileFile] = (0..<60).map { flip("the pickle", $0, pickle..<pickle + 5374) }
    files += (0..<40).map { flip("the directory", $0, central[0]..<end) }
    files += (0..<20).map { flip("the end record", $0, end..<data.count) }
    files += (0..<20).map { flip("a local header", $0, local[$0 * 2]..<local[$0 * 2] + 30) }
    // Where an entry's bytes begin is all that is read of its local header.
    files += local.prefix(3).flatMap { header in
      [
        file("length of a local name at \(header)", .refused("is of another entry")) {
          var data = $0
          data[header + 26] ^= 1
          return data
        },
        file(
          "signature of a local header at \(header)", .refused("no local header for the entry")
        ) {
          var data = $0
          data[header + 3] ^= 1
          return data
        },
        file("date of a local header at \(header)", .reads(like: path)) {
          var data = $0
          data[header + 12] ^= 0xff
          return data
        },
      ]
    }
    return files
  }

  // MARK: Zips that lie

  /// The fixture's entries, to be packed again.
  private static func entries(_ data: Data) -> [StoredZip.Entry] {
    func number(_ at: Int, _ bytes: Int) -> Int {
      data[at..<at + bytes].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    return data.positions(of: "PK\u{1}\u{2}").map { entry in
      let header = number(entry + 42, 4)
      let name = data[entry + 46..<entry + 46 + number(entry + 28, 2)]
      let start = header + 30 + number(header + 26, 2) + number(header + 28, 2)
      return StoredZip.Entry(
        String(decoding: name, as: UTF8.self), Data(data[start..<start + number(entry + 24, 4)]))
    }
  }

  private static func zip(
    _ name: String, _ outcome: HostileFile.Outcome,
    _ change: @escaping @Sendable (inout StoredZip) -> Void
  ) -> HostileFile {
    file(name, outcome) {
      var zip = StoredZip(entries($0))
      change(&zip)
      return zip.encoded()
    }
  }

  private static func wide(_ values: Int...) -> [UInt8] {
    var data = Data()
    data.append(number: 1, bytes: 2)
    data.append(number: 8 * values.count, bytes: 2)
    for value in values { data.append(number: value, bytes: 8) }
    return Array(data)
  }

  private static func lies() -> [HostileFile] {
    let full = 0xFFFF_FFFF
    return [
      zip("packed again", .reads(like: path)) { _ in },
      zip("with zip64 records", .reads(like: path)) { $0.zip64 = (nil, nil) },
      zip("a comment", .reads(like: path)) { $0.comment = Array("weights".utf8) },
      zip("the end record's signature in the comment", .reads(like: path)) {
        $0.comment = Array("PK\u{5}\u{6} and more than twenty-two bytes".utf8)
      },
      zip(
        "a whole end record in the comment",
        .refused("expected one data.pkl in the archive, found 0")
      ) {
        // It says that there is nothing.
        $0.comment = Array("PK\u{5}\u{6}".utf8) + [UInt8](repeating: 0, count: 18)
      },
      zip("one header for two entries", .refused("is of another entry")) {
        $0.entries[1].headerOffset = 0
      },
      zip("two entries of one name", .refused("two entries are called")) {
        $0.entries[2].name = $0.entries[1].name
      },
      zip("an entry past the next one", .refused("overlap")) {
        $0.entries[1].size = 5000
        $0.entries[1].compressedSize = 5000
      },
      zip("an entry past the end", .refused("claims 4000000000 bytes")) {
        $0.entries[1].size = 4_000_000_000
        $0.entries[1].compressedSize = 4_000_000_000
      },
      zip("sizes that differ", .refused("claims 9999 bytes (432 in the file)")) {
        $0.entries[1].size = 9999
      },
      zip("a smaller entry than its tensor", .refused("its storage claims 216 elements of F16")) {
        $0.entries[1].size = 430
        $0.entries[1].compressedSize = 430
      },
      zip("a local header beyond the file", .refused("no local header for the entry")) {
        $0.entries[1].headerOffset = 0x7FFF_FFFF
      },
      zip("a local header in the directory", .refused("no local header for the entry")) {
        $0.entries[1].localSignature = 0
      },
      zip("2⁶⁰ bytes by zip64", .refused("a size or offset beyond any file")) {
        $0.entries[1].size = full
        $0.entries[1].compressedSize = full
        $0.entries[1].extra = wide(1 << 60, 1 << 60)
      },
      zip("2⁵⁹ bytes by zip64", .refused("claims 576460752303423488 bytes")) {
        $0.entries[1].size = full
        $0.entries[1].compressedSize = full
        $0.entries[1].extra = wide(1 << 59, 1 << 59)
      },
      zip("2⁶⁴ − 1 bytes by zip64", .refused("a size or offset beyond any file")) {
        $0.entries[1].size = full
        $0.entries[1].extra = wide(-1)
      },
      zip("zip64 sizes cut short", .refused("are cut short")) {
        $0.entries[1].size = full
        $0.entries[1].compressedSize = full
        $0.entries[1].extra = wide(432)
      },
      zip("zip64 offset past the end", .refused("no local header for the entry")) {
        $0.entries[1].headerOffset = full
        $0.entries[1].extra = wide(1 << 50)
      },
      zip("true sizes by zip64", .reads(like: path)) {
        $0.entries[1].size = full
        $0.entries[1].compressedSize = full
        $0.entries[1].extra = wide(432, 432)
      },
      zip("a zip64 record elsewhere", .refused("the zip64 record is not where it should be")) {
        $0.zip64 = (nil, nil)
        $0.zip64Record = 17
      },
      zip("a zip64 record at 2⁶³", .refused("a size or offset beyond any file")) {
        $0.zip64 = (nil, nil)
        $0.zip64Record = .min
      },
      zip("a zip64 directory of 2⁵⁹ bytes", .refused("claims bytes beyond its end")) {
        $0.zip64 = (1 << 59, nil)
      },
      zip("a zip64 directory at 2⁵⁹", .refused("claims bytes beyond its end")) {
        $0.zip64 = (nil, 1 << 59)
      },
      zip("a directory of 4 GB", .refused("claims bytes beyond its end")) {
        $0.directorySize = full
      },
      zip("a directory one byte short", .refused("reaches beyond the zip directory")) {
        $0.directorySize = 2
      },
      zip("a directory elsewhere", .refused("expected an entry of the zip directory")) {
        $0.directoryOffset = 1
      },
      zip("no entries", .refused("expected one data.pkl in the archive, found 0")) {
        $0.entries = []
      },
      zip("two pickles", .refused("expected one data.pkl in the archive, found 2")) {
        $0.entries.append(.init("other/data.pkl", Data()))
      },
      zip("an empty pickle", .refused("ends without STOP")) { $0.entries[0].content = Data() },
      zip("a pickle above the limit", .refused("the limit is 16777216")) {
        $0.entries[0].content = Data(count: (16 << 20) + 1)
      },
      zip("a compressed storage", .refused("is compressed (method 8)")) {
        $0.entries[1].method = 8
      },
      zip("a deflate bomb", .refused("is compressed (method 8)")) {
        $0.entries[0].method = 8
        $0.entries[0].size = 0xFFFF_0000
      },
      zip("an encrypted storage", .refused("is encrypted")) { $0.entries[1].flags = 1 },
      zip("a path that leaves the folder", .reads(like: path)) {
        $0.entries.append(.init("../../../../etc/data/0", Data([1])))
      },
      zip("a name with NUL", .refused("the archive has no entry data/0")) {
        $0.entries[1].name += [0]
      },
      zip("a name that is not UTF-8", .refused("name is not UTF-8")) {
        $0.entries[1].name = [0xff, 0xfe]
      },
      zip("a long name", .refused("at most 1024 bytes")) {
        $0.entries[1].name = [UInt8](repeating: 0x61, count: 60_000)
      },
      zip("a storage missing", .refused("the archive has no entry data/0 for its storage")) {
        $0.entries.remove(at: 1)
      },
      zip("big-endian", .refused("big-endian")) {
        $0.entries.append(.init("\(archive)/byteorder", Data("big".utf8)))
      },
      zip("100 001 entries", .refused("more than 100000 entries")) {
        for i in 0..<100_000 { $0.entries.append(.init("\(i)", Data())) }
      },
    ]
  }

  // MARK: OpenAI's forms

  private static func openAI() throws -> [HostileFile] {
    try ["vit-quickgelu-openai.pt", "vit-quickgelu-openai-state-dict.pt"].flatMap {
      name -> [HostileFile] in
      let path = "checkpoints/\(name)"
      let data = try fixture(path)
      // The entry's name, then padding to 64 bytes, then protocol 2.
      let pickle = data.positions(of: "\u{80}\u{2}")[0]
      func file(
        _ what: String, _ outcome: HostileFile.Outcome, _ change: @escaping @Sendable (Data) -> Data
      )
        -> HostileFile
      {
        HostileFile("\(name): \(what)", outcome, opened: name) {
          [name: change(try fixture(path))]
        }
      }
      let flips: [HostileFile] = (0..<20).map { index in
        file("bit of the pickle, \(index)", .any) {
          var damage = Damage(seed: UInt64(1000 + index))
          return damage.flip($0, in: pickle..<pickle + 4000)
        }
      }
      let cuts: [HostileFile] = (0..<10).map { index in
        file("cut, \(index)", .refused("byte")) {
          var damage = Damage(seed: UInt64(2000 + index))
          return $0.prefix(4 + damage.next(below: $0.count - 4))
        }
      }
      return flips + cuts
    }
  }
}
