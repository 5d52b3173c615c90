package import Core

/// A text written about one image of a split.
package struct Caption: Sendable, Equatable {
  /// As the dataset has it, without white space around it.
  package var text: String
  /// The image it describes: index into `DatasetIndex.samples`.
  package var sample: Int

  package init(text: String, sample: Int) {
    self.text = text
    self.sample = sample
  }
}

/// The captions of a split: what a captions dataset has in place of classes.
package struct CaptionSet: Sendable, Equatable {
  /// Grouped by image in the order of the samples, and as the source has them within one; every image has at least one.
  package private(set) var captions: [Caption]
  /// The most captions taken of an image, its first ones; nil for all.
  package private(set) var limitPerImage: Int?
  /// Captions of the complete split; nil where its count is not known.
  package var expectedCount: Int?

  /// - Parameter captions: in any order; those of one image keep theirs.
  package init(_ captions: [Caption]) {
    self.captions = captions.indices.sorted {
      (captions[$0].sample, $0) < (captions[$1].sample, $1)
    }.map { captions[$0] }
  }

  /// Captions of each image, in the order of the samples.
  package func counts(samples: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: samples)
    for caption in captions { counts[caption.sample] += 1 }
    return counts
  }

  /// The first `limit` captions of each image.
  package func limited(perImage limit: Int) -> CaptionSet {
    var set = self
    var taken: [Int: Int] = [:]
    set.captions = captions.filter { caption in
      taken[caption.sample, default: 0] += 1
      return taken[caption.sample, default: 0] <= limit
    }
    set.limitPerImage = min(limitPerImage ?? limit, limit)
    if expectedCount == captions.count { set.expectedCount = set.captions.count }
    return set
  }

  /// The captions of some of the samples, which become samples 0, 1, ….
  /// - Parameter samples: rising.
  func restricted(to samples: [Int]) -> CaptionSet {
    let position = Dictionary(uniqueKeysWithValues: samples.enumerated().map { ($1, $0) })
    var set = self
    set.captions = captions.compactMap { caption in
      position[caption.sample].map { Caption(text: caption.text, sample: $0) }
    }
    set.expectedCount = expectedCount ?? captions.count
    return set
  }

  /// Captions whose text another one has too, of the same image or another: the tower cannot tell them apart.
  package var repeatedCount: Int {
    captions.count - Set(captions.map(\.text)).count
  }
}

extension DatasetIndex {
  /// SHA-256 over the ordered `sample id\0caption\n` lines; nil without captions.
  package var captionsHash: SHA256Digest? {
    captions.map { set in
      var hasher = SHA256()
      for caption in set.captions {
        hasher.update("\(samples[caption.sample].id)\0\(caption.text)\n")
      }
      return hasher.finalize()
    }
  }

  /// That every sample has a class.
  /// - Throws: `EvalError.usage` for a dataset of captions.
  package func requireClasses() throws(EvalError) {
    guard composition == nil else {
      throw EvalError(
        .usage, "its images have captions to choose from and no classes", subject: dataset,
        remedy: "The composition experiment is for it.")
    }
    guard captions == nil else {
      throw EvalError(
        .usage, "its images have captions and no classes", subject: dataset,
        remedy: "The retrieval experiment is for it.")
    }
  }

  /// The captions.
  /// - Throws: `EvalError.usage` for a dataset of classes.
  package func requireCaptions() throws(EvalError) -> CaptionSet {
    guard let captions else {
      throw EvalError(.usage, "its images have classes and no captions", subject: dataset)
    }
    return captions
  }

  /// With the first `limit` captions of each image; nil for all.
  package func limitingCaptions(perImage limit: Int?) -> DatasetIndex {
    guard let limit, let captions else { return self }
    var index = self
    let largest = captions.counts(samples: samples.count).max() ?? 0
    guard limit < largest else {
      // The same captions under two protocols would look like two things.
      if limit > largest {
        index.notes.append(
          "\(limit) captions an image are asked for; none has more than \(largest)")
      }
      return index
    }
    index.captions = captions.limited(perImage: limit)
    return index
  }
}
