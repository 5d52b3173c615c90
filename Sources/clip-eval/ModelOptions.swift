import ArgumentParser
import CLIPModels
import Core
import EmbeddingPipeline
import EmbeddingStore
import Foundation
import Imaging
import LinearAlgebra
import Logging

extension Activation: ExpressibleByArgument {}
extension FeatureKind: ExpressibleByArgument {}

/// Precisions of the contract; what a build can compute in is checked where it matters.
enum Precision: String, ExpressibleByArgument, CaseIterable {
  case fp32, bf16

  func check() throws {
    guard self == .fp32 else {
      throw EvalError(
        .usage, "precision bf16 is not available in this version",
        remedy: "Leave --precision out, or say fp32.")
    }
  }
}

/// Which checkpoint, and what may be overridden about it.
struct ModelOptions: ParsableArguments {
  @Option(
    help:
      "Checkpoint: a folder in Hugging Face's or open_clip's layout, or a weight file (.pt, .bin, .safetensors)."
  )
  var model: String

  @OptionGroup var preprocessing: PreprocessingOptions

  @Option(help: "Activation of the MLP blocks; the checkpoint decides otherwise.")
  var activation: Activation?

  func session() throws -> ModelSession {
    try ModelSession(
      URL(filePath: model), preprocessing: preprocessing.overrides, activation: activation)
  }
}

/// How much of the machine is used.
struct ComputeOptions: ParsableArguments {
  @Option(help: "Worker threads; the number of processors otherwise.")
  var threads: Int?

  @Option(help: "Arithmetic: fp32.")
  var precision: Precision = .fp32

  @Flag(help: "Print no progress and no log, errors only.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Log what is found, loaded and reused.")
  var verbose = false

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads must be at least 1") }
    if quiet, verbose { throw ValidationError("--quiet and --verbose exclude each other") }
  }

  var workerCount: Int { threads ?? ProcessInfo.processInfo.activeProcessorCount }

  func progress() -> any ProgressSink {
    quiet ? SilentProgress() : ProgressDisplay()
  }

  /// Starts logging, checks the precision, warns about slow kernels. Called once, by the command that runs.
  func prepare() throws {
    try precision.check()
    let level: Logger.Level = quiet ? .critical : verbose ? .debug : .notice
    LoggingSystem.bootstrap { _ in TerminalLogHandler(level: level) }
    if let warning = KernelClass.current.warning {
      Logger(label: "clip-eval").warning("\(warning)")
    }
  }
}
