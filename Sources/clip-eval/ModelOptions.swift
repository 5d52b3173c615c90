import ArgumentParser
import CLIPModels
import Core
import EmbeddingPipeline
import EmbeddingStore
import Foundation
import Imaging
import LinearAlgebra
import Logging
import Neural

extension Activation: ExpressibleByArgument {}
extension FeatureKind: ExpressibleByArgument {}

extension TowerPrecision: ExpressibleByArgument {}

/// Which checkpoint, and its activation.
struct ModelOptions: ParsableArguments {
  @Option(
    help:
      "Checkpoint: a folder or weight file (.pt, .bin, .safetensors), a name of `list models`, or a Hugging Face repository."
  )
  var model: String

  @Option(help: "Activation of the MLP blocks; the checkpoint decides otherwise.")
  var activation: Activation?

  func session(
    _ compute: ComputeOptions, _ preprocessing: PreprocessOverrides = PreprocessOverrides()
  ) throws -> ModelSession {
    try ModelSession(
      ModelLocator().locate(model), preprocessing: preprocessing, activation: activation,
      precision: compute.precision)
  }
}

/// How much of the machine is used.
struct ComputeOptions: ParsableArguments {
  @Option(help: "Worker threads; the number of processors otherwise.")
  var threads: Int?

  @Option(help: "Arithmetic of the towers: bf16 is faster, where the processor has it.")
  var precision: TowerPrecision = .fp32

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
    try precision.requireSupport()
    Self.prepare(quiet: quiet, verbose: verbose)
  }

  /// The same for commands that take the precision from elsewhere.
  static func prepare(quiet: Bool, verbose: Bool = false) {
    // Workers run side by side: a library's own threads would only compete with them.
    BLAS.setThreads(1)
    let level: Logger.Level = quiet ? .critical : verbose ? .debug : .notice
    LoggingSystem.bootstrap { _ in TerminalLogHandler(level: level) }
    if let warning = KernelClass.current.warning {
      Logger(label: "clip-eval").warning("\(warning)")
    }
  }
}
