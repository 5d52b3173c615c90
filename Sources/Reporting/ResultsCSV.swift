package import Experiments

/// `results.csv`: the rows of `results.jsonl`, flattened. RFC 4180 (CRLF, quotes where needed, a header), the
/// same columns in the same order always, those of probes and of robustness where there are any; an empty cell is a value that is not known or
/// does not apply. In a report over several runs the last column says which each row is of. The curves of searches have files of their own, beside their figures.
package enum ResultsCSV {
  /// - Parameter runs: the name of each row's run; empty for rows of one.
  package static func render(_ rows: [ResultRow], runs: [String] = []) -> String {
    let columns = columns(rows)
    var records = [columns.map(\.name)] + rows.map { row in columns.map { $0.text(row) ?? "" } }
    if runs.count == rows.count, !runs.isEmpty {
      for (place, run) in (["run"] + runs).enumerated() { records[place].append(run) }
    }
    return CSVText.render(records)
  }

  private struct Column {
    var name: String
    var text: (ResultRow) -> String?
  }

  private static func columns(_ rows: [ResultRow]) -> [Column] {
    let own = [
      Column(name: "schemaVersion") { _ in "\(ResultRow.schemaVersion)" },
      Column(name: "experiment") { $0.experiment },
      Column(name: "dataset") { $0.dataset },
      Column(name: "model") { $0.model },
      Column(name: "metric") { $0.metric },
      Column(name: "value") { text($0.value) },
      Column(name: "interval95.lower") { text($0.interval95?.lower) },
      Column(name: "interval95.upper") { text($0.interval95?.upper) },
      Column(name: "interval99_5.lower") { text($0.interval99_5?.lower) },
      Column(name: "interval99_5.upper") { text($0.interval99_5?.upper) },
      Column(name: "intervalMethod") { $0.intervalMethod },
      Column(name: "n") { text($0.n) },
      Column(name: "nExpected") { text($0.nExpected) },
      Column(name: "nFailed") { text($0.nFailed) },
      Column(name: "partial") { text($0.partial) },
      Column(name: "chance") { text($0.chance) },
      Column(name: "reference.source") { $0.reference?.source },
      Column(name: "reference.model") { $0.reference?.model },
      Column(name: "reference.value") { text($0.reference?.value) },
      Column(name: "delta") { text($0.delta) },
      Column(name: "verdict") { $0.verdict.rawValue },
      Column(name: "nearTies") { text($0.nearTies) },
      Column(name: "emptyClasses") { text($0.emptyClasses) },
      Column(name: "precisionAgreement.reference") { $0.precisionAgreement?.reference },
      Column(name: "precisionAgreement.n") { text($0.precisionAgreement?.n) },
      Column(name: "precisionAgreement.meanCosine") { text($0.precisionAgreement?.meanCosine) },
      Column(name: "precisionAgreement.minimumCosine") {
        text($0.precisionAgreement?.minimumCosine)
      },
      Column(name: "precisionAgreement.sameTop1") { text($0.precisionAgreement?.sameTop1) },
    ]
    let probeColumns = [
      Column(name: "probe.C") { text($0.probe?.C) },
      Column(name: "probe.solver") { $0.probe?.solver },
      Column(name: "probe.selection") { $0.probe?.selection },
      Column(name: "probe.trainingSamples") { text($0.probe?.trainingSamples) },
      Column(name: "probe.gradientNorm") { text($0.probe?.gradientNorm) },
      Column(name: "probe.objective") { text($0.probe?.objective) },
      Column(name: "probe.iterations") { text($0.probe?.iterations) },
      Column(name: "probe.evaluations") { text($0.probe?.evaluations) },
      Column(name: "probe.converged") { text($0.probe?.converged) },
      Column(name: "probe.stop") { $0.probe?.stop },
      Column(name: "probe.isAtEdge") { text($0.probe?.isAtEdge) },
      Column(name: "probe.shots") { text($0.probe?.shots) },
      Column(name: "probe.seed") { text($0.probe?.seed) },
      Column(name: "probe.seeds") { text($0.probe?.seeds) },
      Column(name: "probe.seedInterval95.lower") { text($0.probe?.seedInterval95?.lower) },
      Column(name: "probe.seedInterval95.upper") { text($0.probe?.seedInterval95?.upper) },
      Column(name: "probe.shortClasses") { text($0.probe?.shortClasses) },
      Column(name: "probe.splitHash") { $0.probe?.splitHash?.hex },
      Column(name: "probe.neighbours") { text($0.probe?.neighbours) },
      Column(name: "probe.temperature") { text($0.probe?.temperature) },
    ]
    let robustnessColumns = [
      Column(name: "robustness.base") { $0.robustness?.base },
      Column(name: "robustness.classifier") { $0.robustness?.classifier.rawValue },
      Column(name: "robustness.alpha") { text($0.robustness?.alpha) },
      Column(name: "robustness.baseMetric") { $0.robustness?.baseMetric },
      Column(name: "robustness.baseValue") { text($0.robustness?.baseValue) },
      Column(name: "robustness.baseInterval95.lower") {
        text($0.robustness?.baseInterval95?.lower)
      },
      Column(name: "robustness.baseInterval95.upper") {
        text($0.robustness?.baseInterval95?.upper)
      },
      Column(name: "robustness.baseInterval99_5.lower") {
        text($0.robustness?.baseInterval99_5?.lower)
      },
      Column(name: "robustness.baseInterval99_5.upper") {
        text($0.robustness?.baseInterval99_5?.upper)
      },
      Column(name: "robustness.baseIntervalMethod") { $0.robustness?.baseIntervalMethod },
      Column(name: "robustness.baseSeedInterval95.lower") {
        text($0.robustness?.baseSeedInterval95?.lower)
      },
      Column(name: "robustness.baseSeedInterval95.upper") {
        text($0.robustness?.baseSeedInterval95?.upper)
      },
      Column(name: "robustness.baseN") { text($0.robustness?.baseN) },
      Column(name: "robustness.baseFailed") { text($0.robustness?.baseFailed) },
      Column(name: "robustness.subsetHash") { $0.robustness?.subsetHash.hex },
      Column(name: "robustness.mapHash") { $0.robustness?.mapHash.hex },
      Column(name: "robustness.unmatchedSamples") { text($0.robustness?.unmatchedSamples) },
    ]
    let protocolColumns = EvaluationProtocol.keys(of: rows).map { key in
      Column(name: "protocol.\(key.rawValue)") { $0.protocol.text(key) }
    }
    return own + (rows.contains { $0.probe != nil } ? probeColumns : [])
      + (rows.contains { $0.robustness != nil } ? robustnessColumns : [])
      + protocolColumns + [
        Column(name: "protocol.hash") { $0.protocolHash.hex }
      ]
  }

  private static func text(_ value: (some CustomStringConvertible)?) -> String? {
    value?.description
  }
}
