package import Foundation
import YAMLFiles

/// A prompt set as its file has it: with the lines of its classes and templates, for messages about them.
package struct PromptSetFile: Sendable {
  package let set: PromptSet
  package let path: String
  /// Of each class, in the set's order; nil where the reader did not say.
  package let classLines: [Int?]
  /// Of each template.
  package let templateLines: [Int?]

  /// - Throws: as `PromptSet(contentsOf:)`.
  package init(contentsOf url: URL) throws {
    try self.init(yaml: YAMLReader.text(of: url), file: url.path)
  }

  /// - Parameter file: what messages call the text.
  package init(yaml text: String, file: String) throws {
    let yaml = YAMLReader(file: file)
    let reader = PromptFileReader(yaml: yaml)
    self = try reader.promptSetFile(yaml.root(of: text, "a prompt set"))
  }

  init(set: PromptSet, path: String, classLines: [Int?], templateLines: [Int?]) {
    self.set = set
    self.path = path
    self.classLines = classLines
    self.templateLines = templateLines
  }
}
