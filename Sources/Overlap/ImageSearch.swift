import CKernels
package import Core
import Foundation
import LinearAlgebra

/// Copies of the images of one set among those of another, found by their pixels.
///
/// The queries' thumbnails and descriptors are kept; the references pass by in runs of 2048 and leave nothing but each query's best so far. Of what `registered` takes for
/// candidates, thumbnails are read a second time. Memory: 12 KiB a query (`registered`), 40 bytes (hashes), 19 KiB (`cells`, `registered`), 12 bytes a match kept, and for
/// the references 150 MiB whatever their number.
package struct ImageSearch: Sendable {
  /// Least score that is a match.
  package var thresholds: [Detector: Double]
  /// The best of each query; nil for all at or above the threshold.
  package var topK: Int?
  /// Of each query, by `cells`, that `registered` looks at.
  package var candidates = 50
  package var threads: Int
  /// More pairs of a detector than this end a search without `topK`.
  package var pairLimit = 20_000_000

  static let leastCandidate: Float = 0.5
  private static let run = 2048
  private static let tile = 512
  private static let queryBlock = 32

  /// - Parameter thresholds: of the detectors to be used.
  package init(thresholds: [Detector: Double], topK: Int?, threads: Int) {
    (self.thresholds, self.topK, self.threads) = (thresholds, topK, threads)
  }

  package struct Outcome: Sendable {
    /// In the order of queries, best first.
    package var matches: [Detector: [Match]]
    package var queries: [UnusableImage]
    package var references: [UnusableImage]
    /// Pairs that `registered` laid over each other.
    package var registeredCount: Int
  }

  private var hashes: [PerceptualHash] {
    Detector.allCases.filter { thresholds[$0] != nil }.compactMap(\.hash)
  }
  private var needsCells: Bool { thresholds[.cells] != nil || thresholds[.registered] != nil }

  /// - Throws: `EvalError.malformedData` where none of a set's images can be read, `.usage` for a search with too many matches, `.interrupted`.
  package func find(
    _ queries: ImageCollection, in references: ImageCollection,
    progress: any ProgressSink = SilentProgress()
  ) throws -> Outcome {
    guard references.count <= Int(Int32.max) else {
      throw EvalError(.usage, "more than \(Int32.max) references")
    }
    let known = ImageDescriptors(
      count: queries.count, hashes: hashes, views: needsCells ? Views.all : [])
    let pictures =
      thresholds[.registered] == nil ? nil : ThumbnailStore(count: queries.count)
    progress.begin("query images", total: queries.count)
    let queryFaults = try describe(
      queries, 0..<queries.count, known, pictures, progress)
    progress.end()
    try Self.requireImages(queries.count, queryFaults, "query")

    var lists: [Detector: BestMatches] = [:]
    for (detector, threshold) in thresholds where detector != .registered {
      lists[detector] = BestMatches(
        count: queries.count, limit: topK, floor: Float(threshold).nextDown)
    }
    let candidateList =
      thresholds[.registered] == nil
      ? nil
      : BestMatches(count: queries.count, limit: candidates, floor: Self.leastCandidate)
    var referenceFaults: [UnusableImage] = []
    let kept = lists.mapValues { _ in Tally() }
    progress.begin("reference images", total: references.count)
    let passing = ImageDescriptors(
      count: min(Self.run, references.count), hashes: hashes,
      views: needsCells ? Views.upright : [])
    for start in stride(from: 0, to: references.count, by: Self.run) {
      let run = start..<min(start + Self.run, references.count)
      referenceFaults += try describe(references, run, passing, nil, progress)
      try search(known, passing, run, lists, candidateList, kept)
    }
    progress.end()
    try Self.requireImages(references.count, referenceFaults, "reference")

    var matches: [Detector: [Match]] = [:]
    for (detector, list) in lists {
      let threshold = thresholds[detector] ?? 0
      matches[detector] = (0..<queries.count).flatMap { query in
        list.finished(query).map {
          Match(query: query, reference: Int($0.reference), score: min(1, Double($0.score)))
        }.filter { $0.score >= threshold }
      }
    }
    var registered = 0
    if let candidateList, let pictures, let threshold = thresholds[.registered] {
      (matches[.registered], registered) = try register(
        candidateList, pictures, references, threshold, progress)
    }
    return Outcome(
      matches: matches, queries: queryFaults, references: referenceFaults,
      registeredCount: registered)
  }

  /// Of a set, what no detector could tell from others: images that cannot be read, and images without detail.
  static func unusable(
    _ images: ImageCollection, threads: Int, progress: any ProgressSink
  ) throws -> [UnusableImage] {
    let descriptors = ImageDescriptors(count: images.count, hashes: [], views: [])
    progress.begin("images", total: images.count)
    defer { progress.end() }
    return try ImageSearch(thresholds: [:], topK: 1, threads: threads).describe(
      images, 0..<images.count, descriptors, nil, progress)
  }

  private static func requireImages(
    _ count: Int, _ faults: [UnusableImage], _ name: String
  ) throws(EvalError) {
    guard count > 0, faults.count == count else { return }
    throw EvalError(
      .malformedData,
      "none of the \(counted(count, "\(name) image")) can be used: \(faults[0].reason)",
      subject: faults[0].id)
  }

  /// Reads a run of images into `descriptors`, from its first place on.
  private func describe(
    _ images: ImageCollection, _ run: Range<Int>, _ descriptors: ImageDescriptors,
    _ pictures: ThumbnailStore?, _ progress: any ProgressSink
  ) throws -> [UnusableImage] {
    let block = 32
    let blocks = (run.count + block - 1) / block
    let queue = WorkQueue(count: blocks)
    let faults = FaultList()
    guard blocks > 0 else { return [] }
    try Workers.run(count: min(threads, blocks)) { _, isCancelled in
      let reader = try ThumbnailReader()
      var own = [UInt8](repeating: 0, count: Thumbnail.byteCount)
      while !isCancelled(), let next = queue.next() {
        try Interruption.check()
        let part = next * block..<min(run.count, (next + 1) * block)
        for place in part {
          let image = run.lowerBound + place
          let source = try images.source(image)
          try own.withUnsafeMutableBufferPointer { buffer in
            guard let pixels = buffer.baseAddress else { return }
            if let reason = try reader.read(source, into: pixels) {
              descriptors.clear(place, .unreadable)
              faults.add(image, reason)
              return
            }
            descriptors.describe(place, pixels, aspect: reader.aspect)
            if descriptors.state(place) == .withoutDetail {
              faults.add(image, "has no detail by which copies could be told")
            }
            pictures?.write(image, pixels, aspect: reader.aspect)
          }
        }
        progress.advance(part.count, cached: false)
      }
    }
    return faults.sorted().map {
      UnusableImage(number: $0.0, id: images.id($0.0), reason: $0.1)
    }
  }

  private func search(
    _ queries: ImageDescriptors, _ references: ImageDescriptors, _ run: Range<Int>,
    _ lists: [Detector: BestMatches], _ candidateList: BestMatches?, _ kept: [Detector: Tally]
  ) throws {
    let blocks = (queries.count + Self.queryBlock - 1) / Self.queryBlock
    let queue = WorkQueue(count: blocks)
    guard blocks > 0 else { return }
    try Workers.run(count: min(threads, blocks)) { _, isCancelled in
      BLAS.useThisThreadOnly()
      let scratch = Scratch(
        rows: Self.run, products: needsCells ? Self.tile * Self.queryBlock * Views.all.count : 0)
      while !isCancelled(), let next = queue.next() {
        try Interruption.check()
        let block = next * Self.queryBlock..<min(queries.count, (next + 1) * Self.queryBlock)
        for detector in Detector.ofImages {
          guard let kind = detector.hash, let list = lists[detector] else { continue }
          searchHashes(kind, block, queries, references, run, list, scratch)
        }
        if needsCells {
          let targets = [lists[.cells], candidateList].compactMap(\.self)
          searchCells(block, queries, references, run, targets, scratch)
        }
        for (detector, list) in lists {
          guard let kept = kept[detector] else { continue }
          for query in block { kept.add(list.settle(query)) }
          guard kept.count <= pairLimit else {
            throw EvalError(
              .usage, "more than \(pairLimit) pairs reach the threshold of \(detector.rawValue)",
              remedy: "Raise --threshold, or set --top-k.")
          }
        }
      }
    }
  }

  private func searchHashes(
    _ kind: PerceptualHash, _ block: Range<Int>, _ queries: ImageDescriptors,
    _ references: ImageDescriptors, _ run: Range<Int>, _ list: BestMatches, _ scratch: Scratch
  ) {
    guard let hashes = references.hash(kind, of: 0) else { return }
    let bits = Double(kind.bitCount)
    for query in block where queries.state(query) == .good {
      guard let hash = queries.hash(kind, of: query) else { continue }
      let limit = ((1 - Double(list.cutoff(query))) * bits).rounded(.down)
      let found = ck_hamming_within(
        hash, hashes, run.count, kind.words, UInt32(max(0, min(bits, limit))), scratch.rows,
        scratch.distances)
      for i in 0..<found {
        let place = Int(scratch.rows[i])
        guard references.state(place) == .good else { continue }
        list.insert(
          .init(
            score: Float(1 - Double(scratch.distances[i]) / bits),
            reference: Int32(run.lowerBound + place), view: 0), for: query)
      }
    }
  }

  /// Every view of the queries against whole references, then whole queries against every view of the references.
  private func searchCells(
    _ block: Range<Int>, _ queries: ImageDescriptors, _ references: ImageDescriptors,
    _ run: Range<Int>, _ lists: [BestMatches], _ scratch: Scratch
  ) {
    let width = CellVector.width
    let (queryViews, referenceViews) = (Views.all.count, Views.upright.count)
    guard let a = queries.vector(of: block.lowerBound), let b = references.vector(of: 0) else {
      return
    }
    let rows = block.count * queryViews
    for start in stride(from: 0, to: run.count, by: Self.tile) {
      let count = min(Self.tile, run.count - start)
      Float.multiply(
        a, transposed: false, lda: width, b + start * referenceViews * width, transposed: true,
        ldb: referenceViews * width, into: scratch.products, ldc: count, beta: 0, m: rows,
        n: count, k: width)
      for row in 0..<rows {
        take(
          scratch.products + row * count, count, block.lowerBound + row / queryViews, lists,
          scratch
        ) { (run.lowerBound + start + $0, row % queryViews) }
      }
    }
    // As many columns at a time as there is room for.
    let columns = Self.tile * Self.queryBlock * queryViews / Self.queryBlock
    let total = run.count * referenceViews
    for start in stride(from: 0, to: total, by: columns) {
      let count = min(columns, total - start)
      Float.multiply(
        a, transposed: false, lda: queryViews * width, b + start * width, transposed: true,
        ldb: width, into: scratch.products, ldc: count, beta: 0, m: block.count, n: count,
        k: width)
      for row in 0..<block.count {
        take(
          scratch.products + row * count, count, block.lowerBound + row, lists, scratch
        ) {
          (
            run.lowerBound + (start + $0) / referenceViews,
            Views.all.count + (start + $0) % referenceViews
          )
        }
      }
    }
  }

  private func take(
    _ products: UnsafePointer<Float>, _ count: Int, _ query: Int, _ lists: [BestMatches],
    _ scratch: Scratch, _ place: (Int) -> (reference: Int, view: Int)
  ) {
    for list in lists {
      var done = 0
      // In pieces, since the cutoff rises.
      while done < count {
        let piece = min(Scratch.piece, count - done)
        let found = ck_scaled_above(
          products + done, scratch.ones, piece, list.cutoff(query), scratch.rows)
        for i in 0..<found {
          let column = done + Int(scratch.rows[i])
          let (reference, view) = place(column)
          list.insert(
            .init(score: products[column], reference: Int32(reference), view: Int32(view)),
            for: query)
        }
        done += piece
      }
    }
  }

  /// Lays the candidates over each other, references in their order.
  private func register(
    _ list: BestMatches, _ pictures: ThumbnailStore, _ references: ImageCollection,
    _ threshold: Double, _ progress: any ProgressSink
  ) throws -> ([Match], Int) {
    var pairs: [(reference: Int32, query: Int32, view: Int32)] = []
    for query in 0..<list.count {
      for entry in list[query] { pairs.append((entry.reference, Int32(query), entry.view)) }
    }
    pairs.sort { ($0.reference, $0.query) < ($1.reference, $1.query) }
    var groups: [Range<Int>] = []
    for i in pairs.indices {
      if let last = groups.last, pairs[last.lowerBound].reference == pairs[i].reference {
        groups[groups.count - 1] = last.lowerBound..<i + 1
      } else {
        groups.append(i..<i + 1)
      }
    }
    progress.begin("candidate pairs", total: pairs.count)
    defer { progress.end() }
    let results = MatchList()
    let queue = WorkQueue(count: groups.count)
    guard !groups.isEmpty else { return ([], 0) }
    let (sorted, runs) = (pairs, groups)
    try Workers.run(count: min(threads, runs.count)) { _, isCancelled in
      let reader = try ThumbnailReader()
      var pixels = [UInt8](repeating: 0, count: Thumbnail.byteCount)
      while !isCancelled(), let next = queue.next() {
        try Interruption.check()
        let group = runs[next]
        let reference = Int(sorted[group.lowerBound].reference)
        let target = try pixels.withUnsafeMutableBufferPointer { buffer -> Pyramid? in
          guard let base = buffer.baseAddress else { return nil }
          let fault = try reader.read(references.source(reference), into: base)
          if let fault {
            throw EvalError(
              .notFound, "could be read before, and now \(fault)", subject: references.id(reference)
            )
          }
          return Pyramid(base)
        }
        guard let target else { continue }
        for pair in sorted[group] {
          let query = Int(pair.query)
          let source = Pyramid(pictures[query])
          let starts = Views.starts(
            Int(pair.view), query: pictures.aspect(query), reference: reader.aspect)
          let result = Registration.compare(
            source, with: target, aspect: reader.aspect, starts: starts)
          let score = min(1, result.score)
          if score >= threshold {
            results.add(Match(query: Int(pair.query), reference: reference, score: score))
          }
        }
        progress.advance(group.count, cached: false)
      }
    }
    var matches = results.all
    matches.sort { $0.query == $1.query ? Match.precedes($0, $1) : $0.query < $1.query }
    if let topK {
      var seen = 0
      var last = -1
      matches.removeAll { match in
        seen = match.query == last ? seen + 1 : 1
        last = match.query
        return seen > topK
      }
    }
    return (matches, pairs.count)
  }

  /// A worker's own memory.
  private final class Scratch {
    static let piece = 512
    let rows: UnsafeMutablePointer<UInt32>
    let distances: UnsafeMutablePointer<UInt16>
    let products: UnsafeMutablePointer<Float>
    let ones: UnsafeMutablePointer<Float>
    private let buffers: [FloatBuffer]

    init(rows count: Int, products: Int) {
      let numbers = FloatBuffer(count: count)
      let near = FloatBuffer(count: count)
      let similar = FloatBuffer(count: products)
      let one = FloatBuffer(count: Self.piece)
      for i in 0..<Self.piece { one.pointer[i] = 1 }
      buffers = [numbers, near, similar, one]
      rows = UnsafeMutableRawPointer(numbers.pointer).assumingMemoryBound(to: UInt32.self)
      distances = UnsafeMutableRawPointer(near.pointer).assumingMemoryBound(to: UInt16.self)
      self.products = similar.pointer
      ones = one.pointer
    }
  }
}
