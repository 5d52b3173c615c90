import Core
package import Foundation
import TensorFiles

/// Reads `vocab.json`: one flat JSON object from token to id.
///
/// Foundation's readers return `Dictionary<String, …>`, which silently drops one of two keys that are canonically
/// equivalent (`é` composed and decomposed) though a vocabulary may hold both; here keys stay bytes.
package enum VocabularyJSON {
  /// Twenty times OpenAI's.
  private static let mostTokens = 1_000_000

  /// UTF-8 spellings indexed by id; ids must be 0…count−1, each once.
  package static func tokensByID(_ data: Data, subject: String) throws -> [[UInt8]] {
    func malformed(_ message: String) -> EvalError {
      EvalError(.malformedData, message, subject: subject)
    }
    func shown(_ token: [UInt8]) -> String {
      "\"\(String(decoding: token.prefix(80), as: UTF8.self))\""
    }
    var cursor = JSONCursor([UInt8](data), subject: subject)
    var entries: [(token: [UInt8], id: Int)] = []
    try cursor.object { cursor, token in
      guard entries.count < mostTokens else { throw cursor.error("more than \(mostTokens) tokens") }
      entries.append((token, try cursor.digits("a token id (digits)", longest: 10)))
    }
    try cursor.end()

    var tokens = [[UInt8]?](repeating: nil, count: entries.count)
    for (token, id) in entries {
      guard tokens.indices.contains(id) else {
        throw malformed(
          "expected ids 0…\(entries.count - 1) for \(entries.count) tokens, found \(id) for \(shown(token))"
        )
      }
      if let other = tokens[id] {
        throw malformed("id \(id) belongs to both \(shown(other)) and \(shown(token))")
      }
      tokens[id] = token
    }
    let spellings = tokens.compactMap(\.self)
    guard Set(spellings).count == spellings.count else {
      throw malformed("a token is listed twice")
    }
    return spellings
  }
}
