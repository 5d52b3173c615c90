import ArgumentParser
import CLIPModels
import Core
import Datasets
import EmbeddingPipeline
import Foundation
import LinearAlgebra
import Suites
import TensorFiles

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "What a checkpoint, a dataset folder, a feature file or a run folder holds.",
    discussion: """
      A folder that is neither a checkpoint nor a run is looked through for every dataset the program knows; \
      `doctor` then examines one of them file by file.

      EXAMPLES
        clip-eval inspect MODEL
        clip-eval inspect DATA
        clip-eval inspect features.safetensors --json
        clip-eval inspect RUN
      """)

  @Argument(
    help:
      "A checkpoint, dataset or run folder, or a .safetensors, .npy, .npz, .csv, .tsv or .jsonl file.",
    completion: .file())
  var path: String

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let url = URL(filePath: path)
    guard FileManager.default.fileExists(atPath: path) else {
      throw EvalError(.notFound, "no such file or folder", subject: path)
    }
    func holds(_ name: String) -> Bool {
      FileManager.default.fileExists(atPath: url.appending(path: name).path)
    }
    switch (isFolder(url), url.pathExtension) {
    case (true, _) where holds("run.json"): try showRun(RunFolder(url))
    case (true, _) where holds("config.json") || holds("model.safetensors"):
      try showCheckpoint(url)
    case (true, _), (false, "csv"), (false, "tsv"), (false, "jsonl"):
      try DatasetSearch(url).show(json: json)
    case (false, "safetensors"):
      let file = try SafetensorsFile(url)
      try showTensors(Array(file.tensors.values), metadata: file.metadata)
    case (false, "npy"): try showTensors([NPYFile.read(url)])
    case (false, "npz"):
      try showTensors(NPZFile.read(url).map { $0.value.renamed($0.key) })
    case (false, let other):
      throw EvalError(
        .usage, "cannot inspect a file of type `\(other)`", subject: path,
        remedy: "Expected .safetensors, .npy, .npz, .csv, .tsv or .jsonl.")
    }
  }

  private struct CheckpointSummary: Encodable {
    let format: String
    let weightsSHA256: String
    let parameters: Int
    let elementTypes: [String]
    let configuration: CLIPConfiguration
    let preprocessing: String
    let kernels: KernelClass
    @ExplicitNull var kernelWarning: String?
  }

  private func showCheckpoint(_ url: URL) throws {
    let session = try ModelSession(url)
    let checkpoint = session.checkpoint
    let c = checkpoint.configuration
    let summary = CheckpointSummary(
      format: checkpoint.format, weightsSHA256: try checkpoint.weightsHash().hex,
      parameters: checkpoint.weights.tensors.values
        .filter { $0.type.isFloatingPoint }.reduce(0) { $0 + $1.count },
      elementTypes: Set(checkpoint.weights.tensors.values.map(\.type.rawValue)).sorted(),
      configuration: c, preprocessing: session.recipe.description, kernels: .current,
      kernelWarning: KernelClass.current.warning)
    if let warning = summary.kernelWarning { Terminal.error("warning: \(warning)") }
    if json { return try Output.json(Described(kind: "checkpoint", value: summary)) }
    func tower(_ t: TransformerConfiguration) -> String {
      "width \(t.width), \(t.layers) layers, \(t.heads) heads, MLP \(t.mlpWidth), \(t.activation.rawValue)"
    }
    let imageTower =
      switch c.vision {
      case .transformer(let v):
        "ViT, \(v.imageSize)×\(v.imageSize), patch \(v.patchSize), \(tower(v.transformer))"
      case .resNet(let v):
        "ModifiedResNet, \(v.imageSize)×\(v.imageSize), width \(v.width), "
          + "stages \(v.stages.map(String.init).joined(separator: "-")), \(v.heads) pooling heads"
      }
    try Output.table([
      ["format", summary.format],
      ["weights SHA-256", summary.weightsSHA256],
      ["parameters", "\(summary.parameters) (\(summary.elementTypes.joined(separator: ", ")))"],
      [
        "image tower", imageTower,
      ],
      [
        "text tower",
        "vocabulary \(c.vocabularySize), context \(c.contextLength), \(tower(c.text))",
      ],
      ["joint space", "\(c.embeddingWidth)"],
      ["logit scale", "\(c.logitScale)"],
      ["preprocessing", summary.preprocessing],
      ["kernels", "\(summary.kernels)"],
    ])
  }

  private struct TensorSummary: Encodable {
    let name: String
    let type: String
    let shape: [Int]
  }
  private struct TensorList: Encodable {
    let tensors: [TensorSummary]
    let metadata: [String: String]
  }

  private func showTensors(_ tensors: [TensorView], metadata: [String: String] = [:]) throws {
    let rows = tensors.sorted { $0.name < $1.name }.map {
      TensorSummary(name: $0.name, type: $0.type.rawValue, shape: $0.shape)
    }
    if json {
      return try Output.json(
        Described(kind: "tensors", value: TensorList(tensors: rows, metadata: metadata)))
    }
    try Output.table(
      [["tensor", "type", "shape"]]
        + rows.map { [$0.name, $0.type, $0.shape.map(String.init).joined(separator: "×")] })
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      try Output.line("\(key): \(value)")
    }
  }

  private func showRun(_ folder: RunFolder) throws {
    let record = try folder.record()
    if json { return try Output.json(Described(kind: "run", value: record)) }
    try Output.table([
      ["state", record.state.rawValue],
      ["program", record.programVersion],
      ["suites", record.suites.map(\.path).joined(separator: ", ")],
      ["plan", "\(record.plan.count) tasks, \(record.planHash.hex.prefix(12))"],
      ["kernels", "\(record.machine.towerKernels), \(record.machine.isa)"],
      ["threads", "\(record.threads)"],
    ])
    try Output.table(
      [["task", "status", "failed samples", "message"]]
        + record.tasks.map {
          [
            "\($0.experiment) \($0.model) \($0.dataset)", $0.status.rawValue,
            "\($0.failedSamples.count)", $0.message ?? "",
          ]
        }, rightAligned: [2])
  }
}
