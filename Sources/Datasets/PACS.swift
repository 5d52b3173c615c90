import Core
package import Foundation

/// PACS (Li et al. 2017): seven classes in four domains; one dataset a domain, and all of them together.
package struct PACS: DatasetAdapter {
  package let info: DatasetInfo
  private let domains: [String]

  private static let counts = [
    ("art_painting", 2048), ("cartoon", 2344), ("photo", 1670), ("sketch", 3929),
  ]

  /// The four domains, then all together.
  package static let adapters: [PACS] =
    counts.map { domain, count in
      PACS(id: "PACS-\(domain)", title: "PACS, \(domain)", domains: [domain], count: count)
    } + [PACS(id: "PACS", title: "PACS, all domains", domains: counts.map(\.0), count: 9991)]

  private init(id: String, title: String, domains: [String], count: Int) {
    self.domains = domains
    let aliases = id == "PACS-art_painting" ? ["pacs-art"] : []
    info = DatasetInfo(
      id: id, aliases: aliases, title: title, metric: "accuracy", classCount: 7,
      splits: [SplitInfo(name: "all", variants: [SplitVariant("official", count: count)])],
      defaultSplit: "all")
  }

  private static let folders = [
    "pacs", "PACS", "pacs/images", "PACS/images", "PACS/kfold", "pacs/kfold", "pacs/pacs_data",
  ]

  package var canonicalClasses: [DatasetClass]? {
    FolderNames.pacs.map { DatasetClass(id: $0, name: $0) }
  }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let split = try info.split(named: name)
    let classes = FolderNames.pacs.map { DatasetClass(id: $0, name: $0) }
    for base in candidateFolders(root, Self.folders) {
      let present = try domains.filter { domain in
        let names = try ClassFolders.names(in: base.appending(path: domain))
        return !Set(names).isDisjoint(with: FolderNames.pacs)
      }
      if present.isEmpty { continue }
      var draft = IndexDraft(layout: "pacs-folders", classes: classes)
      draft.notes = domains.filter { !present.contains($0) }.map { "domain \($0) is absent" }
      for domain in present {
        let part = try ClassFolders.draft(
          layout: draft.layout, base: base, prefix: domain, classes: classes,
          label: { folder in
            guard let label = FolderNames.pacs.firstIndex(of: folder) else {
              throw EvalError(
                .malformedData, "`\(folder)` is no class of PACS",
                subject: base.appending(path: domain).path)
            }
            return label
          })
        draft.samples += part.samples
        draft.ignored += part.ignored
      }
      return try draft.finish(info, split: split, sorted: true)
    }
    throw datasetNotFound(
      info, split: split.name, root: root,
      lookedFor: (Self.folders + ["."]).map {
        "\($0)/\(domains.count == 1 ? domains[0] : "<domain>")/<class>"
      })
  }
}
