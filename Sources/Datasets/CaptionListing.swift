import Core
import Foundation

/// Images and their captions as a file lists them.
struct CaptionListing {
  struct Image {
    /// Below the folder of the images.
    var path: String
    var captions: [String]
    /// File and line or entry, for errors.
    var place: String
  }

  var layout: String
  var images: [Image] = []
  private var positions: [String: Int] = [:]

  init(layout: String) { self.layout = layout }

  /// An image with all its captions; one that is listed again is an error when samples are made.
  mutating func append(_ image: Image) { images.append(image) }

  /// One more caption of an image, which comes where it was first named.
  mutating func add(_ caption: String, of path: String, at place: String) {
    if let position = positions[path] {
      images[position].captions.append(caption)
    } else {
      positions[path] = images.count
      images.append(Image(path: path, captions: [caption], place: place))
    }
  }

  /// Samples in the list's order with their captions.
  ///
  /// - Parameter base: the folder of the images.
  /// - Throws: `EvalError.malformedData` for an image that is listed twice or has no caption, and for a caption without words.
  func draft(base: URL) throws -> IndexDraft {
    var files = ListedFiles(base: base)
    var captions: [Caption] = []
    for (sample, image) in images.enumerated() {
      try files.add(image.path, label: 0, at: image.place)
      guard !image.captions.isEmpty else {
        throw EvalError(.malformedData, "`\(image.path)` has no caption", subject: image.place)
      }
      for caption in image.captions {
        let text = caption.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty else {
          throw EvalError(
            .malformedData, "a caption of `\(image.path)` is empty", subject: image.place)
        }
        captions.append(Caption(text: text, sample: sample))
      }
    }
    let set = CaptionSet(captions)
    var draft = IndexDraft(layout: layout, classes: [DatasetClass(id: "", name: "")])
    draft.samples = files.samples
    draft.captions = set
    let counts = set.counts(samples: draft.samples.count)
    var note = "\(captions.count) captions, \(counts.min() ?? 0) to \(counts.max() ?? 0) an image"
    if set.repeatedCount > 0 { note += "; \(set.repeatedCount) repeat another's text" }
    draft.notes = [note]
    return draft
  }
}
