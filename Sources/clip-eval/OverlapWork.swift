import CLIPModels
import Core
import Datasets
import EmbeddingPipeline
import EmbeddingStore
import Foundation
import LinearAlgebra
import Overlap

/// A search that a user asked for: reads the sets, runs the detectors, writes what they found.
struct OverlapWork {
  private let command: OverlapCommand
  private let started = Date()

  init(_ command: OverlapCommand) { self.command = command }

  private struct Found {
    var pairs: [DuplicatePair] = []
    /// Of `pairs`, in their order.
    var rows: [(query: Int, reference: Int)] = []
    var used: [OverlapRecord.Used] = []
    var queryFaults: [UnusableImage] = []
    var referenceFaults: [UnusableImage] = []

    mutating func add(
      _ detector: Detector, threshold: Double, _ matches: [Match],
      queryID: (Int) -> String, referenceID: (Int) -> String
    ) {
      for match in matches {
        pairs.append(
          DuplicatePair(
            query: queryID(match.query), reference: referenceID(match.reference),
            score: match.score, detector: detector.rawValue))
        rows.append((match.query, match.reference))
      }
      used.append(
        OverlapRecord.Used(
          detector: detector, threshold: threshold, pairs: matches.count,
          queries: Set(matches.map(\.query)).count))
    }
  }

  func run() throws {
    let query = try queryInput()
    let reference = try OverlapInput(at: command.reference ?? "")
    let detectors = try detectors(query, reference)
    let thresholds = try command.chosenThresholds(detectors)
    var found = Found()
    try searchImages(query, reference, thresholds, &found)
    if let threshold = thresholds[.embedding] {
      try searchFeatures(query, reference, threshold, &found)
    }
    warn(found.queryFaults, of: query, "query")
    warn(found.referenceFaults, of: reference, "reference")
    var record = OverlapRecord(
      query: side(query, found.queryFaults), reference: side(reference, found.referenceFaults),
      detectors: found.used, topK: command.topK == 0 ? nil : command.topK,
      threads: command.compute.workerCount, started: started, finished: Date())
    guard let output = command.output else {
      if command.json {
        record.pairs = found.pairs
        try Output.json(Described(kind: "overlap", value: record))
      } else {
        try Output.line(PairsFile.text(found.pairs))
      }
      return
    }
    let folder = URL(filePath: output)
    try PairsFile.write(found.pairs, to: folder.appending(path: "pairs.csv"))
    let page = try ReviewPage(
      found.pairs, title: "\(query.place) – \(reference.place)",
      queryCount: query.count, limit: command.reviewPairs,
      queryImage: { row in query.index?.samples[found.rows[row].query].source },
      referenceImage: { row in reference.index?.samples[found.rows[row].reference].source })
    try AtomicFile.write(page.html, to: folder.appending(path: "review.html"))
    try AtomicFile.write(
      Self.document(record), to: folder.appending(path: "overlap.json"))
    if command.json {
      try Output.json(Described(kind: "overlap", value: record))
      return
    }
    try Output.table(
      [["detector", "threshold", "pairs", "queries with a pair", "of \(query.count)"]]
        + record.detectors.map {
          [
            $0.detector.rawValue, "\($0.threshold)", "\($0.pairs)", "\($0.queries)",
            String(format: "%.2f %%", 100 * Double($0.queries) / Double(max(1, query.count))),
          ]
        }, rightAligned: [1, 2, 3, 4])
    if !command.compute.quiet { try Output.line("written to \(output)") }
  }

  private static func document(_ record: OverlapRecord) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    encoder.dateEncodingStrategy = .iso8601
    return try encoder.encode(Described(kind: "overlap", value: record))
  }

  private func queryInput() throws -> OverlapInput {
    guard let name = command.dataset else { return try OverlapInput(at: command.query ?? "") }
    let adapter = try DatasetRegistry.adapter(named: name)
    let index = try adapter.index(
      root: command.data.url(), split: command.split ?? adapter.info.defaultSplit)
    return .images(index, place: "\(index.dataset) \(index.split)")
  }

  /// What was asked for, or what the sets allow.
  private func detectors(_ query: OverlapInput, _ reference: OverlapInput) throws -> [Detector] {
    let haveImages = query.index != nil && reference.index != nil
    var chosen = command.detector
    if chosen.isEmpty {
      chosen = haveImages ? [.registered] : [.embedding]
      if haveImages, command.model != nil { chosen.append(.embedding) }
    }
    for detector in chosen where detector != .embedding && !haveImages {
      throw EvalError(
        .usage, "--detector \(detector.rawValue) compares images, and a set is of features",
        remedy: "Name folders of images, or use --detector embedding.")
    }
    if chosen.contains(.embedding), query.index != nil || reference.index != nil,
      command.model == nil
    {
      throw EvalError(
        .usage, "the features of images need a model",
        remedy: "Say --model, or name feature files for both sets.")
    }
    if command.model != nil, !chosen.contains(.embedding) {
      throw EvalError(.usage, "--model goes with --detector embedding")
    }
    return chosen
  }

  private func searchImages(
    _ query: OverlapInput, _ reference: OverlapInput, _ thresholds: [Detector: Double],
    _ found: inout Found
  ) throws {
    let own = thresholds.filter { $0.key != .embedding }
    guard !own.isEmpty, let queries = query.collection, let references = reference.collection
    else { return }
    var search = ImageSearch(
      thresholds: own, topK: command.topK == 0 ? nil : command.topK,
      threads: command.compute.workerCount)
    search.candidates = max(command.candidates, command.topK)
    let outcome = try search.find(
      queries, in: references, progress: command.compute.progress())
    for detector in Detector.ofImages {
      guard let threshold = own[detector] else { continue }
      found.add(
        detector, threshold: threshold, outcome.matches[detector] ?? [], queryID: queries.id,
        referenceID: references.id)
      if detector == .registered {
        found.used[found.used.count - 1].candidates = search.candidates
      }
    }
    found.queryFaults = outcome.queries
    found.referenceFaults = outcome.references
  }

  private func searchFeatures(
    _ query: OverlapInput, _ reference: OverlapInput, _ threshold: Double, _ found: inout Found
  ) throws {
    let session = try command.model.map {
      try ModelSession(
        ModelLocator().locate($0), activation: command.activation,
        precision: command.compute.precision)
    }
    let queries = try rows(query, session, &found.queryFaults)
    let references = try rows(reference, session, &found.referenceFaults)
    let matches = try SimilaritySearch(
      topK: command.topK == 0 ? nil : command.topK, threshold: threshold,
      threads: command.compute.workerCount
    ).find(queries.matrix, in: references.matrix, progress: command.compute.progress())
    found.add(
      .embedding, threshold: threshold,
      matches.map {
        Match(
          query: queries.place($0.query), reference: references.place($0.reference),
          score: $0.score)
      }, queryID: queries.id, referenceID: references.id)
    guard let session else { return }
    let last = found.used.count - 1
    found.used[last].model = session.name
    found.used[last].weightsSHA256 = try session.weightsHash()
    found.used[last].preprocessing = session.recipe.description
    found.used[last].precision = session.precision.rawValue
  }

  /// Features of a set, and of each row its number in the set and what pairs call it.
  private func rows(
    _ input: OverlapInput, _ session: ModelSession?, _ faults: inout [UnusableImage]
  ) throws -> (matrix: FeatureMatrix, id: (Int) -> String, place: (Int) -> Int) {
    switch input {
    case .features(let features, _):
      let (matrix, id) = OverlapInput.matrix(features)
      return (matrix, id, { $0 })
    case .images(let index, _):
      guard let session else { throw EvalError(.bug, "no model for the features of images") }
      let tower = try session.imageTower(forImages: index.samples.count)
      let key = session.imageKey(
        weights: try session.weightsHash(), kind: .projected, batchSize: tower.batchSize)
      let embedded = try FeatureCache.explained {
        try ImageEmbedder(
          tower: tower, recipe: session.recipe, key: key, featureKind: .projected,
          store: FeatureCache.store, threads: command.compute.workerCount
        ).embed(index, progress: command.compute.progress())
      }
      let known = Set(faults.map(\.id))
      faults += embedded.failures.filter { !known.contains($0.id) }.map {
        UnusableImage(id: $0.id, reason: $0.reason)
      }
      guard !embedded.ids.isEmpty else {
        throw EvalError(
          .malformedData, "none of \(counted(index.samples.count, "image")) could be decoded",
          subject: input.place)
      }
      let (ids, places) = (embedded.ids, embedded.rows)
      return (
        FeatureMatrix(embedded.features, name: { ids[$0] }), { index.samples[$0].id },
        { places[$0] }
      )
    }
  }

  private func side(_ input: OverlapInput, _ faults: [UnusableImage]) -> OverlapRecord.Side {
    switch input {
    case .images(let index, let place):
      OverlapRecord.Side(
        place: place,
        kind: command.dataset != nil && index.dataset != "images"
          ? "\(index.dataset) \(index.split)" : index.layout,
        count: index.samples.count, indexFingerprint: index.fingerprint, featuresSHA256: nil,
        unusable: faults, ignoredFiles: index.ignoredFiles)
    case .features(let features, let place):
      OverlapRecord.Side(
        place: place, kind: "features", count: features.count, indexFingerprint: nil,
        featuresSHA256: features.sha256)
    }
  }

  private func warn(_ faults: [UnusableImage], of input: OverlapInput, _ name: String) {
    guard !faults.isEmpty else { return }
    for fault in faults.prefix(10) { Terminal.error("not compared: \(fault.id): \(fault.reason)") }
    let more = faults.count > 10 ? "; the others are in overlap.json" : ""
    Terminal.error(
      "\(faults.count) of \(counted(input.count, "\(name) image")) could not be compared by every detector\(more)"
    )
  }
}
