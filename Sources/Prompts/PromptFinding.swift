/// Something a reader of a prompt file should know.
package struct PromptFinding: Sendable, Equatable, Encodable {
  package enum Severity: String, Sendable, Encodable {
    /// A property of the source, or of no effect on the numbers.
    case notice
    /// The set cannot be used, or not with its dataset.
    case error
  }

  package enum Kind: String, Sendable, Encodable, CaseIterable {
    case unreadable
    case duplicateName = "duplicate-name"
    case similarNames = "similar-names"
    case repeatedName = "repeated-name"
    case similarTemplates = "similar-templates"
    case spaces
    case characters
    case braces
    case classCount = "class-count"
    case unmatchedClasses = "unmatched-classes"
    case unusedClasses = "unused-classes"
  }

  package var severity: Severity
  package var kind: Kind
  /// File, and line where one is known: `Prompts/ImageNet/openai-2021.yaml:12`.
  package var place: String
  package var message: String

  package init(_ severity: Severity, _ kind: Kind, place: String, _ message: String) {
    self.severity = severity
    self.kind = kind
    self.place = place
    self.message = message
  }
}
