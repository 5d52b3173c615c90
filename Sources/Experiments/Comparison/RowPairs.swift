import Core

/// The rows of two sides that say the same thing of two models, prompt sets, …: which are compared with which.
package struct RowPairs: Sendable {
  package struct Pair: Sendable {
    package let first: ResultRow
    package let second: ResultRow
  }

  package private(set) var pairs: [Pair] = []
  package private(set) var onlyFirst: [ResultRow] = []
  package private(set) var onlySecond: [ResultRow] = []
  package private(set) var axes: [ComparisonAxis]

  /// What is never compared: rows that differ in it have nothing to do with each other.
  private struct Subject: Hashable {
    var experiment: String
    var dataset: String
    var metric: String
    var shots: Int?
    var isMean: Bool
    var classifier: String?
    var alpha: Double?

    init(_ row: ResultRow) {
      experiment = row.experiment
      dataset = row.dataset
      metric = row.metric
      shots = row.probe?.shots
      isMean = row.probe?.seeds != nil
      classifier = row.robustness?.classifier.rawValue
      alpha = row.robustness?.alpha
    }
  }

  /// - Parameters:
  ///   - first, second: rows with predictions.
  ///   - axes: empty for the model where no weights are on both sides, else for none.
  /// - Throws: `EvalError.usage` where a row differs from all that it might be compared with in more than the axes, and says what to type; and where
  ///   several rows of a side may be meant.
  package init(
    _ first: [ResultRow], _ second: [ResultRow], axes: [ComparisonAxis]
  ) throws {
    let models = Set(first.map(Self.model)).intersection(second.map(Self.model))
    self.axes =
      axes.isEmpty && models.isEmpty && !first.isEmpty && !second.isEmpty ? [.model] : axes
    let firsts = try Self.grouped(first)
    let seconds = try Self.grouped(second)
    var refusals: [Refusal] = []
    for (subject, own) in firsts.groups {
      guard let others = seconds.members[subject] else {
        onlyFirst += own.map(\.row)
        continue
      }
      try pair(own, others, subject, &refusals)
    }
    for (subject, others) in seconds.groups where firsts.members[subject] == nil {
      onlySecond += others.map(\.row)
    }
    if !refusals.isEmpty { throw Refusal.error(refusals, axes: self.axes) }
  }

  private static func model(_ row: ResultRow) -> String {
    row.protocol.weightsSHA256?.hex ?? "\(row.model) \(row.protocol.featuresSHA256?.hex ?? "")"
  }

  private typealias Entry = (row: ResultRow, flat: FlatProtocol)

  private static func grouped(
    _ rows: [ResultRow]
  ) throws -> (groups: [(Subject, [Entry])], members: [Subject: [Entry]]) {
    var order: [Subject] = []
    var members: [Subject: [Entry]] = [:]
    for row in rows {
      let subject = Subject(row)
      if members[subject] == nil { order.append(subject) }
      members[subject, default: []].append((row, try FlatProtocol(row.protocol)))
    }
    return (order.map { ($0, members[$0] ?? []) }, members)
  }

  private mutating func pair(
    _ first: [Entry], _ second: [Entry], _ subject: Subject, _ refusals: inout [Refusal]
  ) throws {
    let others = Dictionary(grouping: second) { $0.flat.masked(by: axes) }
    let own = Dictionary(grouping: first) { $0.flat.masked(by: axes) }
    var isPaired = false
    for entry in first {
      let key = entry.flat.masked(by: axes)
      guard let partners = others[key] else { continue }
      guard partners.count == 1, own[key]?.count == 1, let partner = partners.first else {
        throw ambiguity(own[key] ?? [], partners, subject)
      }
      pairs.append(Pair(first: entry.row, second: partner.row))
      isPaired = true
    }
    guard isPaired else {
      if let refusal = Refusal(first, second, axes: axes) { refusals.append(refusal) }
      return
    }
    onlyFirst += first.filter { others[$0.flat.masked(by: axes)] == nil }.map(\.row)
    onlySecond += second.filter { own[$0.flat.masked(by: axes)] == nil }.map(\.row)
  }

  private func ambiguity(
    _ first: [Entry], _ second: [Entry], _ subject: Subject
  ) -> EvalError {
    func choices(_ entries: [Entry]) -> String {
      let keys = Set(
        entries.flatMap { a in entries.flatMap { FlatProtocol.differences(a.flat, $0.flat) } }
      ).filter { !$0.hasSuffix("SHA256") && !$0.hasSuffix("Hash") }.sorted()
      return entries.map { entry in
        keys.map { "\($0)=\(entry.flat.values[$0] ?? "–")" }.joined(separator: " ")
      }.joined(separator: "; ")
    }
    let (side, several) = first.count > 1 ? ("a", first) : ("b", second)
    return EvalError(
      .usage,
      "\(subject.experiment) \(subject.dataset) \(subject.metric): the \(side == "a" ? "first" : "second") side has \(several.count) results that could be meant: \(choices(several))",
      remedy: "Choose one with --\(side) KEY=VALUE.")
  }
}

/// Rows of one subject that differ in more than what is compared.
private struct Refusal {
  let subject: String
  let keys: [(name: String, first: String, second: String)]

  /// The two rows that differ least.
  init?(
    _ first: [(row: ResultRow, flat: FlatProtocol)],
    _ second: [(row: ResultRow, flat: FlatProtocol)],
    axes: [ComparisonAxis]
  ) {
    let candidates = first.flatMap { a in
      second.map { b in
        (a, b, FlatProtocol.differences(a.flat.masked(by: axes), b.flat.masked(by: axes)))
      }
    }
    guard let nearest = candidates.min(by: { $0.2.count < $1.2.count }) else { return nil }
    let row = nearest.0.row
    subject = "\(row.experiment) \(row.dataset) \(row.metric)"
    keys = nearest.2.map {
      ($0, nearest.0.flat.values[$0] ?? "–", nearest.1.flat.values[$0] ?? "–")
    }
  }

  static func error(_ refusals: [Refusal], axes: [ComparisonAxis]) -> EvalError {
    var names: [String] = []
    for name in axes.map(\.name)
      + refusals.flatMap({ $0.keys.map { ComparisonAxis.covering($0.name) } })
    where !names.contains(name) {
      names.append(name)
    }
    // Results of one cause differ in the same keys with the same values: it is told once.
    var told: [String] = []
    for refusal in refusals {
      for key in refusal.keys {
        func brief(_ text: String) -> String { text.count > 80 ? "\(text.prefix(79))…" : text }
        let line = "\(key.name): \(brief(key.first)) | \(brief(key.second))"
        if !told.contains(line) { told.append(line) }
      }
    }
    let shown = told.prefix(20).map { "  \($0)\n" }.joined()
    let more = told.count > 20 ? "  and \(told.count - 20) more\n" : ""
    let compared =
      axes.isEmpty ? "" : " (compared: \(axes.map(\.name).joined(separator: ", ")))"
    return EvalError(
      .usage,
      "\(refusals.count == 1 ? "1 result differs" : "\(refusals.count) results differ") in the protocol by more than what is compared\(compared), the first is \(refusals[0].subject). First side | second side:\n\(shown)\(more)",
      remedy:
        "If that is what you compare, say \(names.map { "--axis \($0)" }.joined(separator: " ")); else choose results that agree with --a KEY=VALUE, --b KEY=VALUE or --dataset."
    )
  }
}
