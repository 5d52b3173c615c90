import Core
import Experiments
import Foundation
import ReferenceFiles

/// The models that numbers were published of: their names and the hashes of their files (`models.csv`).
struct PaperModels: Sendable {
  private var names: [SHA256Digest: String] = [:]

  init(in folder: URL?) throws(EvalError) {
    let table = try ReferenceTable("models.csv", in: folder)
    for row in table.rows {
      let text = try table.text(row, "weightsSHA256")
      guard text.count == 64, text.allSatisfy(\.isHexDigit) else {
        throw table.error(row, "weightsSHA256", "expected 64 hexadecimal digits, found \(text)")
      }
      names[SHA256Digest(hex: text.lowercased())] = try table.text(row, "model")
    }
  }

  /// By the weights where they are a published file, whatever the row calls the model; else by name, which the catalog gives to other
  /// files of the same weights too: that of the run, where a report over several tells models of one name apart.
  func name(of row: ResultRow) -> String? {
    if let hash = row.protocol.weightsSHA256, let name = names[hash] { return name }
    return names.values.contains(row.protocol.model) ? row.protocol.model : nil
  }
}
