import Core
import Experiments
import Foundation
import Statistics
import Testing

/// Rows of robustness: the other half of the result is kept, and what decides it is hashed.
@Suite struct RobustnessRowTests {
  private func row(
    alpha: Double?, map: String = "map"
  ) throws -> ResultRow {
    let mapHash = SHA256.hash(map)
    var entry = EvaluationProtocol(dataset: "Away", model: "m")
    var robustness = RobustnessProtocol(
      base: "Home", baseSplit: "test", classifier: "ensemble", mapHash: mapHash,
      baseClassCount: 5, classCount: 4)
    robustness.alpha = alpha
    robustness.zeroShotScale = alpha == nil ? nil : 100
    entry.robustness = robustness
    return try ResultRow(
      experiment: RobustnessExperiment.name, dataset: "Away", model: "m", metric: "accuracy",
      value: 0.5, interval95: nil, interval99_5: nil, intervalMethod: nil, n: 10, nExpected: nil,
      nFailed: 0, partial: false, chance: 0.25, reference: nil, verdict: .noReference,
      nearTies: nil, emptyClasses: nil,
      robustness: RobustnessRecord(
        base: "Home", classifier: .ensemble, baseValue: 0.75, baseMetric: "accuracy",
        baseInterval95: Interval(lower: 0.5, upper: 0.875), baseInterval99_5: nil,
        baseIntervalMethod: "clopper-pearson", baseN: 12, baseFailed: 1,
        subsetHash: SHA256.hash("subset"), mapHash: mapHash, unmatchedSamples: 2, alpha: alpha),
      protocol: entry)
  }

  @Test func aRowComesBackAsItWasWritten() throws {
    let row = try row(alpha: 0.5)
    let data = try ResultFile.encode([row])
    #expect(try ResultFile.decode(data, subject: "results.jsonl") == [row])
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let record = try #require(object["robustness"] as? [String: Any])
    #expect(record["baseValue"] as? Double == 0.75 && record["classifier"] as? String == "ensemble")
    // Unknown is null.
    #expect(record["baseInterval99_5"] is NSNull && record["baseSeedInterval95"] is NSNull)
  }

  @Test func whatDecidesTheNumberIsHashed() throws {
    let hashes = try [
      row(alpha: nil), row(alpha: 0), row(alpha: 0.5), row(alpha: 0.5, map: "another"),
    ].map(\.protocolHash)
    #expect(Set(hashes).count == 4)
    // Other experiments' protocols have no such key, and keep their hashes.
    let plain = EvaluationProtocol(dataset: "Away", model: "m")
    let text = try CanonicalJSON.string(plain)
    #expect(!text.contains("robustness"))
  }
}
