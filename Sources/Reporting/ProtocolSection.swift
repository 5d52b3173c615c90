import Core
import Experiments

/// The protocols of one model's results: what all share once, what differs in a table.
struct ProtocolSection: Sendable {
  private typealias Key = EvaluationProtocol.CodingKeys

  private let first: EvaluationProtocol?
  private let shared: [Key]
  private let varying: [Key]
  /// One for each protocol, metrics aside, with the hashes of those that differ in metric alone.
  private let lines: [(protocol: EvaluationProtocol, hashes: [String])]

  init(_ rows: [ResultRow]) {
    // The metric has a column in the results; without it a dataset's rows usually have one protocol.
    let keys = EvaluationProtocol.keys(of: rows).filter { $0 != .metric }
    first = rows.first?.protocol
    let shared = keys.filter { key in Set(rows.map { $0.protocol.text(key) }).count == 1 }
    self.shared = shared
    varying = keys.filter { !shared.contains($0) }
    var lines: [(protocol: EvaluationProtocol, hashes: [String])] = []
    var places: [[String?]: Int] = [:]
    for row in rows {
      let texts = keys.map { row.protocol.text($0) }
      let place = places[texts] ?? lines.count
      if place == lines.count {
        lines.append((row.protocol, []))
        places[texts] = place
      }
      let hash = "`\(row.protocolHash.short)`"
      if !lines[place].hashes.contains(hash) { lines[place].hashes.append(hash) }
    }
    self.lines = lines
  }

  /// With a column for each setting that differs.
  var blocks: [String] {
    var table = MarkdownTable(
      varying.map { (title: $0.rawValue, alignment: .left) } + [("Protocols", .left)])
    for line in lines {
      table.append(
        varying.map { Self.cell(line.protocol, $0, shortened: true) }
          + [line.hashes.joined(separator: " ")])
    }
    return common + (varying.isEmpty ? [] : [table.text])
  }

  /// For narrow pages: with all settings that differ in one column.
  var narrowBlocks: [String] {
    var table = MarkdownTable([("Protocols", .left), ("Settings that differ", .left)])
    for line in lines {
      let settings = varying.filter { line.protocol.text($0) != nil }.map {
        "\($0.rawValue): \(Self.cell(line.protocol, $0, shortened: true))"
      }
      table.append([line.hashes.joined(separator: " "), settings.joined(separator: "; ")])
    }
    return common
      + (varying.isEmpty
        ? [] : [table.text, "A setting that is not named is not known or does not apply."])
  }

  private var common: [String] {
    var table = MarkdownTable([("Setting", .left), ("All datasets", .left)])
    for key in shared where first?.text(key) != nil {
      table.append([key.rawValue, Self.cell(first, key, shortened: false)])
    }
    let unknown = shared.filter { first?.text($0) == nil }
    return (table.isEmpty ? [] : [table.text])
      + (unknown.isEmpty
        ? [] : ["Not known or not applicable: \(unknown.map(\.rawValue).joined(separator: ", "))."])
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
