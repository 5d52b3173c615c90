import Core

/// The models that can be named.
package enum ModelCatalog {
  package static let models = paper + openCLIP

  /// The model with this name, alias or Hugging Face repository, whatever its case and separators: `ViT-B/32`,
  /// `vit_b_32`, `openai/clip-vit-base-patch32`. Nil when there is none.
  package static func model(named name: String) -> CatalogModel? {
    let wanted = simplified(name)
    guard !wanted.isEmpty else { return nil }
    return models.first { model in
      ([model.name] + model.aliases + model.repositories).contains { simplified($0) == wanted }
    }
  }

  /// The repository of the catalog that a name means exactly, in the hub's spelling; nil when it means none.
  package static func repository(named name: String) -> String? {
    models.lazy.flatMap(\.repositories).first { $0.lowercased() == name.lowercased() }
  }

  /// Whether a name has the form `owner/name` of Hugging Face's repositories.
  package static func isRepository(_ name: String) -> Bool {
    name.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9_.\-]*\/[A-Za-z0-9][A-Za-z0-9_.\-]*/) != nil
  }

  /// - Throws: `EvalError.usage` for an empty name.
  package static func requireName(_ name: String) throws {
    guard name.allSatisfy(\.isWhitespace) else { return }
    throw EvalError(
      .usage, "expected the name of a model, found an empty one",
      remedy: "`clip-eval list models` lists the catalog.")
  }

  /// A sentence for a name that is not here.
  package static func hint(for name: String) -> String? {
    let close = NearMiss.suggestions(
      for: name, among: models.flatMap { [$0.name] + $0.aliases }, count: .max)
    // A model that several of its names are close to is one suggestion.
    let found = close.compactMap { model(named: $0)?.name }
    let names = found.enumerated().filter { !found[..<$0.offset].contains($0.element) }
    return NearMiss.sentence(names.prefix(3).map(\.element))
  }

  /// Letters and digits alone, in lower case.
  private static func simplified(_ name: String) -> String {
    String(name.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) })
  }
}
