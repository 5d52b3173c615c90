import CLIPModels
import Core
import Downloads
import Foundation

/// Fetches what a model's name stands for into a folder.
struct ModelFetch {
  let folder: URL
  /// Instead of the catalog's.
  let address: String?
  let policy: RetryPolicy
  let progress: any ProgressSink

  struct Result {
    /// What `--model` takes while it lies in the models folder.
    var name: String
    var path: URL
    var files: [DownloadedFile]
  }

  func fetch(_ name: String) throws -> Result {
    try ModelCatalog.requireName(name)
    if let repository = ModelCatalog.repository(named: name) {
      return try fetch(repository: repository)
    }
    if let entry = ModelCatalog.model(named: name) {
      if let file = entry.file { return try fetch(file, of: entry) }
      if let repository = entry.repositories.first { return try fetch(repository: repository) }
    }
    let hint = ModelCatalog.hint(for: name)
    // A slip in a name like ViT-B/32 has the form of a repository, too.
    guard hint == nil, ModelCatalog.isRepository(name) else {
      throw EvalError(
        .notFound, "no model of the catalog", subject: name,
        remedy: [
          hint, "`clip-eval list models` lists them; a Hugging Face repository is owner/name.",
        ]
        .compactMap(\.self).joined(separator: " "))
    }
    return try fetch(repository: name)
  }

  private var downloader: Downloader { Downloader(policy: policy) }

  private func fetch(_ file: CatalogModel.File, of entry: CatalogModel) throws -> Result {
    let destination = folder.appending(path: file.name)
    do {
      let fetched = try downloader.fetch(
        Download(
          address: address ?? file.address, destination: destination, sha256: file.sha256),
        progress: progress)
      return Result(name: entry.name, path: destination, files: [fetched])
    } catch var error as EvalError where error.kind == .incomplete || error.kind == .notFound {
      error.remedy = [error.remedy, Self.otherSources(of: entry)].compactMap(\.self)
        .joined(separator: " ")
      throw error
    }
  }

  /// Where else a model's weights are, when its file cannot be had.
  private static func otherSources(of entry: CatalogModel) -> String? {
    guard let repository = entry.repositories.first else { return nil }
    return "The same weights are on Hugging Face: `clip-eval download model \(repository)`; "
      + "or name a mirror of the file with --url."
  }

  private func fetch(repository: String) throws -> Result {
    guard address == nil else {
      throw EvalError(
        .usage, "--url is for models that are one file; this one is a repository",
        subject: repository, remedy: "Name a mirror of the hub in HF_ENDPOINT.")
    }
    let hub = HuggingFaceHub(policy: policy)
    let listing = try hub.listing(of: repository)
    guard let chosen = CheckpointFiles.selection(from: listing.files.map(\.path)) else {
      throw EvalError(
        .notFound,
        "expected one of \(CheckpointFiles.weights.joined(separator: ", ")), found none in this repository",
        subject: repository)
    }
    let target = folder.appending(path: ModelFolders.name(ofRepository: repository))
    // Removes it only while it is empty: after a download of which nothing came.
    defer { rmdir(target.path) }
    let files = try chosen.compactMap { name in listing.files.first { $0.path == name } }.map {
      try downloader.fetch(
        Download(
          address: hub.address(of: $0.path, repository: repository, commit: listing.commit),
          destination: target.appending(path: $0.path), sha256: $0.sha256, size: $0.size,
          hub: hub.access),
        progress: progress)
    }
    return Result(name: repository, path: target, files: files)
  }
}
