package import Experiments

/// A field of a result row as tables of rows have it: the one list of them, for `results.csv` and for databases.
package struct ResultColumn: Sendable {
  package enum Kind: Sendable {
    case text
    case integer
    case number
    case flag
  }

  package enum Value: Sendable, Equatable {
    case text(String)
    case integer(Int)
    case number(Double)
    case flag(Bool)
  }

  /// Unique; parts of a row's parts after a dot (`interval95.lower`).
  package let name: String
  package let kind: Kind
  /// Nil for what is not known or does not apply.
  package let value: @Sendable (ResultRow) -> Value?

  private static func text(_ name: String, _ value: @escaping @Sendable (ResultRow) -> String?)
    -> ResultColumn
  {
    ResultColumn(name: name, kind: .text) { value($0).map(Value.text) }
  }

  private static func integer(_ name: String, _ value: @escaping @Sendable (ResultRow) -> Int?)
    -> ResultColumn
  {
    ResultColumn(name: name, kind: .integer) { value($0).map(Value.integer) }
  }

  private static func number(_ name: String, _ value: @escaping @Sendable (ResultRow) -> Double?)
    -> ResultColumn
  {
    ResultColumn(name: name, kind: .number) { value($0).map(Value.number) }
  }

  private static func flag(_ name: String, _ value: @escaping @Sendable (ResultRow) -> Bool?)
    -> ResultColumn
  {
    ResultColumn(name: name, kind: .flag) { value($0).map(Value.flag) }
  }
}

extension ResultColumn {
  /// Every field, always in this order: scripts rely on it. What is new goes to the end of its group.
  package static let all: [ResultColumn] =
    outcome + probe + robustness + evaluationProtocol + [protocolHash]

  package static let protocolHash = ResultColumn.text("protocol.hash") { $0.protocolHash.hex }

  /// Those of the protocol, without its hash.
  package static let evaluationProtocol: [ResultColumn] =
    EvaluationProtocol.CodingKeys.allCases.map { key in
      key == .seed
        ? .integer("protocol.seed") { $0.protocol.seed }
        : .text("protocol.\(key.rawValue)") { $0.protocol.text(key) }
    }

  private static let outcome: [ResultColumn] = [
    .integer("schemaVersion") { _ in ResultRow.schemaVersion },
    .text("experiment") { $0.experiment },
    .text("dataset") { $0.dataset },
    .text("model") { $0.model },
    .text("metric") { $0.metric },
    .number("value") { $0.value },
    .number("interval95.lower") { $0.interval95?.lower },
    .number("interval95.upper") { $0.interval95?.upper },
    .number("interval99_5.lower") { $0.interval99_5?.lower },
    .number("interval99_5.upper") { $0.interval99_5?.upper },
    .text("intervalMethod") { $0.intervalMethod },
    .integer("n") { $0.n },
    .integer("nExpected") { $0.nExpected },
    .integer("nFailed") { $0.nFailed },
    .flag("partial") { $0.partial },
    .number("chance") { $0.chance },
    .text("reference.source") { $0.reference?.source },
    .text("reference.model") { $0.reference?.model },
    .number("reference.value") { $0.reference?.value },
    .number("delta") { $0.delta },
    .text("verdict") { $0.verdict.rawValue },
    .integer("nearTies") { $0.nearTies },
    .integer("emptyClasses") { $0.emptyClasses },
    .text("precisionAgreement.reference") { $0.precisionAgreement?.reference },
    .integer("precisionAgreement.n") { $0.precisionAgreement?.n },
    .number("precisionAgreement.meanCosine") { $0.precisionAgreement?.meanCosine },
    .number("precisionAgreement.minimumCosine") { $0.precisionAgreement?.minimumCosine },
    .number("precisionAgreement.sameTop1") { $0.precisionAgreement?.sameTop1 },
    .text("explainedBy") { $0.explainedBy },
  ]

  private static let probe: [ResultColumn] = [
    .number("probe.C") { $0.probe?.C },
    .text("probe.solver") { $0.probe?.solver },
    .text("probe.selection") { $0.probe?.selection },
    .integer("probe.trainingSamples") { $0.probe?.trainingSamples },
    .number("probe.gradientNorm") { $0.probe?.gradientNorm },
    .number("probe.objective") { $0.probe?.objective },
    .integer("probe.iterations") { $0.probe?.iterations },
    .integer("probe.evaluations") { $0.probe?.evaluations },
    .flag("probe.converged") { $0.probe?.converged },
    .text("probe.stop") { $0.probe?.stop },
    .flag("probe.isAtEdge") { $0.probe?.isAtEdge },
    .integer("probe.shots") { $0.probe?.shots },
    .integer("probe.seed") { $0.probe?.seed },
    .integer("probe.seeds") { $0.probe?.seeds },
    .number("probe.seedInterval95.lower") { $0.probe?.seedInterval95?.lower },
    .number("probe.seedInterval95.upper") { $0.probe?.seedInterval95?.upper },
    .integer("probe.shortClasses") { $0.probe?.shortClasses },
    .text("probe.splitHash") { $0.probe?.splitHash?.hex },
    .integer("probe.neighbours") { $0.probe?.neighbours },
    .number("probe.temperature") { $0.probe?.temperature },
  ]

  private static let robustness: [ResultColumn] = [
    .text("robustness.base") { $0.robustness?.base },
    .text("robustness.classifier") { $0.robustness?.classifier.rawValue },
    .number("robustness.alpha") { $0.robustness?.alpha },
    .text("robustness.baseMetric") { $0.robustness?.baseMetric },
    .number("robustness.baseValue") { $0.robustness?.baseValue },
    .number("robustness.baseInterval95.lower") { $0.robustness?.baseInterval95?.lower },
    .number("robustness.baseInterval95.upper") { $0.robustness?.baseInterval95?.upper },
    .number("robustness.baseInterval99_5.lower") { $0.robustness?.baseInterval99_5?.lower },
    .number("robustness.baseInterval99_5.upper") { $0.robustness?.baseInterval99_5?.upper },
    .text("robustness.baseIntervalMethod") { $0.robustness?.baseIntervalMethod },
    .number("robustness.baseSeedInterval95.lower") { $0.robustness?.baseSeedInterval95?.lower },
    .number("robustness.baseSeedInterval95.upper") { $0.robustness?.baseSeedInterval95?.upper },
    .integer("robustness.baseN") { $0.robustness?.baseN },
    .integer("robustness.baseFailed") { $0.robustness?.baseFailed },
    .text("robustness.subsetHash") { $0.robustness?.subsetHash.hex },
    .text("robustness.mapHash") { $0.robustness?.mapHash.hex },
    .integer("robustness.unmatchedSamples") { $0.robustness?.unmatchedSamples },
  ]
}
