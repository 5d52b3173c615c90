import Core
import Foundation
import Imaging
import TensorFiles

/// Which files are videos by name, and what can be told of them without decoding.
enum VideoFiles {
  static let extensions: Set<String> = [
    "avi", "mp4", "mkv", "webm", "mov", "m4v", "mpg", "mpeg", "flv", "wmv", "ts", "3gp",
  ]

  static func isVideo(_ name: String) -> Bool {
    guard let ending = ImageFiles.fileExtension(name) else { return false }
    return !name.hasPrefix("._") && extensions.contains(ending)
  }

  /// A video, or a frame that somebody took out of one.
  static func isVideoOrImage(_ name: String) -> Bool { isVideo(name) || ImageFiles.isImage(name) }

  /// `v_Archery_g01_c01` of `Archery/v_Archery_g01_c01.avi`.
  static func stem(_ path: String) -> Substring {
    let name = path.split(separator: "/").last ?? ""
    return name.lastIndex(of: ".").map { name[..<$0] } ?? name
  }

  /// Whether the first bytes are those of a container.
  static func isContainer(prefix bytes: [UInt8]) -> Bool {
    func starts(_ signature: [UInt8], at offset: Int = 0) -> Bool {
      bytes.count >= offset + signature.count
        && bytes[offset..<offset + signature.count].elementsEqual(signature)
    }
    let atoms = ["ftyp", "moov", "mdat", "free", "skip", "wide"]
    return (starts(Array("RIFF".utf8)) && starts(Array("AVI ".utf8), at: 8))
      || atoms.contains { starts(Array($0.utf8), at: 4) }
      || starts([0x1a, 0x45, 0xdf, 0xa3])  // Matroska, WebM
      || starts([0x00, 0x00, 0x01, 0xba]) || starts([0x00, 0x00, 0x01, 0xb3])  // MPEG
      || starts(Array("FLV".utf8)) || starts([0x30, 0x26, 0xb2, 0x75])  // Flash, Windows Media
      || starts([0x47])  // MPEG transport stream
  }

  /// Whether an AVI or MP4 file ends before what its headers announce. Of others nothing is known.
  static func isCutShort(_ file: PositionedFile) -> Bool {
    guard let head = try? file.read(at: 0, count: min(16, file.count)), head.count == 16 else {
      return false
    }
    if head.starts(with: Array("RIFF".utf8)) {
      let size = head[4..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
      return size + 8 > file.count
    }
    guard head[4..<8].elementsEqual(Array("ftyp".utf8)) else { return false }
    var offset = 0
    // A valid file has a handful of boxes at this level; a damaged one may seem to have any number.
    for _ in 0..<10_000 where offset < file.count {
      guard let box = try? file.read(at: offset, count: min(16, file.count - offset)),
        box.count >= 8
      else { return true }
      var size = box[0..<4].reduce(0) { $0 << 8 | Int($1) }
      if size == 1 {
        guard box.count == 16, box[8] < 0x40 else { return true }
        size = box[8..<16].reduce(0) { $0 << 8 | Int($1) }
      } else if size == 0 {
        return false
      }
      guard size >= 8, size <= file.count - offset else { return true }
      offset += size
    }
    return false
  }
}
