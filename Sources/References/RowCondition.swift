package import Core
package import Experiments
package import ReferenceFiles

/// Which rows something published is about, as tables write it: `datasetOptions!~frames=uniform;classifier=probe`.
///
/// Terms are joined by `;` and all hold. A term is a key of the protocol, or `classifier` (of robustness), one of `=`, `!=`, `~` (holds the
/// text) and `!~`, and a text. What is not known equals and holds nothing.
package struct RowCondition: Sendable, Equatable {
  private enum Relation: String, CaseIterable {
    // The longer ones first: `!~` is no `~`.
    case differs = "!="
    case lacks = "!~"
    case equals = "="
    case holds = "~"
  }

  private enum Key: Equatable {
    case ofProtocol(EvaluationProtocol.CodingKeys)
    case classifier
  }

  private struct Term: Equatable {
    var key: Key
    var relation: Relation
    var text: String
  }

  private var terms: [Term] = []
  package let text: String

  /// - Parameter text: empty for any row.
  /// - Throws: `EvalError.malformedData` that says which term is wrong.
  package init(_ text: String, subject: String) throws(EvalError) {
    self.text = text
    for part in text.split(separator: ";") {
      guard let start = part.firstIndex(where: { "!=~".contains($0) }),
        let relation = Relation.allCases.first(where: { part[start...].hasPrefix($0.rawValue) })
      else {
        throw EvalError(
          .malformedData, "expected key=text, key!=text, key~text or key!~text, found `\(part)`",
          subject: subject)
      }
      let name = String(part[..<start])
      let key: Key
      if name == "classifier" {
        key = .classifier
      } else if let known = EvaluationProtocol.CodingKeys(rawValue: name) {
        key = .ofProtocol(known)
      } else {
        throw EvalError(
          .malformedData, "`\(name)` is no key of the protocol", subject: subject,
          remedy: NearMiss.hint(
            for: name, among: EvaluationProtocol.CodingKeys.allCases.map(\.rawValue)))
      }
      let value = String(part[start...].dropFirst(relation.rawValue.count))
      terms.append(Term(key: key, relation: relation, text: value))
    }
  }

  package func holds(for row: ResultRow) -> Bool {
    terms.allSatisfy { term in
      let found: String? =
        switch term.key {
        case .ofProtocol(let key): row.protocol.text(key)
        case .classifier: row.robustness?.classifier.rawValue
        }
      return switch term.relation {
      case .equals: found == term.text
      case .differs: found != term.text
      case .holds: found?.contains(term.text) == true
      case .lacks: found?.contains(term.text) != true
      }
    }
  }
}

extension ReferenceTable {
  /// Of the column `condition`.
  package func condition(_ row: Row) throws(EvalError) -> RowCondition {
    try RowCondition(text(row, "condition"), subject: place(row, "condition"))
  }
}
