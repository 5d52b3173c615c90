package import Core
import Foundation
import Imaging

/// How well each detector finds altered copies of given images among altered copies of all of them, alteration by alteration.
///
/// Queries are the images, references their copies; a pair of an image with its own copy is right, any other is a false alarm. Of each query the five best
/// references count. Images that are copies of each other to begin with are false alarms here: use a folder without. Images of which nothing can be told,
/// those without detail and those that cannot be read, are left out.
package struct DetectorEvaluation: Sendable, Codable {
  package struct Row: Sendable, Codable, Equatable {
    package var detector: Detector
    /// Its name; `mild` for all mild ones together, `hard` for the others.
    package var alteration: String
    package var isMild: Bool
    package var threshold: Double
    /// Of the images' copies, those that are found.
    package var recall: Double
    /// Of the pairs, those that are right; nil without a pair.
    @ExplicitNull package var precision: Double?
    /// False pairs in a million of all pairs.
    package var falsePerMillion: Double
    /// Images.
    package var count: Int
  }

  package struct Suggestion: Sendable, Codable, Equatable {
    package var detector: Detector
    /// The lowest at which pairs of mild alterations are right in 99 of 100; nil where there is none.
    @ExplicitNull package var threshold: Double?
    package var defaultThreshold: Double
  }

  /// That are compared.
  package var images: Int
  /// Left out, and why; by id.
  package var unusable: [String: String]
  package var seed: UInt64
  package var suggestions: [Suggestion]
  /// At the suggested threshold (else the default): each alteration, then `mild` and `hard` together.
  package var rows: [Row]
  /// `mild` and `hard` over a range of thresholds.
  package var curve: [Row]

  static let leastPrecision = 0.99
  private static let floors: [Detector: Double] = [
    .hash64: 0.6, .hash256: 0.6, .cells: 0.6, .registered: 0.5, .embedding: 0.3,
  ]

  /// Features of a set's images, with the number in the set of each row.
  package typealias Embedding = (ImageCollection) throws -> (FeatureMatrix, [Int])

  private struct Scores {
    var alteration: Alteration
    /// Best score of each image with its own copy, where it was found.
    var right: [Double] = []
    var wrong: [Double] = []
  }

  /// - Parameters:
  ///   - embed: needed for `.embedding`.
  /// - Throws: `EvalError.malformedData` with less than two images that can be used.
  package init(
    of all: ImageCollection, detectors: [Detector], seed: UInt64, threads: Int,
    alterations: [Alteration] = Alteration.all, embed: Embedding? = nil,
    progress: any ProgressSink = SilentProgress()
  ) throws {
    let faults = try ImageSearch.unusable(all, threads: threads, progress: progress)
    unusable = Dictionary(faults.map { ($0.id, $0.reason) }) { first, _ in first }
    let left = Set(faults.map(\.number))
    let images = all.chosen((0..<all.count).filter { !left.contains($0) })
    guard images.count > 1 else {
      throw EvalError(
        .malformedData,
        "expected at least 2 images that can be told from others, found \(images.count)",
        subject: faults.first?.id)
    }
    self.images = images.count
    self.seed = seed
    let pixels = detectors.filter { $0 != .embedding }
    var scores: [Detector: [Scores]] = [:]
    let originals = embed == nil ? nil : try embed?(images)
    progress.begin("alterations", total: alterations.count)
    defer { progress.end() }
    for alteration in alterations {
      try Interruption.check()
      let copies = ImageCollection(count: images.count, id: images.id) { index in
        .raster(
          try alteration.applied(
            to: RasterImage.rgb(images.source(index)), seed: seed &+ UInt64(index)))
      }
      var matches: [Detector: [Match]] = [:]
      if !pixels.isEmpty {
        let search = ImageSearch(
          thresholds: Dictionary(
            uniqueKeysWithValues: pixels.map { ($0, Self.floors[$0] ?? 0) }), topK: 5,
          threads: threads)
        matches = try search.find(images, in: copies).matches
      }
      if let embed, let originals {
        let altered = try embed(copies)
        matches[.embedding] = try SimilaritySearch(
          topK: 5, threshold: Self.floors[.embedding], threads: threads
        ).find(originals.0, in: altered.0).map {
          Match(
            query: originals.1[$0.query], reference: altered.1[$0.reference], score: $0.score)
        }
      }
      for detector in detectors {
        var own = Scores(alteration: alteration)
        for match in matches[detector] ?? [] {
          if match.query == match.reference {
            own.right.append(match.score)
          } else {
            own.wrong.append(match.score)
          }
        }
        scores[detector, default: []].append(own)
      }
      progress.advance(1, cached: false)
    }
    suggestions = []
    rows = []
    curve = []
    for detector in detectors {
      guard let own = scores[detector] else { continue }
      let mild = own.filter(\.alteration.isMild)
      let hard = own.filter { !$0.alteration.isMild }
      let suggested = Self.suggestion(mild)
      suggestions.append(
        Suggestion(
          detector: detector, threshold: suggested, defaultThreshold: detector.defaultThreshold))
      let threshold = suggested ?? detector.defaultThreshold
      func row(_ part: [Scores], _ name: String, isMild: Bool, _ threshold: Double) -> Row {
        Self.row(detector, part, name, isMild: isMild, threshold, count: images.count)
      }
      for score in own {
        rows.append(
          row([score], score.alteration.name, isMild: score.alteration.isMild, threshold))
      }
      for (part, name) in [(mild, "mild"), (hard, "hard")] where !part.isEmpty {
        rows.append(row(part, name, isMild: name == "mild", threshold))
        let floor = Self.floors[detector] ?? 0
        for step in 0...20 {
          // A whole number of thousandths, as it is printed.
          let threshold = (1000 * (floor + (1 - floor) * Double(step) / 20)).rounded() / 1000
          curve.append(row(part, name, isMild: name == "mild", threshold))
        }
      }
    }
  }

  private static func row(
    _ detector: Detector, _ part: [Scores], _ name: String, isMild: Bool, _ threshold: Double,
    count: Int
  ) -> Row {
    let right = part.reduce(0) { $0 + $1.right.filter { $0 >= threshold }.count }
    let wrong = part.reduce(0) { $0 + $1.wrong.filter { $0 >= threshold }.count }
    let pairs = Double(part.count) * Double(count) * Double(count)
    return Row(
      detector: detector, alteration: name, isMild: isMild, threshold: threshold,
      recall: Double(right) / Double(count * part.count),
      precision: right + wrong == 0 ? nil : Double(right) / Double(right + wrong),
      falsePerMillion: 1e6 * Double(wrong) / pairs, count: count)
  }

  /// The lowest threshold, of those a little above a pair's score, at which pairs are right often enough.
  private static func suggestion(_ part: [Scores]) -> Double? {
    func sorted(_ scores: [Double]) -> [Double] { scores.sorted(by: >) }
    let (right, wrong) = (sorted(part.flatMap(\.right)), sorted(part.flatMap(\.wrong)))
    // As it is printed: what holds at a score need not hold at its rounded value.
    let thresholds = Set((right + wrong).map { ($0 * 1000).rounded(.up) / 1000 })
    var (rightCount, wrongCount) = (0, 0)
    var best: Double?
    for threshold in thresholds.sorted(by: >) {
      while rightCount < right.count, right[rightCount] >= threshold { rightCount += 1 }
      while wrongCount < wrong.count, wrong[wrongCount] >= threshold { wrongCount += 1 }
      let found = Double(rightCount + wrongCount)
      if found > 0, Double(rightCount) >= leastPrecision * found { best = threshold }
    }
    return best
  }
}

extension DetectorEvaluation {
  package func csv() -> String {
    let header = "detector,alteration,mild,threshold,recall,precision,false_per_million,images"
    let lines = (rows + curve).map { row in
      [
        row.detector.rawValue, row.alteration, "\(row.isMild)", "\(row.threshold)",
        "\(row.recall)", row.precision.map { "\($0)" } ?? "", "\(row.falsePerMillion)",
        "\(row.count)",
      ].map(PairsFile.quoted).joined(separator: ",")
    }
    return ([header] + lines).map { $0 + "\r\n" }.joined()
  }

  package func markdown() -> String {
    func percent(_ value: Double?) -> String {
      value.map { String(format: "%.1f", 100 * $0) } ?? "–"
    }
    var text = """
      # Detectors on altered copies

      \(images) images, each against altered copies of all of them (seed \(seed))\(unusable.isEmpty ? "" : "; \(counted(unusable.count, "image")) left out, without detail or not readable"). \
      Recall: copies found, %; precision: right pairs of all pairs found, %; false alarms in a million pairs. Thresholds are the lowest at which 99 of 100 pairs of mild alterations are right, where there is one; else the default.


      """
    for suggestion in suggestions {
      let own = rows.filter { $0.detector == suggestion.detector }
      text += "## \(suggestion.detector.rawValue)\n\n"
      text +=
        suggestion.threshold.map {
          "Suggested threshold \(String(format: "%.3f", $0)); default \(suggestion.defaultThreshold).\n\n"
        }
        ?? "No threshold is right in 99 of 100 pairs; at the default, \(suggestion.defaultThreshold):\n\n"
      text +=
        "| alteration | mild | recall | precision | false in a million |\n|---|---|--:|--:|--:|\n"
      for row in own {
        text +=
          "| \(row.alteration) | \(row.isMild ? "yes" : "") | \(percent(row.recall)) | \(percent(row.precision)) | \(String(format: "%.1f", row.falsePerMillion)) |\n"
      }
      text +=
        "\n| threshold | recall, mild | precision, mild | recall, hard | false in a million, mild |\n|--:|--:|--:|--:|--:|\n"
      let mild = curve.filter { $0.detector == suggestion.detector && $0.alteration == "mild" }
      let hard = curve.filter { $0.detector == suggestion.detector && $0.alteration == "hard" }
      for row in mild {
        let other = hard.first { $0.threshold == row.threshold }
        text +=
          "| \(String(format: "%.3f", row.threshold)) | \(percent(row.recall)) | \(percent(row.precision)) | \(percent(other?.recall)) | \(String(format: "%.1f", row.falsePerMillion)) |\n"
      }
      text += "\n"
    }
    return text
  }
}
