import Core
import Datasets

/// One dataset of the catalog, as `list datasets --json` prints it (Documentation/Datasets.md).
struct DatasetDescription: Encodable {
  var id: String
  var aliases: [String]
  var title: String
  var task: DatasetTask
  var metric: String
  @ExplicitNull var classCount: Int?
  @ExplicitNull var chance: Double?
  /// Table 9.
  @ExplicitNull var paper: PaperSizes?
  var defaultSplit: String
  /// With the parts of presets.
  var splits: [SplitInfo]
  var options: [DatasetOption]
  var presets: [PresetDescription]
  /// Nil where nothing but the layout is known.
  @ExplicitNull var source: DatasetSource?

  init(_ adapter: any DatasetAdapter) {
    let info = adapter.info
    id = info.id
    aliases = info.aliases
    title = info.title
    task = info.task
    metric = info.metric
    classCount = info.classCount
    chance = info.chance
    paper = info.paper
    defaultSplit = info.defaultSplit
    splits = info.splits
    options = adapter.options
    presets = (adapter as? PresetSplits)?.presets.map(PresetDescription.init) ?? []
    source = DatasetCatalog.source(of: info.id)
  }
}

struct PresetDescription: Encodable {
  struct Part: Encodable {
    var name: String
    @ExplicitNull var count: Int?
    /// How it is made, in words.
    var made: String
    /// Of the sorted canonical ids.
    @ExplicitNull var sha256: String?
  }
  var name: String
  var version: Int
  /// Of the file.
  var sha256: String
  var source: String
  @ExplicitNull var note: String?
  var isDefault: Bool
  var parts: [Part]

  init(_ preset: SplitPreset) {
    name = preset.name
    version = preset.version
    sha256 = preset.hash.hex
    source = preset.source
    note = preset.note
    isDefault = preset.isDefault
    parts = preset.parts.map { part in
      Part(
        name: preset.splitName(part.name), count: part.count, made: part.source.words,
        sha256: part.idsHash?.hex)
    }
  }
}

extension SplitPreset.Source {
  /// `split train+val`, `500 a class of all, seed 0, after train`, `list x.txt of all`.
  var words: String {
    switch self {
    case .splits(let names): return "split \(names.joined(separator: "+"))"
    case .list(let list): return "list \(list.file) of \(list.from.joined(separator: "+"))"
    case .choice(let choice):
      let from = choice.from.joined(separator: "+")
      let after =
        choice.after.isEmpty
        ? "" : ", after \(choice.after.map(\.rawValue).joined(separator: " and "))"
      switch choice.amount {
      case .count(let count): return "\(count) of \(from), seed \(choice.seed)\(after)"
      case .perClass(let count): return "\(count) a class of \(from), seed \(choice.seed)\(after)"
      case .rest: return "what is left of \(from)\(after)"
      }
    }
  }
}
