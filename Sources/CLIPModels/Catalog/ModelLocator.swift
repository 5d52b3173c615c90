import Core
package import Foundation

/// Finds the model that a user names: a path, a name of the catalog, or a Hugging Face repository.
package struct ModelLocator: Sendable {
  package let folders: ModelFolders

  package init(folders: ModelFolders = ModelFolders()) { self.folders = folders }

  /// The first of: an existing path; for a repository's name, that repository; for a name of the catalog, its file or one of
  /// its repositories. A repository is looked for in the models folder, then in the Hugging Face cache.
  ///
  /// - Throws: `EvalError.notFound` that says where was looked, what is there and of no use, and what to do; `.usage` for
  ///   an empty name.
  package func locate(_ name: String) throws -> LocatedModel {
    try ModelCatalog.requireName(name)
    let path = (name as NSString).expandingTildeInPath
    if FileManager.default.fileExists(atPath: path) {
      return LocatedModel(path: path)
    }
    let entry = ModelCatalog.model(named: name)
    if let repository = ModelCatalog.repository(named: name) {
      if let url = find(repository: repository) {
        return LocatedModel(url: url, name: entry?.name ?? repository, entry: entry)
      }
    } else if let entry {
      if let found = find(entry) { return found }
    } else if ModelCatalog.isRepository(name), let url = find(repository: name) {
      return LocatedModel(url: url, name: name)
    }
    throw notFound(name, entry)
  }

  /// Where a model of the catalog lies; nil when it is not on this disk.
  package func find(_ entry: CatalogModel) -> LocatedModel? {
    if let file = entry.file {
      for folder in [folders.models, folders.openAI] {
        let url = folder.appending(path: file.name)
        if isFile(url) {
          return LocatedModel(
            url: url, name: entry.name, entry: entry, weightsSHA256: file.sha256)
        }
      }
    }
    for repository in entry.repositories {
      if let url = find(repository: repository) {
        return LocatedModel(url: url, name: entry.name, entry: entry)
      }
    }
    return nil
  }

  /// The folder of a repository that holds weights.
  package func find(repository: String) -> URL? {
    let own = folders.models.appending(path: ModelFolders.name(ofRepository: repository))
    if Self.holdsWeights(own) { return own }
    return HuggingFaceCache(folder: folders.hub).snapshots(of: repository)
      .first(where: Self.holdsWeights)
  }

  private static func holdsWeights(_ folder: URL) -> Bool {
    CheckpointFiles.weights.flatMap { [$0, $0 + ".index.json"] }
      .contains { isFile(folder.appending(path: $0)) }
  }

  /// What lies where a model should and cannot be used; nil when nothing does.
  private func remains(of repositories: [String], file: CatalogModel.File?) -> String? {
    if let file {
      let url = folders.models.appending(path: file.name)
      if isFile(url.appendingPathExtension("partial")) { return Self.unfinished(url) }
    }
    for repository in repositories {
      let own = folders.models.appending(path: ModelFolders.name(ofRepository: repository))
      if let name = CheckpointFiles.weights.first(where: {
        isFile(own.appending(path: $0 + ".partial"))
      }) {
        return Self.unfinished(own.appending(path: name))
      }
      if isFolder(own) { return "\(own.path) has no weights" }
      if let problem = HuggingFaceCache(folder: folders.hub).problem(with: repository) {
        return problem
      }
    }
    return nil
  }

  private static func unfinished(_ url: URL) -> String {
    "the download of \(url.path) is unfinished: the same download command continues it"
  }

  private func notFound(_ name: String, _ entry: CatalogModel?) -> EvalError {
    let asked =
      ModelCatalog.repository(named: name) ?? (ModelCatalog.isRepository(name) ? name : nil)
    let remains =
      remains(
        of: entry == nil || ModelCatalog.repository(named: name) != nil
          ? [asked].compactMap(\.self) : entry?.repositories ?? [],
        file: ModelCatalog.repository(named: name) == nil ? entry?.file : nil
      ).map { "; \($0)" } ?? ""
    if let entry {
      var places = [folders.models.path, folders.hub.path]
      if entry.file != nil { places.insert(folders.openAI.path, at: 1) }
      return EvalError(
        .notFound,
        "the model is not on this disk; looked in \(places.joined(separator: ", "))\(remains)",
        subject: name, remedy: "`clip-eval download model \(name)` fetches it.")
    }
    let hint = ModelCatalog.hint(for: name)
    if ModelCatalog.isRepository(name) {
      return EvalError(
        .notFound,
        "no such file or folder, and no such repository in \(folders.models.path) or \(folders.hub.path)"
          + remains,
        subject: name,
        remedy: hint ?? "`clip-eval download model \(name)` asks Hugging Face for it.")
    }
    return EvalError(
      .notFound, "no such file or folder, and no model of the catalog", subject: name,
      remedy: [hint, "`clip-eval list models` lists the catalog."].compactMap(\.self)
        .joined(separator: " "))
  }
}
