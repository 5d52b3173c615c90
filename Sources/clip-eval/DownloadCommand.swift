import ArgumentParser
import CLIPModels
import Core
import Datasets
import Downloads
import Foundation
import Logging

struct DownloadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "download", abstract: "Fetches models and datasets.",
    discussion: """
      EXAMPLES
        clip-eval download model ViT-B/32
        clip-eval download model laion/CLIP-ViT-B-32-laion2B-s34B-b79K
        clip-eval download dataset EuroSAT --data-root ~/data
      """,
    subcommands: [DownloadModel.self, DownloadDataset.self])
}

struct DownloadModel: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model",
    abstract: "Fetches a model of the catalog, or a Hugging Face repository.",
    discussion: """
      A download that stops is continued by the same command. A file gets its name only when it is whole and, \
      where its publisher gives a SHA-256, that is right. A name of `list models` fetches the published file; the name of \
      a repository (owner/name) fetches its weights with configuration and tokenizer, from $HF_ENDPOINT if that is \
      set, and with the token in $HF_TOKEN, which the hub asks for where a repository is private or gated.

      EXAMPLES
        clip-eval download model ViT-B/32
        clip-eval download model openai/clip-vit-base-patch32 --output models
        clip-eval download model RN50 --url https://mirror.example/RN50.pt
        HF_ENDPOINT=https://mirror.example clip-eval download model ViT-H-14
      """)

  @Argument(help: "A name of `list models`, or owner/name of a Hugging Face repository.")
  var name: String

  @Option(
    name: .shortAndLong,
    help: "Folder to put it in; $CLIP_EVAL_MODELS or ~/.local/share/clip-eval/models otherwise.",
    completion: .directory)
  var output: String?

  @Option(help: "Fetch the model's file from this address, a mirror; the hash must be the same.")
  var url: String?

  @Option(help: "How often a failed connection is tried again before giving up.")
  var retries = 5

  @Flag(help: "Print no progress and no notices, errors only.")
  var quiet = false

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard retries >= 0 else { throw ValidationError("--retries must not be negative") }
  }

  private struct Document: Encodable {
    let model: String
    /// What `--model` takes.
    let path: String
    let files: [DownloadedFile]
  }

  func run() throws {
    Interruption.install()
    // A connection that the other side closes is an error to report, not a reason to die.
    signal(SIGPIPE, SIG_IGN)
    LoggingSystem.bootstrap { _ in TerminalLogHandler(level: quiet ? .critical : .notice) }
    let log = Logger(label: "clip-eval.download")
    let policy = RetryPolicy(retries: retries, notice: { log.notice("\($0)") })
    let folder =
      output.map { URL(filePath: ($0 as NSString).expandingTildeInPath) } ?? ModelFolders().models
    let fetched = try ModelFetch(
      folder: folder, address: url, policy: policy,
      progress: quiet ? SilentProgress() : ProgressDisplay()
    ).fetch(name)
    if json {
      return try Output.json(
        Described(
          kind: "download",
          value: Document(
            model: fetched.name, path: fetched.path.path, files: fetched.files)))
    }
    var rows = [["file", "bytes", "SHA-256", ""]]
    for file in fetched.files {
      rows.append([
        URL(filePath: file.path).lastPathComponent, "\(file.bytes)", file.sha256.hex,
        [file.verified ? "verified" : "no hash published", file.wasPresent ? "was there" : nil]
          .compactMap(\.self).joined(separator: ", "),
      ])
    }
    try Output.table(rows, rightAligned: [1])
    try Output.line(
      output == nil
        ? "use it with --model \(fetched.name)" : "use it with --model \(fetched.path.path)")
  }
}
