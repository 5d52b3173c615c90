import Core
package import Foundation

/// One frame of a video, decoded when it is wanted.
package struct VideoFrame: Sendable {
  package let url: URL
  /// Which of the chosen frames, from 0.
  package let position: Int
  package let choice: FrameChoice
  private let reader: VideoReader

  package init(_ url: URL, position: Int, choice: FrameChoice, reader: VideoReader) {
    self.url = url
    self.position = position
    self.choice = choice
    self.reader = reader
  }

  var name: String { choice == .middle ? url.path : "\(url.path), frame \(position) of \(choice)" }

  func image() throws -> RasterImage { try reader.image(of: self) }

  /// Raised when the rule or the arguments by which frames are decoded change.
  private static let revision = 1

  /// Identifies the frame without decoding anything: the digest of the whole file and which frame is meant. So resuming costs
  /// one reading of each file, and another version of ffmpeg, whose pixels may differ in the last bit, is no other dataset.
  func identity() throws -> [UInt8] {
    Array(
      "video-frame \(Self.revision) \(position) \(choice)\n\(try reader.digest(of: url).hex)\n".utf8
    )
  }
}
