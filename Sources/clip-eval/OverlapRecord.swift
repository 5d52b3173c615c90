import Core
import Foundation
import Overlap

/// What an overlap search compared, how, and what it found: `overlap.json`.
struct OverlapRecord: Codable {
  struct Unusable: Codable {
    var id: String
    var reason: String
    /// That left it out; others compared it.
    var detectors: [Detector]
  }

  struct Side: Codable {
    var place: String
    /// `files`, `tar shards`, `features`, or a dataset's id and split.
    var kind: String
    var count: Int
    /// Of names and sizes of images; nil for features.
    @ExplicitNull var indexFingerprint: SHA256Digest?
    /// Of feature files; nil for images.
    @ExplicitNull var featuresSHA256: SHA256Digest?
    /// Left out by at least one detector, and why.
    var unusable: [Unusable] = []
    /// Files that are no images.
    var ignoredFiles: [String] = []
  }

  struct Used: Codable {
    var detector: Detector
    var threshold: Double
    var pairs: Int
    /// Queries with a pair.
    var queries: Int
    @ExplicitNull var candidates: Int?
    /// Of the embedding detector.
    @ExplicitNull var model: String?
    @ExplicitNull var weightsSHA256: SHA256Digest?
    @ExplicitNull var preprocessing: String?
    @ExplicitNull var precision: String?
  }

  var program = Version.number
  var query: Side
  var reference: Side
  var detectors: [Used]
  /// Best references kept of each query; null for all.
  @ExplicitNull var topK: Int?
  var threads: Int
  var started: Date
  var finished: Date
  @ExplicitNull var pairs: [DuplicatePair]?
}
