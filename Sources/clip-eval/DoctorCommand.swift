import ArgumentParser
import Core
import Datasets
import Foundation
import LinearAlgebra

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Says which layout a dataset on disk has, and what is missing or corrupt.",
    discussion: """
      Names the layout found, the known variant whose counts match, what is missing, corrupt or extra, and what to do \
      about it. --decode decodes every image; otherwise first bytes and sizes are looked at.

      Exit code 0: usable (a partial split is); 65: malformed or corrupt files; 66: not found, or listed files \
      are missing. Also warns when this machine's arithmetic runs below what it can do.

      EXAMPLES
        clip-eval doctor CIFAR10 --data-root ~/data
        clip-eval doctor ImageNet --data-root /data --split val --json
        clip-eval doctor EuroSAT --data-root ~/data --split openai --decode
      """)

  @Argument(help: "Dataset id or alias (see `list datasets`).")
  var dataset: String

  @OptionGroup var data: DataRoot

  @OptionGroup var splitFolder: SplitFolder

  @Option(help: "Only this split, or part of a preset (openai, openai/train).")
  var split: String?

  @Option(help: "An option of the dataset as NAME=VALUE; may be given several times.")
  var option: [String] = []

  @Flag(help: "Decode every image and list those that cannot be.")
  var decode = false

  @Flag(help: "Print no progress.")
  var quiet = false

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    try splitFolder.install()
    Interruption.install()
    let adapter = try DatasetRegistry.adapter(named: dataset)
      .configured(DatasetChoices.parse(option))
    let root = try data.url()
    let progress: any ProgressSink = quiet ? SilentProgress() : ProgressDisplay()
    let report = try DatasetDoctor.examine(
      adapter, root: root, split: split, decodes: decode, progress: progress)
    if let warning = KernelClass.current.warning { Terminal.error("warning: \(warning)") }
    if json {
      try Output.json(
        Examination(
          report: report, kernels: .current, kernelWarning: KernelClass.current.warning))
    } else {
      for split in report.splits { try Output.line(Self.text(split, dataset: report.dataset)) }
      try printFailures(report, default: adapter.info.defaultSplit)
    }
    if report.exitCode != 0 { throw ExitCode(report.exitCode) }
  }

  private var progress: any ProgressSink { quiet ? SilentProgress() : ProgressDisplay() }

  /// The keys of the report, and beside them how this machine computes.
  private struct Examination: Encodable {
    let report: DoctorReport
    let kernels: KernelClass
    @ExplicitNull var kernelWarning: String?

    private enum Key: CodingKey { case kind, kernels, kernelWarning }

    func encode(to encoder: any Encoder) throws {
      try report.encode(to: encoder)
      var container = encoder.container(keyedBy: Key.self)
      try container.encode("doctor", forKey: .kind)
      try container.encode(kernels, forKey: .kernels)
      try container.encode(_kernelWarning, forKey: .kernelWarning)
    }
  }

  /// A split that this copy lacks gets a word while others are there; the whole search is told otherwise, once.
  private func printFailures(_ report: DoctorReport, default split: String) throws {
    for failure in report.failures where failure.kind != "not found" {
      try Output.line("\(report.dataset), \(failure.split): \(failure.kind)\n  \(failure.message)")
      for remedy in failure.remedies { try Output.line("  to do: \(remedy)") }
    }
    let absent = report.failures.filter { $0.kind == "not found" }
    guard let first = absent.first(where: { $0.split == split }) ?? absent.first else { return }
    try Output.line("\(report.dataset): not found: \(absent.map(\.split).joined(separator: ", "))")
    if report.splits.isEmpty {
      try Output.line("  \(first.message)")
      for remedy in first.remedies { try Output.line("  to do: \(remedy)") }
    }
  }

  private static func text(_ split: DoctorReport.Split, dataset: String) -> String {
    let verdict =
      split.variant.map { "matches \($0)" }
      ?? (split.partial ? "partial: matches no known variant" : "no published count")
    let samplesOfAClass =
      split.smallestClass == split.largestClass
      ? counted(split.largestClass, "sample")
      : "\(split.smallestClass) to \(split.largestClass) samples"
    let samples =
      counted(split.samples, "sample") + (split.expected.map { " of \($0) expected" } ?? "")
    var lines = [
      "\(dataset), \(split.split): \(split.layout)",
      "  \(samples); \(verdict)",
      split.captions.map { "  \(counted($0, "caption")), no classes" }
        ?? "  \(counted(split.classes, "class", "classes")), \(samplesOfAClass) each",
      "  fingerprint \(split.fingerprint)",
    ]
    lines += split.notes.map { "  note: \($0)" }
    func list(_ names: [String], _ noun: String, _ plural: String? = nil) {
      guard !names.isEmpty else { return }
      let shown = names.prefix(5).joined(separator: ", ") + (names.count > 5 ? ", …" : "")
      lines.append("  \(counted(names.count, noun, plural)): \(shown)")
    }
    list(split.emptyClasses, "class without samples", "classes without samples")
    list(split.missing, "missing file")
    list(split.empty, "empty file")
    list(split.unrecognised, "file of no known image format", "files of no known image format")
    list(
      (split.undecodable ?? []).map { "\($0.id) (\($0.reason))" },
      "image that cannot be decoded", "images that cannot be decoded")
    list(
      split.unevenClasses.map { "\($0.id) \($0.samples) (expected \($0.expected))" },
      "class with another number of samples", "classes with another number of samples")
    list(
      split.misplaced.map { "\($0.id) (\($0.name))" },
      "image named like another class", "images named like another class")
    list(
      split.misnamed, "file of another format than its name",
      "files of another format than their name")
    list(split.ignored, "ignored file")
    if let undecodable = split.undecodable, undecodable.isEmpty {
      lines.append("  every image can be decoded")
    }
    lines += split.remedies.map { "  to do: \($0)" }
    return lines.joined(separator: "\n")
  }
}
