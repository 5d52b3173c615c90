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
    var queryFaults: [OverlapRecord.Unusable] = []
    var referenceFaults: [OverlapRecord.Unusable] = []

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
    let queries = try queryInputs()
    let reference = try OverlapInput(at: command.reference ?? "")
    let detectors = try detectors(queries, reference)
    let thresholds = try command.chosenThresholds(detectors)
    var found = [Found](repeating: Found(), count: queries.count)
    try searchImages(queries, reference, thresholds, &found)
    if let threshold = thresholds[.embedding] {
      try searchFeatures(queries, reference, threshold, &found)
    }
    for (query, found) in zip(queries, found) { warn(found.queryFaults, of: query, "query") }
    if let found = found.first { warn(found.referenceFaults, of: reference, "reference") }
    var rows: [[String]] = []
    for ((query, found), name) in zip(zip(queries, found), folders(queries)) {
      rows += try write(found, query, reference, below: name)
    }
    guard command.output != nil, !command.json else { return }
    let title = queries.count > 1 ? ["dataset"] : []
    try Output.table(
      [title + ["detector", "threshold", "pairs", "queries with a pair", "of"]] + rows,
      rightAligned: queries.count > 1 ? [2, 3, 4, 5] : [1, 2, 3, 4])
    if !command.compute.quiet { try Output.line("written to \(command.output ?? "")") }
  }

  /// Below --output, for each set: none for a single one.
  private func folders(_ queries: [OverlapInput]) -> [String?] {
    queries.count > 1 ? queries.map { $0.index?.dataset } : [nil]
  }

  /// - Returns: a row of the table for each detector.
  private func write(
    _ found: Found, _ query: OverlapInput, _ reference: OverlapInput, below name: String?
  ) throws -> [[String]] {
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
      return []
    }
    let folder = name.map { URL(filePath: output).appending(path: $0) } ?? URL(filePath: output)
    try PairsFile.write(found.pairs, to: folder.appending(path: "pairs.csv"))
    let page = try ReviewPage(
      found.pairs, title: "\(query.place) – \(reference.place)",
      queryCount: query.count, limit: command.reviewPairs,
      queryImage: { row in query.index?.samples[found.rows[row].query].source },
      referenceImage: { row in reference.index?.samples[found.rows[row].reference].source })
    try AtomicFile.write(page.html, to: folder.appending(path: "review.html"))
    try AtomicFile.write(
      Self.document(record), to: folder.appending(path: "overlap.json"))
    if command.json { try Output.json(Described(kind: "overlap", value: record)) }
    return record.detectors.map {
      (name.map { [$0] } ?? []) + [
        $0.detector.rawValue, "\($0.threshold)", "\($0.pairs)", "\($0.queries)",
        "\(query.count): "
          + String(format: "%.2f %%", 100 * Double($0.queries) / Double(max(1, query.count))),
      ]
    }
  }

  private static func document(_ record: OverlapRecord) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    encoder.dateEncodingStrategy = .iso8601
    return try encoder.encode(Described(kind: "overlap", value: record))
  }

  private func queryInputs() throws -> [OverlapInput] {
    guard !command.dataset.isEmpty else { return [try OverlapInput(at: command.query ?? "")] }
    let root = try command.data.url()
    let indices = try command.dataset.map { name in
      let adapter = try DatasetRegistry.adapter(named: name)
      return try adapter.index(root: root, split: command.split ?? adapter.info.defaultSplit)
    }
    let names = indices.map(\.dataset)
    if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
      throw EvalError(.usage, "the dataset \(twice) stands twice")
    }
    return indices.map { .images($0, place: "\($0.dataset) \($0.split)") }
  }

  /// What was asked for, or what the sets allow.
  private func detectors(
    _ queries: [OverlapInput], _ reference: OverlapInput
  ) throws -> [Detector] {
    let haveQueries = queries.allSatisfy { $0.index != nil }
    let haveImages = haveQueries && reference.index != nil
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
    if chosen.contains(.embedding), haveQueries || reference.index != nil,
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

  /// All queries at once: references are read for all of them, not for each.
  private func searchImages(
    _ queries: [OverlapInput], _ reference: OverlapInput, _ thresholds: [Detector: Double],
    _ found: inout [Found]
  ) throws {
    let own = thresholds.filter { $0.key != .embedding }
    let sets = queries.compactMap(\.collection)
    guard !own.isEmpty, sets.count == queries.count, let references = reference.collection
    else { return }
    var search = ImageSearch(
      thresholds: own, topK: command.topK == 0 ? nil : command.topK,
      threads: command.compute.workerCount)
    search.candidates = max(command.candidates, command.topK)
    let outcome = try search.find(
      ImageCollection(joining: sets), in: references, progress: command.compute.progress())
    let used = Detector.ofImages.filter { own[$0] != nil }
    func told(_ faults: some Sequence<UnusableImage>) -> [OverlapRecord.Unusable] {
      faults.map { OverlapRecord.Unusable(id: $0.id, reason: $0.reason, detectors: used) }
    }
    var first = 0
    for (number, set) in sets.enumerated() {
      let range = first..<first + set.count
      first = range.upperBound
      for detector in used {
        let matches = (outcome.matches[detector] ?? []).filter { range.contains($0.query) }
        found[number].add(
          detector, threshold: own[detector] ?? 0,
          matches.map {
            Match(
              query: $0.query - range.lowerBound, reference: $0.reference, score: $0.score)
          }, queryID: set.id, referenceID: references.id)
        if detector == .registered {
          found[number].used[found[number].used.count - 1].candidates = search.candidates
        }
      }
      found[number].queryFaults = told(outcome.queries.filter { range.contains($0.number) })
      found[number].referenceFaults = told(outcome.references)
    }
  }

  private func searchFeatures(
    _ inputs: [OverlapInput], _ reference: OverlapInput, _ threshold: Double,
    _ found: inout [Found]
  ) throws {
    let session = try command.model.map {
      try ModelSession(
        ModelLocator().locate($0), activation: command.activation,
        precision: command.compute.precision)
    }
    var unreadable: [OverlapRecord.Unusable] = []
    let references = try rows(reference, session, &unreadable)
    for (number, query) in inputs.enumerated() {
      let queries = try rows(query, session, &found[number].queryFaults)
      Self.merge(unreadable, into: &found[number].referenceFaults)
      let matches = try SimilaritySearch(
        topK: command.topK == 0 ? nil : command.topK, threshold: threshold,
        threads: command.compute.workerCount
      ).find(queries.matrix, in: references.matrix, progress: command.compute.progress())
      found[number].add(
        .embedding, threshold: threshold,
        matches.map {
          Match(
            query: queries.place($0.query), reference: references.place($0.reference),
            score: $0.score)
        }, queryID: queries.id, referenceID: references.id)
      guard let session else { continue }
      let last = found[number].used.count - 1
      found[number].used[last].model = session.name
      found[number].used[last].weightsSHA256 = try session.weightsHash()
      found[number].used[last].preprocessing = session.recipe.description
      found[number].used[last].precision = session.precision.rawValue
    }
  }

  /// What several detectors left out stands once.
  private static func merge(
    _ faults: [OverlapRecord.Unusable], into known: inout [OverlapRecord.Unusable]
  ) {
    let places = Dictionary(known.enumerated().map { ($1.id, $0) }) { first, _ in first }
    for fault in faults {
      if let place = places[fault.id] {
        known[place].detectors += fault.detectors
      } else {
        known.append(fault)
      }
    }
  }

  /// Features of a set, and of each row its number in the set and what pairs call it.
  private func rows(
    _ input: OverlapInput, _ session: ModelSession?, _ faults: inout [OverlapRecord.Unusable]
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
      Self.merge(
        embedded.failures.map {
          OverlapRecord.Unusable(id: $0.id, reason: $0.reason, detectors: [.embedding])
        }, into: &faults)
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

  private func side(
    _ input: OverlapInput, _ faults: [OverlapRecord.Unusable]
  ) -> OverlapRecord.Side {
    switch input {
    case .images(let index, let place):
      OverlapRecord.Side(
        place: place,
        kind: !command.dataset.isEmpty && index.dataset != "images"
          ? "\(index.dataset) \(index.split)" : index.layout,
        count: index.samples.count, indexFingerprint: index.fingerprint, featuresSHA256: nil,
        unusable: faults, ignoredFiles: index.ignoredFiles)
    case .features(let features, let place):
      OverlapRecord.Side(
        place: place, kind: "features", count: features.count, indexFingerprint: nil,
        featuresSHA256: features.sha256)
    }
  }

  private func warn(_ faults: [OverlapRecord.Unusable], of input: OverlapInput, _ name: String) {
    guard !faults.isEmpty else { return }
    for fault in faults.prefix(10) { Terminal.error("not compared: \(fault.id): \(fault.reason)") }
    let more = faults.count > 10 ? "; the others are in overlap.json" : ""
    Terminal.error(
      "\(faults.count) of \(counted(input.count, "\(name) image")) could not be compared by every detector\(more)"
    )
  }
}
