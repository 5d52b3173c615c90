package import Core
package import Statistics

/// What moves a result, and how much of its distance from the published number that explains: `explanations.json`. Values are fractions; a move
/// is the other protocol's value less this one's, a gap the value less the published one.
package struct Explanation: Sendable, Equatable, Codable {
  package var experiment: String
  package var dataset: String
  package var model: String
  package var metric: String
  /// Of the result's protocol.
  package var protocolHash: String
  package var value: Double
  package var n: Int
  @ExplicitNull package var interval95: Interval?
  /// Nil where nothing is published.
  @ExplicitNull package var reference: ResultRow.Reference?
  /// Whether the published number is of these very images.
  @ExplicitNull package var usesSameImages: Bool?
  @ExplicitNull package var gap: Double?
  /// Of the difference; nil on the same images, where sampling plays no part.
  @ExplicitNull package var gapInterval95: Interval?
  /// How each axis is set in the result; axes that do not apply are absent.
  package var levels: [String: String]
  package var variants: [Variant]
  package var notTried: [NotTried]
  @ExplicitNull package var attribution: Attribution?
  package var causes: [Cause]
  package var others: [Other]
  /// Of the result with what was found out.
  package var verdict: Verdict
  /// What makes the difference one of the protocol: `class names: FER2013/laion`.
  @ExplicitNull package var explainedBy: String?
  /// Evaluations under another protocol, combinations of several changes among them.
  package var tried: Int
  /// Changes of one axis that make it agree with the published number; nil where nothing is published.
  @ExplicitNull package var agreeing: Int?
  /// How many would, were the values spread evenly over the range that was found.
  @ExplicitNull package var agreeingByLuck: Double?
  /// A sentence or two.
  package var conclusion: String

  /// The result under a protocol that differs on one axis.
  package struct Variant: Sendable, Equatable, Codable {
    package var axis: ProtocolAxis
    package var level: String
    /// It is what the paper did, as far as that is known.
    package var isPapers: Bool
    /// Which known cause or other harness speaks of this axis; nil where none does.
    @ExplicitNull package var documented: String?
    package var value: Double
    package var n: Int
    package var move: Double
    @ExplicitNull package var interval95: Interval?
    @ExplicitNull package var intervalMethod: String?
    @ExplicitNull package var pValue: Double?
    /// Over the variants of this result.
    @ExplicitNull package var holm: Double?
    /// What is left of the gap.
    @ExplicitNull package var remaining: Double?
    /// Whether the value agrees with the published one by the rule of verdicts.
    @ExplicitNull package var agrees: Bool?
    package var protocolHash: String

    package init(
      axis: ProtocolAxis, level: String, isPapers: Bool, documented: String?, value: Double, n: Int,
      move: Double, remaining: Double?, agrees: Bool?, protocolHash: String
    ) {
      self.axis = axis
      self.level = level
      self.isPapers = isPapers
      self.documented = documented
      self.value = value
      self.n = n
      self.move = move
      self.remaining = remaining
      self.agrees = agrees
      self.protocolHash = protocolHash
    }

    package var text: String { "\(axis.title): \(level)" }
  }

  package struct NotTried: Sendable, Hashable, Codable {
    package var axis: ProtocolAxis
    /// Nil where it is the whole axis.
    @ExplicitNull package var level: String?
    package var reason: String

    package init(axis: ProtocolAxis, level: String?, reason: String) {
      self.axis = axis
      self.level = level
      self.reason = reason
    }
  }

  /// The gap divided among axes.
  package struct Attribution: Sendable, Equatable, Codable {
    package struct Part: Sendable, Equatable, Codable {
      package enum Choice: String, Sendable, Codable {
        /// The level is the paper's own, as far as known.
        case papers = "the paper's own"
        /// The level moves the number furthest towards the published one, of those that were tried: chosen by looking.
        case looking = "chosen by looking"
      }

      package var axis: ProtocolAxis
      package var level: String
      package var choice: Choice
      /// Of this change alone.
      package var single: Double
      package var shapley: Double
      @ExplicitNull package var interval95: Interval?

      package init(
        axis: ProtocolAxis, level: String, choice: Choice, single: Double, shapley: Double,
        interval95: Interval?
      ) {
        self.axis = axis
        self.level = level
        self.choice = choice
        self.single = single
        self.shapley = shapley
        self.interval95 = interval95
      }
    }

    package var parts: [Part]
    /// With all changes made.
    package var value: Double
    package var move: Double
    @ExplicitNull package var interval95: Interval?
    /// What no change explains: the value with all of them less the published one.
    package var residual: Double
    @ExplicitNull package var residualInterval95: Interval?
    /// Whether what is left is within the rule of verdicts.
    package var agrees: Bool
    @ExplicitNull package var intervalMethod: String?

    package init(
      parts: [Part], value: Double, move: Double, interval95: Interval?, residual: Double,
      residualInterval95: Interval?, agrees: Bool, intervalMethod: String?
    ) {
      self.parts = parts
      self.value = value
      self.move = move
      self.interval95 = interval95
      self.residual = residual
      self.residualInterval95 = residualInterval95
      self.agrees = agrees
      self.intervalMethod = intervalMethod
    }
  }

  /// What is known to move numbers like this one, and what was seen of it here.
  package struct Cause: Sendable, Equatable, Codable {
    package var id: String
    package var axis: String
    package var status: String
    package var text: String
    /// By how much it moves others' numbers, where known.
    @ExplicitNull package var gap: Interval?
    package var isTested: Bool
    package var finding: String

    package init(
      id: String, axis: String, status: String, text: String, gap: Interval?, isTested: Bool,
      finding: String
    ) {
      self.id = id
      self.axis = axis
      self.status = status
      self.text = text
      self.gap = gap
      self.isTested = isTested
      self.finding = finding
    }
  }

  /// What another harness measured.
  package struct Other: Sendable, Equatable, Codable {
    package var harness: String
    package var value: Double
    package var differences: [String]

    package init(harness: String, value: Double, differences: [String]) {
      self.harness = harness
      self.value = value
      self.differences = differences
    }
  }

  /// Of a result as it stands, before anything is tried.
  /// - Throws: `EvalError.bug` for a row without value.
  package init(_ row: ResultRow, _ published: PublishedFigure?) throws(EvalError) {
    guard let value = row.value else {
      throw EvalError(.bug, "a result without a value has no gap", subject: row.dataset)
    }
    experiment = row.experiment
    dataset = row.dataset
    model = row.model
    metric = row.metric
    protocolHash = row.protocolHash.hex
    self.value = value
    n = row.n
    interval95 = row.interval95
    reference = published?.reference
    usesSameImages = published?.usesSameImages
    gap = published.map { value - $0.reference.value }
    gapInterval95 = published?.interval(of: value, row.interval95)
    levels = [:]
    variants = []
    notTried = []
    causes = []
    others = []
    verdict = Verdict.compare(
      value, interval95: row.interval95, count: row.n, nearTies: row.nearTies ?? 0, with: published)
    tried = 0
    conclusion = ""
  }
}

extension PublishedFigure {
  /// Of a value less the published one, by sampling; nil on the same images.
  package func interval(of value: Double, _ interval: Interval?) -> Interval? {
    guard !usesSameImages, let interval else { return nil }
    return Verdict.differenceInterval(value, interval, self)
  }
}
