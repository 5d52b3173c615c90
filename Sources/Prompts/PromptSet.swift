package import Core

/// Class names and/or templates under one name and version: one file `Prompts/<dataset>/<set>.yaml`.
package struct PromptSet: Sendable, Equatable {
  package struct ClassNames: Sendable, Equatable {
    /// Canonical class id (wnid, folder or file label).
    package var id: String
    /// At least one; several where the source has several (FER2013).
    package var names: [String]
    /// Other ids under which a dataset layout may know the class.
    package var aliases: [String]

    package init(id: String, names: [String], aliases: [String] = []) {
      self.id = id
      self.names = names
      self.aliases = aliases
    }
  }

  package var dataset: String
  package var name: String
  package var version: Int
  /// Where the names and templates come from.
  package var source: String
  /// Empty when the set has templates only.
  package var classes: [ClassNames]
  /// With one `{}` each; empty when the set has class names only.
  package var templates: [String]
  /// SHA-256 of the canonical JSON of `classes`; nil without classes.
  package var classNamesHash: SHA256Digest?
  /// SHA-256 of the canonical JSON of `templates`; nil without templates.
  package var templatesHash: SHA256Digest?
}
