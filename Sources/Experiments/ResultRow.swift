package import Core
package import Statistics

/// One number with all that is needed to judge it: the unit of `results.jsonl`. Values are fractions, 0…1.
/// Holds no time and no machine, so equal inputs give equal bytes.
package struct ResultRow: Sendable, Equatable {
  package static let schemaVersion = 1

  /// A published number.
  package struct Reference: Sendable, Equatable, Codable {
    /// Where it is printed (`arXiv 2103.00020 Table 11`).
    package var source: String
    /// The model it was measured on, as the source names it.
    package var model: String
    package var value: Double

    package init(source: String, model: String, value: Double) {
      self.source = source
      self.model = model
      self.value = value
    }
  }

  package var experiment: String
  package var dataset: String
  package var model: String
  /// Metric with its variant (`accuracy@5`).
  package var metric: String
  package var value: Double?
  package var interval95: Interval?
  package var interval99_5: Interval?
  package var intervalMethod: String?
  /// Samples evaluated.
  package var n: Int
  /// Samples of the complete split; nil where no count is known.
  package var nExpected: Int?
  /// Samples that could not be evaluated.
  package var nFailed: Int
  /// The samples are not all those of a known split.
  package var partial: Bool
  package var chance: Double?
  package var reference: Reference?
  package var verdict: Verdict
  /// Under which other protocol it agrees with the published number; nil unless that is the verdict.
  package var explainedBy: String?
  /// Samples whose two best scores are so close that the last bits of the arithmetic decide between them; the
  /// verdict allows for them. nil where scores are not known, and for metrics that do not take the best one.
  package var nearTies: Int?
  /// Classes without a sample that a per-class mean had to leave out; nil for other metrics.
  package var emptyClasses: Int?
  /// Of the features this row was made from; nil where they were computed in float32, or elsewhere.
  package var precisionAgreement: PrecisionAgreement?
  /// How a probe was fitted; nil for what is no probe.
  package var probe: ProbeRecord?
  /// The same classifier on the base of a shift; nil for other experiments.
  package var robustness: RobustnessRecord?
  package var `protocol`: EvaluationProtocol
  /// Of `protocol`; as recorded when the row was read from a file.
  package private(set) var protocolHash: SHA256Digest

  /// `value` − the reference's value.
  package var delta: Double? {
    guard let value, let reference else { return nil }
    return value - reference.value
  }

  package init(
    experiment: String, dataset: String, model: String, metric: String, value: Double?,
    interval95: Interval?, interval99_5: Interval?, intervalMethod: String?, n: Int,
    nExpected: Int?, nFailed: Int, partial: Bool, chance: Double?, reference: Reference?,
    verdict: Verdict, nearTies: Int?, emptyClasses: Int?,
    precisionAgreement: PrecisionAgreement? = nil, probe: ProbeRecord? = nil,
    robustness: RobustnessRecord? = nil, protocol: EvaluationProtocol
  ) throws {
    self.experiment = experiment
    self.dataset = dataset
    self.model = model
    self.metric = metric
    self.value = value
    self.interval95 = interval95
    self.interval99_5 = interval99_5
    self.intervalMethod = intervalMethod
    self.n = n
    self.nExpected = nExpected
    self.nFailed = nFailed
    self.partial = partial
    self.chance = chance
    self.reference = reference
    self.verdict = verdict
    self.nearTies = nearTies
    self.emptyClasses = emptyClasses
    self.precisionAgreement = precisionAgreement
    self.probe = probe
    self.robustness = robustness
    self.protocol = `protocol`
    protocolHash = try `protocol`.hash()
  }
}

extension ResultRow: Codable {
  private enum CodingKeys: String, CodingKey {
    case schemaVersion, experiment, dataset, model, metric, value, interval95, interval99_5
    case intervalMethod, n, nExpected, nFailed, partial, chance, reference, delta, verdict
    case explainedBy, nearTies, emptyClasses, precisionAgreement, probe, robustness, `protocol`
  }

  private enum HashKey: String, CodingKey { case hash }

  /// Keys a later version adds are ignored, and what may be null may be absent.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let version = try container.decode(Int.self, forKey: .schemaVersion)
    guard version == Self.schemaVersion else {
      throw DecodingError.dataCorruptedError(
        forKey: .schemaVersion, in: container,
        debugDescription: "expected \(Self.schemaVersion), found \(version)")
    }
    experiment = try container.decode(String.self, forKey: .experiment)
    dataset = try container.decode(String.self, forKey: .dataset)
    model = try container.decode(String.self, forKey: .model)
    metric = try container.decode(String.self, forKey: .metric)
    value = try container.decodeIfPresent(Double.self, forKey: .value)
    interval95 = try container.decodeIfPresent(Interval.self, forKey: .interval95)
    interval99_5 = try container.decodeIfPresent(Interval.self, forKey: .interval99_5)
    intervalMethod = try container.decodeIfPresent(String.self, forKey: .intervalMethod)
    n = try container.decode(Int.self, forKey: .n)
    nExpected = try container.decodeIfPresent(Int.self, forKey: .nExpected)
    nFailed = try container.decode(Int.self, forKey: .nFailed)
    partial = try container.decode(Bool.self, forKey: .partial)
    chance = try container.decodeIfPresent(Double.self, forKey: .chance)
    reference = try container.decodeIfPresent(Reference.self, forKey: .reference)
    verdict = try container.decode(Verdict.self, forKey: .verdict)
    explainedBy = try container.decodeIfPresent(String.self, forKey: .explainedBy)
    nearTies = try container.decodeIfPresent(Int.self, forKey: .nearTies)
    emptyClasses = try container.decodeIfPresent(Int.self, forKey: .emptyClasses)
    precisionAgreement = try container.decodeIfPresent(
      PrecisionAgreement.self, forKey: .precisionAgreement)
    probe = try container.decodeIfPresent(ProbeRecord.self, forKey: .probe)
    robustness = try container.decodeIfPresent(RobustnessRecord.self, forKey: .robustness)
    self.protocol = try container.decode(EvaluationProtocol.self, forKey: .protocol)
    // The recorded hash covers keys this version may not know; recomputing would change it.
    let recorded = try container.nestedContainer(keyedBy: HashKey.self, forKey: .protocol)
    protocolHash =
      try recorded.decodeIfPresent(SHA256Digest.self, forKey: .hash) ?? self.protocol.hash()
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Self.schemaVersion, forKey: .schemaVersion)
    try container.encode(experiment, forKey: .experiment)
    try container.encode(dataset, forKey: .dataset)
    try container.encode(model, forKey: .model)
    try container.encode(metric, forKey: .metric)
    try container.encode(value, forKey: .value)
    try container.encode(interval95, forKey: .interval95)
    try container.encode(interval99_5, forKey: .interval99_5)
    try container.encode(intervalMethod, forKey: .intervalMethod)
    try container.encode(n, forKey: .n)
    try container.encode(nExpected, forKey: .nExpected)
    try container.encode(nFailed, forKey: .nFailed)
    try container.encode(partial, forKey: .partial)
    try container.encode(chance, forKey: .chance)
    try container.encode(reference, forKey: .reference)
    try container.encode(delta, forKey: .delta)
    try container.encode(verdict, forKey: .verdict)
    try container.encode(nearTies, forKey: .nearTies)
    try container.encode(emptyClasses, forKey: .emptyClasses)
    try container.encode(precisionAgreement, forKey: .precisionAgreement)
    // Left out where it does not apply: other experiments' rows keep their bytes.
    try container.encodeIfPresent(explainedBy, forKey: .explainedBy)
    try container.encodeIfPresent(probe, forKey: .probe)
    try container.encodeIfPresent(robustness, forKey: .robustness)
    let nested = container.superEncoder(forKey: .protocol)
    try self.protocol.encode(to: nested)
    var hash = nested.container(keyedBy: HashKey.self)
    try hash.encode(protocolHash, forKey: .hash)
  }
}
