import Core
import Foundation
import Imaging

/// A clip of a video dataset: its file, or one frame that somebody took out of it.
struct Clip {
  /// Its path below the dataset's root; as listed where the file is missing.
  var id: String
  var url: URL
  /// Nil where the file is missing.
  var byteCount: Int?
  var label: Int
  /// What it was cut from, where other clips were too.
  var group: String?
  /// The test split that it belongs to, of several.
  var fold: String?

  var isImage: Bool { ImageFiles.isImage(url.lastPathComponent) }
}

extension IndexDraft {
  /// A sample for every frame that is wanted of every clip.
  ///
  /// - Parameter groupUnit: what groups are, in the plural.
  /// - Throws: `EvalError.usage` where several frames are asked for and only single ones have been kept.
  static func clips(
    _ clips: [Clip], layout: String, classes: [DatasetClass], frames: FrameChoice,
    reader: VideoReader, groupUnit: String? = nil
  ) throws -> IndexDraft {
    var draft = IndexDraft(layout: layout, classes: classes)
    let digits = String(frames.count - 1).count
    for clip in clips {
      if clip.isImage {
        guard frames == .middle else {
          throw EvalError(
            .usage,
            "frames=\(frames) needs the videos, and this copy has single frames of them, such as \(clip.id)",
            subject: clip.url.path,
            remedy: "Leave the option out, or name a folder with the videos.")
        }
        draft.samples.append(
          DatasetSample(
            id: clip.id, label: clip.label, source: .file(clip.url), byteCount: clip.byteCount))
        continue
      }
      for position in 0..<frames.count {
        let number = String(position)
        let padded = String(repeating: "0", count: digits - number.count) + number
        draft.samples.append(
          DatasetSample(
            id: frames == .middle ? clip.id : "\(clip.id)#\(padded)/\(frames.count)",
            label: clip.label,
            source: .frame(
              VideoFrame(clip.url, position: position, choice: frames, reader: reader)),
            byteCount: clip.byteCount))
      }
    }
    func keys(_ value: (Clip) -> String) -> [String] {
      clips.flatMap { [String](repeating: value($0), count: $0.isImage ? 1 : frames.count) }
    }
    if frames.count > 1 { draft.clips = SampleGroups(unit: "clips", keys: keys(\.id)) }
    if let groupUnit {
      draft.groups = SampleGroups(unit: groupUnit, keys: keys { $0.group ?? $0.id })
    }
    if Set(clips.map(\.fold)).count > 1 {
      draft.folds = SampleGroups(unit: "splits", keys: keys { $0.fold ?? "" })
    }
    let missing = clips.filter { $0.byteCount == nil }
    if let first = missing.first {
      draft.notes.append(
        "\(missing.count) of \(clips.count) listed clips are not there, \(first.id) the first; they count as failed"
      )
    }
    return draft
  }
}

extension DatasetOption {
  /// Which frames of a clip are looked at.
  static let frames = DatasetOption(
    "frames", default: "middle", of: ["middle", "uniform:N"],
    meaning:
      "Which frames: middle is frame n/2 of the n that decode; uniform:N the middles of N equal parts, whose class probabilities are averaged."
  )
}

extension FrameChoice {
  /// Of the option `frames`.
  init(option value: String?, dataset: String) throws(EvalError) {
    guard let value else {
      self = .middle
      return
    }
    guard let choice = FrameChoice(value) else {
      throw EvalError(
        .usage,
        "the option frames is middle or uniform:1 to uniform:\(Self.limit), found `\(value)`",
        subject: dataset)
    }
    self = choice
  }
}
