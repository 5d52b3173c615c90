import ArgumentParser
import Core
import DatasetDownloads
import Datasets
import Downloads
import Foundation
import Logging

struct DownloadDataset: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dataset",
    abstract: "Fetches a dataset, or says what has to be fetched by hand.",
    discussion: """
      Files are fetched from their publisher or a mirror, verified by SHA-256 or MD5 where one is published, and \
      unpacked into the layout that the program reads. A download that stops is continued by the same command; what is \
      in place is not fetched again. Exit code 66: something has to be fetched by hand, and the message says how.

      EXAMPLES
        clip-eval download dataset CIFAR10 --data-root ~/data
        clip-eval download dataset ImageNetV2 --list
        clip-eval download dataset StanfordCars --mirror https://mirror.example/cars
      """)

  @Argument(help: "A dataset's id or alias (see `list datasets`).")
  var name: String

  @OptionGroup var data: DataRoot

  @OptionGroup var splitFolder: SplitFolder

  @Option(help: "Fetch the files from below this address instead; hashes must be the same.")
  var mirror: String?

  @Flag(help: "Only say what would be fetched, with sizes and addresses.")
  var list = false

  @Flag(help: "Keep archives (below .downloads) after they were unpacked.")
  var keepArchives = false

  @Flag(help: "Fetch even where the data folder already holds the dataset.")
  var force = false

  @Option(help: "How often a failed connection is tried again before giving up.")
  var retries = 5

  @Flag(help: "Print no progress and no notices, errors only.")
  var quiet = false

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard retries >= 0 else { throw ValidationError("--retries must not be negative") }
  }

  private struct Listing: Encodable {
    let dataset: String
    let source: DatasetSource
  }

  private struct Document: Encodable {
    let dataset: String
    @ExplicitNull var dataRoot: String?
    let files: [DatasetFetch.Fetched]
    /// What is left to do for a person; nil where nothing is.
    @ExplicitNull var byHand: String?
    /// Of the split that results are reported on; nil where it cannot be read yet.
    @ExplicitNull var found: Found?
  }

  private struct Found: Codable {
    let split: String
    let layout: String
    let samples: Int
    @ExplicitNull var variant: String?
    let partial: Bool

    init(_ index: DatasetIndex) {
      split = index.split
      layout = index.layout
      samples = index.samples.count
      variant = index.variant
      partial = index.isPartial
    }

    var text: String {
      "\(split): \(samples) samples, \(layout), "
        + (variant.map { "matches \($0)" } ?? (partial ? "partial" : "no published count"))
    }
  }

  func run() throws {
    try splitFolder.install()
    let adapter = try DatasetRegistry.adapter(named: name)
    let info = adapter.info
    guard let source = DatasetCatalog.source(of: info.id) else {
      throw EvalError(
        .notFound, "nothing is known of where to get this dataset", subject: info.id,
        remedy: info.splits.isEmpty
          ? "It is a layout for data of one's own."
          : "`clip-eval doctor \(info.id) --data-root DIR` names the layouts that are read.")
    }
    if list {
      return json
        ? try Output.json(
          Described(kind: "dataset-source", value: Listing(dataset: info.id, source: source)))
        : try SourceText.show(source)
    }
    if data.urlIfNamed() == nil, source.files.allSatisfy(\.addresses.isEmpty), mirror == nil {
      // How to get it by hand is the same wherever it is to be put.
      try report(source, [], nil, found: nil)
      throw ExitCode(EvalError.Kind.notFound.rawValue)
    }
    let root = try data.url()
    if !force, let found = try complete(adapter, root) {
      return try report(source, [], root, found: Found(found))
    }
    let files = try fetch(source, root)
    let found = try? adapter.index(root: root, split: info.defaultSplit)
    try report(source, files, root, found: found.map(Found.init))
    let isOpen = files.contains { $0.outcome == .byHand } || source.byHand != nil
    if isOpen, found == nil { throw ExitCode(EvalError.Kind.notFound.rawValue) }
  }

  private func fetch(_ source: DatasetSource, _ root: URL) throws -> [DatasetFetch.Fetched] {
    Interruption.install()
    // A connection that the other side closes is an error to report, not a reason to die.
    signal(SIGPIPE, SIG_IGN)
    LoggingSystem.bootstrap { _ in TerminalLogHandler(level: quiet ? .critical : .notice) }
    let log = Logger(label: "clip-eval.download")
    var fetch = DatasetFetch(
      source, dataRoot: root, mirror: mirror,
      policy: RetryPolicy(retries: retries, notice: { log.notice("\($0)") }),
      progress: quiet ? SilentProgress() : ProgressDisplay(), notice: { log.notice("\($0)") })
    fetch.keepsArchives = keepArchives
    return try fetch.run()
  }

  /// The split that results are reported on, where a copy is there that this command did not make.
  private func complete(_ adapter: any DatasetAdapter, _ root: URL) throws -> DatasetIndex? {
    let receipts = root.appending(path: ".clip-eval/\(adapter.info.id)")
    guard !FileManager.default.fileExists(atPath: receipts.path),
      let index = try? adapter.index(root: root, split: adapter.info.defaultSplit),
      index.variant != nil
    else { return nil }
    return index
  }

  private func report(
    _ source: DatasetSource, _ files: [DatasetFetch.Fetched], _ root: URL?, found: Found?
  ) throws {
    let isOpen = found == nil && !source.isComplete
    if json {
      return try Output.json(
        Described(
          kind: "download",
          value: Document(
            dataset: source.dataset, dataRoot: root?.path, files: files,
            byHand: isOpen ? source.byHand : nil, found: found)))
    }
    if files.isEmpty, let found {
      try Output.line("\(source.dataset) is there: \(found.text); --force fetches it all the same")
      return
    }
    if !files.isEmpty {
      try Output.table(
        [["file", "", "", "in"]]
          + files.map { file in
            [
              file.name, file.outcome.rawValue.replacing("-", with: " "),
              file.outcome == .byHand ? "" : file.verified ? "verified" : "no hash published",
              file.folder,
            ]
          })
    }
    if isOpen {
      if let homepage = source.homepage { try Output.line("page: \(homepage)") }
      if let byHand = source.byHand { try Output.line("by hand: \(byHand)") }
      try Output.line("then: clip-eval doctor \(source.dataset) --data-root \(root?.path ?? "DIR")")
    }
    if let found { try Output.line("\(source.dataset), \(found.text)") }
  }
}
