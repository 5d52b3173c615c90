import Core
import Foundation
import Synchronization

/// Decodes frames of videos with the program ffmpeg.
///
/// Each caller runs at most one process at a time, of one decoding thread; so workers that call it bound their number. Of a clip
/// of which several frames are wanted all are decoded at once, and kept until each has been taken or other clips need the room.
package final class VideoReader: Sendable {
  private let decoder: VideoDecoder
  private let budget: Int

  private struct Clip {
    var url: URL
    var frames: [RasterImage?]

    var byteCount: Int { frames.reduce(0) { $0 + ($1?.pixels.count ?? 0) } }
  }

  private struct State {
    /// The latest last.
    var clips: [Clip] = []
    var digests: [(url: URL, digest: SHA256Digest)] = []
  }
  private let state = Mutex(State())

  /// - Parameters:
  ///   - program: ffmpeg, by name or path.
  ///   - secondsLimit: for each of its runs.
  ///   - budget: bytes of decoded frames kept.
  package init(program: String = "ffmpeg", secondsLimit: Int = 120, budget: Int = 256 << 20) {
    decoder = VideoDecoder(program: program, secondsLimit: secondsLimit)
    self.budget = budget
  }

  /// Whether ffmpeg can be started.
  package var isAvailable: Bool { decoder.isAvailable }

  /// - Throws: `EvalError.notFound` or `.malformedData` of a file that cannot be decoded, `.taskFailed` without ffmpeg.
  func image(of frame: VideoFrame) throws -> RasterImage {
    if frame.choice.count > 1, let kept = take(frame) { return kept }
    let images = try decoder.frames(of: frame.url, frame.choice)
    guard images.indices.contains(frame.position) else {
      throw EvalError(.bug, "frame \(frame.position) of \(images.count)", subject: frame.url.path)
    }
    if images.count > 1 { keep(images, of: frame.url, but: frame.position) }
    return images[frame.position]
  }

  private func take(_ frame: VideoFrame) -> RasterImage? {
    state.withLock { state in
      guard let clip = state.clips.firstIndex(where: { $0.url == frame.url }),
        state.clips[clip].frames.count == frame.choice.count,
        let image = state.clips[clip].frames[frame.position]
      else { return nil }
      state.clips[clip].frames[frame.position] = nil
      if state.clips[clip].frames.allSatisfy({ $0 == nil }) { state.clips.remove(at: clip) }
      return image
    }
  }

  private func keep(_ images: [RasterImage], of url: URL, but taken: Int) {
    var clip = Clip(url: url, frames: images)
    clip.frames[taken] = nil
    state.withLock { state in
      state.clips.removeAll { $0.url == url }
      state.clips.append(clip)
      var total = state.clips.reduce(0) { $0 + $1.byteCount }
      while total > budget, !state.clips.isEmpty { total -= state.clips.removeFirst().byteCount }
    }
  }

  private static let digestLimit = 64

  /// SHA-256 of a file's bytes; frames of one clip follow one another, so the last ones are remembered.
  func digest(of url: URL) throws -> SHA256Digest {
    if let known = state.withLock({ $0.digests.first { $0.url == url }?.digest }) { return known }
    let digest = try SHA256.hash(fileAt: url)
    state.withLock { state in
      state.digests.append((url, digest))
      if state.digests.count > Self.digestLimit { state.digests.removeFirst() }
    }
    return digest
  }
}
