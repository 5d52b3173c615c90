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

  package let dataset: String
  package let name: String
  package let version: Int
  /// Where the names and templates come from.
  package let source: String
  /// In the file's order; empty when the set has templates only.
  package let classes: [ClassNames]
  /// With one `{}` each; empty when the set has class names only.
  package let templates: [String]
  /// SHA-256 of the canonical JSON of `classes` as an object from id to names, so that neither order nor aliases
  /// matter; nil without classes.
  package let classNamesHash: SHA256Digest?
  /// SHA-256 of the canonical JSON of `templates`; nil without templates.
  package let templatesHash: SHA256Digest?

  /// - Precondition: ids are unique. Files are checked by `PromptSet(contentsOf:)`.
  package init(
    dataset: String, name: String, version: Int, source: String, classes: [ClassNames],
    templates: [String]
  ) throws {
    self.dataset = dataset
    self.name = name
    self.version = version
    self.source = source
    self.classes = classes
    self.templates = templates
    let namesByID = Dictionary(classes.map { ($0.id, $0.names) }, uniquingKeysWith: { $0 + $1 })
    classNamesHash = classes.isEmpty ? nil : try CanonicalJSON.hash(namesByID)
    templatesHash = templates.isEmpty ? nil : try CanonicalJSON.hash(templates)
  }

  /// How references in suites and results write the set: `CIFAR10/openai-2021`.
  package var reference: String { "\(dataset)/\(name)" }
}

extension PromptSet {
  /// One template of the set, without its class names: `CIFAR10/openai-2021#3`.
  /// - Parameter number: from 1.
  /// - Throws: `EvalError.notFound` when the set has fewer.
  package func single(_ number: Int) throws -> PromptSet {
    guard templates.indices.contains(number - 1) else {
      throw EvalError(
        .notFound,
        "no template \(number) in \(reference): it has "
          + (templates.isEmpty
            ? "no templates" : "\(templates.count) template\(templates.count == 1 ? "" : "s")"),
        remedy: templates.isEmpty ? nil : "Name one of \(name)#1 to \(name)#\(templates.count).")
    }
    return try PromptSet(
      dataset: dataset, name: TemplateReference(set: name, number: number).description,
      version: version, source: source, classes: [], templates: [templates[number - 1]])
  }
}

extension PromptSet {
  /// Names that more than one class has, as the tokenizer sees them (case ignored), with the ids of those classes.
  /// Two such classes get the same classifier weights: a property of the source that a report should mention.
  package var duplicateNames: [(name: String, ids: [String])] {
    var ids: [String: [String]] = [:]
    for entry in classes {
      for name in Set(entry.names.map { $0.lowercased() }) {
        ids[name, default: []].append(entry.id)
      }
    }
    return ids.filter { $0.value.count > 1 }.map { ($0.key, $0.value) }
      .sorted { $0.name < $1.name }
  }
}

extension PromptSet {
  /// What remains of a class's name or id when classes are joined by name: case, apostrophes, and which of space, `_`, `-` and `/`
  /// parts the words are ignored, since copies of one dataset differ in them (`Allen's Hummingbird` and `Allens_Hummingbird`,
  /// `/a/apse/indoor` and `a apse indoor`).
  package static func normalized(_ name: String) -> String {
    name.lowercased().replacing("'", with: "").replacing("\u{2019}", with: "")
      .split { $0 == "_" || $0 == "-" || $0 == "/" || $0.isWhitespace }.joined(separator: " ")
  }
}
