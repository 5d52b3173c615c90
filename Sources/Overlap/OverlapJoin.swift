package import Core

/// Joins the predictions of an evaluation to the pairs that a search found, by sample id.
package enum OverlapJoin {
  package struct Joined: Sendable, Equatable {
    /// In the order of the predictions.
    package var samples: [OverlapSample]
    /// Ids of samples that were predicted but could not be searched for: neither clean nor overlapping.
    package var leftOut: [String]
  }

  /// Whether each sample is right at top 1.
  /// - Parameters:
  ///   - labels: the right class of each sample; below 0 where there is no single one.
  ///   - subject: the file of predictions, for errors.
  /// - Throws: `EvalError.malformedData`.
  package static func isRight(
    labels: [Int], predictions: [Int], subject: String
  ) throws(EvalError) -> [Bool] {
    guard labels.count == predictions.count else {
      throw EvalError(
        .malformedData,
        "expected as many predictions as labels, found \(predictions.count) and \(labels.count)",
        subject: subject)
    }
    if let several = labels.firstIndex(where: { $0 < 0 }) {
      throw EvalError(
        .malformedData,
        "the analysis of overlap is of top-1 accuracy, but sample \(several) has no single right class",
        subject: subject, remedy: "Name predictions of single-label classification.")
    }
    return zip(labels, predictions).map { $0 == $1 }
  }

  /// Each sample with its highest score.
  ///
  /// A query's id is a sample's id, or one is the other behind a folder that is the same for all queries: a dataset's ids begin at its root, those of a
  /// search at the folder that was searched.
  /// - Parameters:
  ///   - ids, isRight: of each sample predicted.
  ///   - pairs: queries are the samples. A sample may have many pairs, or none.
  ///   - detector: whose scores count; nil where the pairs are of one.
  ///   - unread: ids of queries that the search could not read. The evaluation may have left them out too, and they need not be samples.
  ///   - subject: the file of pairs, for errors.
  /// - Throws: `EvalError.malformedData` for queries that are no samples, and for ids that stand twice; `.usage` where the detector is missing or not clear.
  package static func samples(
    ids: [String], isRight: [Bool], pairs: [DuplicatePair], detector: String? = nil,
    unread: [String] = [], subject: String
  ) throws(EvalError) -> Joined {
    guard ids.count == isRight.count else {
      throw EvalError(
        .malformedData,
        "expected as many ids as predictions, found \(ids.count) and \(isRight.count)",
        subject: subject)
    }
    var places: [String: Int] = [:]
    for (place, id) in ids.enumerated() {
      guard places.updateValue(place, forKey: id) == nil else {
        throw EvalError(
          .malformedData, "the sample \(id) stands twice among the predictions", subject: subject)
      }
    }
    let pairs = try ofOneDetector(pairs, detector, subject)
    let join = try IdJoin(pairs.map(\.query), or: unread, samples: places, subject: subject)
    var highest = [Double?](repeating: nil, count: ids.count)
    for pair in pairs {
      guard let place = join.place(pair.query) else { continue }
      highest[place] = max(highest[place] ?? -.infinity, pair.score)
    }
    let missing = Set(unread.compactMap(join.place))
    let kept = ids.indices.filter { !missing.contains($0) }
    return Joined(
      samples: kept.map {
        OverlapSample(id: ids[$0], isRight: isRight[$0], similarity: highest[$0])
      },
      leftOut: missing.sorted().map { ids[$0] })
  }

  private static func ofOneDetector(
    _ pairs: [DuplicatePair], _ detector: String?, _ subject: String
  ) throws(EvalError) -> [DuplicatePair] {
    let found = Set(pairs.map(\.detector)).sorted()
    if let detector {
      // A search may have found nothing at all.
      guard found.isEmpty || found.contains(detector) else {
        throw EvalError(
          .usage,
          "no pair is of the detector \(detector); there are \(found.joined(separator: ", "))",
          subject: subject)
      }
      return pairs.filter { $0.detector == detector }
    }
    guard found.count <= 1 else {
      throw EvalError(
        .usage,
        "the pairs are of several detectors, whose scores mean different things: \(found.joined(separator: ", "))",
        subject: subject, remedy: "Say which one to use.")
    }
    return pairs
  }
}

/// How the ids of queries become those of samples.
private struct IdJoin {
  private enum Change {
    case none
    case adding(String)
    case removing(String)
  }

  private let samples: [String: Int]
  private var change = Change.none

  /// - Parameter others: that may be samples, and tell the folder where there are no queries.
  /// - Throws: where a query is no sample, and where several folders would make all of them samples.
  init(
    _ queries: [String], or others: [String], samples: [String: Int], subject: String
  ) throws(EvalError) {
    self.samples = samples
    if queries.isEmpty, !others.contains(where: { samples[$0] != nil }) {
      for other in others {
        let changes = Self.changes(other, samples.keys)
        if changes.count == 1 { change = changes[0] }
      }
    }
    let unknown = queries.filter { samples[$0] == nil }
    guard let first = unknown.first else { return }
    var fitting: [Change] = []
    for change in Self.changes(first, samples.keys) {
      self.change = change
      if queries.allSatisfy({ place($0) != nil }) { fitting.append(change) }
    }
    guard let change = fitting.first, fitting.count == 1 else {
      let example = samples.min { $0.value < $1.value }.map { ", such as \($0.key)" } ?? ""
      throw EvalError(
        .malformedData,
        fitting.isEmpty
          ? "\(Set(unknown).count) of \(Set(queries).count) queries are no samples of the predictions, the first \(first); expected the ids of its samples\(example)"
          : "the query \(first) may be any of several samples, in different folders",
        subject: subject,
        remedy: "Search for the images of the dataset and split that were evaluated.")
    }
    self.change = change
  }

  func place(_ query: String) -> Int? {
    switch change {
    case .none: samples[query]
    case .adding(let folder): samples[folder + query]
    case .removing(let folder):
      query.hasPrefix(folder) ? samples[String(query.dropFirst(folder.count))] : nil
    }
  }

  /// The folders that would make a sample of the query, before it or off it.
  private static func changes(_ query: String, _ ids: some Sequence<String>) -> [Change] {
    var added: Set<String> = []
    var removed: Set<String> = []
    for id in ids {
      if id.hasSuffix("/" + query) { added.insert(String(id.dropLast(query.count))) }
      if query.hasSuffix("/" + id) { removed.insert(String(query.dropLast(id.count))) }
    }
    return added.sorted().map { .adding($0) } + removed.sorted().map { .removing($0) }
  }
}
