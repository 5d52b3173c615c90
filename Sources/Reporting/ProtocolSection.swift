import Core
import Experiments

/// The protocols of one model's results: what all share once, what differs in a table.
enum ProtocolSection {
  static func blocks(_ rows: [ResultRow]) -> [String] {
    // The metric has a column in the results; without it a dataset's rows usually have one protocol.
    let keys = EvaluationProtocol.keys(of: rows).filter { $0 != .metric }
    let shared = keys.filter { key in Set(rows.map { $0.protocol.text(key) }).count == 1 }
    let varying = keys.filter { !shared.contains($0) }

    var common = MarkdownTable([("Setting", .left), ("All datasets", .left)])
    for key in shared where rows.first?.protocol.text(key) != nil {
      common.append([key.rawValue, cell(rows.first?.protocol, key, shortened: false)])
    }
    let unknown = shared.filter { rows.first?.protocol.text($0) == nil }
    var blocks = common.isEmpty ? [] : [common.text]
    if !unknown.isEmpty {
      blocks.append(
        "Not known or not applicable: \(unknown.map(\.rawValue).joined(separator: ", ")).")
    }
    guard !varying.isEmpty else { return blocks }

    var table = MarkdownTable(
      varying.map { (title: $0.rawValue, alignment: .left) } + [("Protocols", .left)])
    let groups = rows.map { row in keys.map { row.protocol.text($0) } }.uniqued()
    for group in groups {
      let members = rows.filter { row in keys.map { row.protocol.text($0) } == group }
      let hashes = members.map { "`\($0.protocolHash.short)`" }.uniqued()
      table.append(
        varying.map { cell(members.first?.protocol, $0, shortened: true) }
          + [hashes.joined(separator: " ")])
    }
    return blocks + [table.text]
  }

  private static func cell(
    _ evaluationProtocol: EvaluationProtocol?, _ key: EvaluationProtocol.CodingKeys,
    shortened: Bool
  ) -> String {
    guard let text = evaluationProtocol?.text(key) else { return Markdown.unknown }
    switch key {
    case .splitHash, .datasetFingerprint, .classNamesHash, .captionsHash, .templatesHash,
      .weightsSHA256,
      .featuresSHA256:
      return "`\(shortened ? SHA256Digest(hex: text).short : text)`"
    default: return Markdown.escaped(text)
    }
  }
}

extension SHA256Digest {
  /// Enough to tell protocols apart in a table; the whole is in `results.jsonl`.
  var short: String { String(hex.prefix(12)) }
}

extension EvaluationProtocol {
  /// Those of tables of rows: without the ones that few experiments have, unless one of these rows has it.
  static func keys(of rows: [ResultRow]) -> [CodingKeys] {
    CodingKeys.allCases.filter { key in
      ![.robustness, .selection, .sources].contains(key)
        || rows.contains { $0.protocol.text(key) != nil }
    }
  }
}
