import Core
import Foundation
import Imaging
import TensorFiles

/// Tar shards in the WebDataset form: members that share a key, `<key>.jpg|.png|.webp` and what says what the image shows:
///
///     <key>.cls     the class number in ASCII
///     <key>.npy     NumPy's array with 0 or 1 for each class, or the number of one class
///     <key>.txt     captions, one a line; img2dataset's hold one caption
///     <key>.json    img2dataset's record; `label`, `cls` or `class` is a class number or name
///
/// Members of one key may lie in any order. Images are read in place.
enum WebDataset {
  private static let imageExtensions: Set<String> = ["jpg", "jpeg", "png", "webp"]
  private static let partExtensions: Set<String> = ["cls", "npy", "txt", "json"]

  /// Names of the tar files in a folder, ordered by the numbers in them: `2.tar` before `10.tar`.
  static func shards(in folder: URL) throws -> [String] {
    guard isFolder(folder) else { return [] }
    return try listFolder(folder.path).entries
      .filter { $0.kind == .file && ImageFiles.isNamed($0.name, "tar") }.map(\.name)
      .map { (key: naturalKey($0), name: $0) }
      .sorted { a, b in
        a.key == b.key ? bytewise(a.name, b.name) : a.key.lexicographicallyPrecedes(b.key, by: <)
      }.map(\.name)
  }

  /// An image and the members beside it, by their endings.
  struct Record {
    var key: String
    var image: TarIndex.Member
    var parts: [String: TarIndex.Member]
  }

  /// The records of a shard, in the order of their images.
  ///
  /// - Parameter name: the shard's path in sample ids.
  /// - Throws: `EvalError.malformedData` for two images or parts with one key, and for a label without an image.
  static func records(
    _ shard: URL, name: String, ignored: inout [String]
  ) throws -> [Record] {
    var records: [Record] = []
    var parts: [String: [String: TarIndex.Member]] = [:]
    var seen: Set<String> = []
    for member in try TarIndex(contentsOf: shard).members {
      let (key, ending) = split(member.name)
      func second(_ what: String) -> EvalError {
        EvalError(
          .malformedData, "a second \(what) with the key `\(key)`",
          subject: "\(shard.path), byte \(member.offset) (\(member.name))")
      }
      if imageExtensions.contains(ending), !key.isEmpty {
        guard seen.insert(key).inserted else { throw second("image") }
        records.append(Record(key: key, image: member, parts: [:]))
      } else if partExtensions.contains(ending), !key.isEmpty {
        guard parts[key, default: [:]].updateValue(member, forKey: ending) == nil else {
          throw second(".\(ending)")
        }
      } else {
        ignored.append("\(name)#\(member.name)")
      }
    }
    for index in records.indices {
      records[index].parts = parts.removeValue(forKey: records[index].key) ?? [:]
    }
    for (orphan, members) in parts.sorted(by: { bytewise($0.key, $1.key) }) {
      // A text may be a note; a label without its image is a damaged shard.
      if let label = members["cls"] ?? members["npy"] {
        throw EvalError(
          .malformedData,
          "`\(label.name)` has no image (.jpg, .png or .webp) with the key `\(orphan)`",
          subject: "\(shard.path), byte \(label.offset)")
      }
      ignored += members.values.map { "\(name)#\($0.name)" }
    }
    return records
  }

  /// Adds the images of an archive that holds one class and no labels, as ImageNet's `<wnid>.tar`.
  static func readImages(
    _ archive: URL, name: String, label: Int, into draft: inout IndexDraft
  ) throws {
    var table = SampleTable.Draft(.archive(archive))
    for member in try TarIndex(contentsOf: archive).members {
      guard ImageFiles.isImage(member.name) else {
        draft.ignored.append("\(name)#\(member.name)")
        continue
      }
      table.append(
        lead: "\(name)#".utf8, name: member.name.utf8, size: member.count, offset: member.offset)
    }
    draft.samples += table.samples(label: label)
  }

  /// A WebDataset key ends at the first dot of the file's name.
  private static func split(_ path: String) -> (key: String, ending: String) {
    let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    guard let dot = path[slash...].firstIndex(of: ".") else { return (path, "") }
    return (String(path[..<dot]), path[path.index(after: dot)...].lowercased())
  }

  static func naturalKey(_ name: String) -> [UInt64] {
    name.split(whereSeparator: { !("0"..."9").contains($0) })
      .map { UInt64($0) ?? UInt64.max }
  }
}
