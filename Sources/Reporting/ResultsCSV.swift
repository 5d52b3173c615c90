package import Experiments

/// `results.csv`: the rows of `results.jsonl`, flattened. RFC 4180 (CRLF, quotes where needed, a header), the
/// same columns in the same order always; an empty cell is a value that is not known or does not apply.
package enum ResultsCSV {
  package static func render(_ rows: [ResultRow]) -> String {
    let lines = [columns.map(\.name)] + rows.map { row in columns.map { $0.text(row) ?? "" } }
    return lines.map { $0.map(quoted).joined(separator: ",") + "\r\n" }.joined()
  }

  private struct Column {
    var name: String
    var text: (ResultRow) -> String?
  }

  private static var columns: [Column] {
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
    let protocolColumns = EvaluationProtocol.CodingKeys.allCases.map { key in
      Column(name: "protocol.\(key.rawValue)") { $0.protocol.text(key) }
    }
    return own + protocolColumns + [Column(name: "protocol.hash") { $0.protocolHash.hex }]
  }

  private static func text(_ value: (some CustomStringConvertible)?) -> String? {
    value?.description
  }

  private static func quoted(_ cell: String) -> String {
    guard cell.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else {
      return cell
    }
    return "\"" + cell.replacing("\"", with: "\"\"") + "\""
  }
}
