import Core
import Experiments

/// The protocols of a report's rows, each once: rows that differ in their metric alone share one. Tables link to them; a script
/// shows them in a dialog, and without it the link leads to the list.
struct PageProtocols {
  private struct Entry {
    var row: ResultRow
    var hashes: [(metric: String, hash: SHA256Digest)] = []
  }

  private var entries: [Entry] = []
  private var places: [EvaluationProtocol: Int] = [:]
  private var placeOfHash: [String: Int] = [:]
  /// What all have in common.
  private let shared: [EvaluationProtocol.CodingKeys]
  private let keys: [EvaluationProtocol.CodingKeys]

  init(_ rows: [ResultRow]) {
    for row in rows {
      let key = Self.key(row)
      let place = places[key] ?? entries.count
      if place == entries.count {
        places[key] = place
        entries.append(Entry(row: row))
      }
      if !entries[place].hashes.contains(where: { $0.hash == row.protocolHash }) {
        entries[place].hashes.append((row.protocol.metric ?? row.metric, row.protocolHash))
        placeOfHash[row.protocolHash.short] = place
      }
    }
    let protocols = entries.map(\.row.protocol)
    keys = EvaluationProtocol.CodingKeys.allCases.filter { key in
      key != .metric && protocols.contains { $0.text(key) != nil }
    }
    shared = keys.filter { key in
      guard let first = protocols.first?.text(key), protocols.count > 1 else { return false }
      return protocols.allSatisfy { $0.text(key) == first }
    }
  }

  private static func key(_ row: ResultRow) -> EvaluationProtocol {
    var key = row.protocol
    key.metric = nil
    return key
  }

  /// The beginning of a row's protocol hash, leading to the protocol.
  func link(_ row: ResultRow) -> String {
    let hash = row.protocolHash.short
    return link(hash: hash) ?? "<code>\(hash)</code>"
  }

  /// The same of a hash as tables show it; nil for one of no row.
  func link(hash: String) -> String? {
    placeOfHash[hash].map { "<a class=\"protocol\" href=\"#p\($0)\">\(hash)</a>" }
  }

  var markup: String {
    guard let first = entries.first else { return "" }
    var result = ""
    if !shared.isEmpty {
      result +=
        "<h3>In common</h3>\n<dl class=\"settings\" id=\"shared\">"
        + settings(first.row.protocol, shared) + "</dl>\n<h3>Each</h3>\n"
    }
    let own = keys.filter { !shared.contains($0) }
    for (number, entry) in entries.enumerated() {
      let row = entry.row
      let title = [row.datasetName, row.model, row.experiment, row.setting].filter { !$0.isEmpty }
      // Within the details, so that following a link to it opens them.
      result +=
        "<details class=\"entry\"><summary>\(HTML.escaped(title.joined(separator: " · ")))</summary>"
        + "<dl class=\"settings\" id=\"p\(number)\">\(settings(row.protocol, own))"
        + entry.hashes.map {
          "<dt>metric</dt><dd>\(HTML.escaped($0.metric)) <code>\($0.hash.short)</code></dd>"
        }.joined() + "</dl></details>\n"
    }
    return result
  }

  private func settings(
    _ value: EvaluationProtocol, _ keys: [EvaluationProtocol.CodingKeys]
  ) -> String {
    keys.compactMap { key in
      value.text(key).map { text in
        let isHash = text.utf8.count == 64 && text.utf8.allSatisfy { $0 < 0x67 && $0 > 0x2F }
        // All of it is in results.jsonl.
        let shown = isHash ? "<code>\(text.prefix(16))…</code>" : HTML.escaped(text)
        return "<dt>\(key.rawValue)</dt><dd>\(shown)</dd>"
      }
    }.joined()
  }
}
