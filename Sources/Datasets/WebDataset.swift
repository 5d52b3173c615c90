import Core
import Foundation
import Imaging
import TensorFiles

/// Tar shards in the WebDataset form: members that share a key, `<key>.jpg|.png|.webp` and `<key>.cls`, where the
/// latter holds the class number in ASCII. Images are read in place.
enum WebDataset {
  private static let imageExtensions: Set<String> = ["jpg", "jpeg", "png", "webp"]

  /// Names of the tar files in a folder, ordered by the numbers in them: `2.tar` before `10.tar`.
  static func shards(in folder: URL) throws -> [String] {
    guard isFolder(folder) else { return [] }
    return try listFolder(folder.path).entries
      .filter { $0.kind == .file && ImageFiles.fileExtension($0.name) == "tar" }.map(\.name)
      .map { (key: naturalKey($0), name: $0) }
      .sorted { a, b in
        a.key == b.key ? bytewise(a.name, b.name) : a.key.lexicographicallyPrecedes(b.key, by: <)
      }.map(\.name)
  }

  /// Adds the samples of a shard, in the order of the archive.
  ///
  /// - Parameters:
  ///   - name: the shard's path in sample ids.
  ///   - label: class index of a class number, or nil when there is no such class.
  static func read(
    _ shard: URL, name: String, into draft: inout IndexDraft, label: (Int) -> Int?
  ) throws {
    let file = try PositionedFile(shard)
    var images: [(key: String, member: TarIndex.Member)] = []
    var classes: [String: TarIndex.Member] = [:]
    for member in try TarIndex(contentsOf: shard).members {
      let (key, ending) = split(member.name)
      if imageExtensions.contains(ending), !key.isEmpty {
        images.append((key, member))
      } else if ending == "cls" {
        classes[key] = member
      } else {
        draft.ignored.append("\(name)#\(member.name)")
      }
    }
    var seen: Set<String> = []
    for (key, member) in images {
      let place = "\(shard.path), member \(member.name)"
      guard seen.insert(key).inserted else {
        throw EvalError(.malformedData, "a second image with the key `\(key)`", subject: place)
      }
      guard let labelMember = classes.removeValue(forKey: key) else {
        throw EvalError(
          .malformedData, "expected a member `\(key).cls` with its class", subject: place)
      }
      let bytes = try file.read(at: labelMember.offset, count: min(labelMember.count, 32))
      let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(
        in: .whitespacesAndNewlines)
      guard labelMember.count <= 32, let number = Int(text), let label = label(number) else {
        throw EvalError(
          .malformedData, "expected a class number, found `\(text)`",
          subject: "\(shard.path), byte \(labelMember.offset) (\(labelMember.name))")
      }
      draft.samples.append(
        DatasetSample(
          id: "\(name)#\(member.name)", label: label,
          source: .range(shard, offset: member.offset, count: member.count),
          byteCount: member.count))
    }
    if let orphan = classes.keys.min(by: bytewise) {
      throw EvalError(
        .malformedData, "`\(orphan).cls` has no image (.jpg, .png or .webp) with its key",
        subject: shard.path)
    }
  }

  /// Adds the images of an archive that holds one class and no labels, as ImageNet's `<wnid>.tar`.
  static func readImages(
    _ archive: URL, name: String, label: Int, into draft: inout IndexDraft
  ) throws {
    for member in try TarIndex(contentsOf: archive).members {
      let id = "\(name)#\(member.name)"
      guard ImageFiles.isImage(member.name) else {
        draft.ignored.append(id)
        continue
      }
      draft.samples.append(
        DatasetSample(
          id: id, label: label,
          source: .range(archive, offset: member.offset, count: member.count),
          byteCount: member.count))
    }
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
