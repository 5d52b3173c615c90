import Core
import EmbeddingStore
import Foundation
import YAMLFiles
import Yams

/// What made a folder's features, as far as somebody says so. Nothing is assumed: what is nil is recorded as unknown.
package struct FeatureProvenance: Sendable, Equatable {
  package var model: String?
  /// `projected` or `pooled`.
  package var featureKind: String?
  /// Whether rows were scaled to length 1.
  package var isNormalized: Bool?
  package var preprocessing: String?
  package var precision: String?
  package var activation: String?
  /// What cosines are multiplied with.
  package var logitScale: Float?
}

/// `embeddings.yaml` (or `.yml`, `.json`) of an embeddings folder. Every key is optional.
///
///     model: ViT-B-32 laion2b_s34b_b79k
///     featureKind: projected
///     normalized: true
///     preprocessing: open_clip, bicubic, 224
///     precision: fp16
///     activation: gelu
///     logitScale: 100
///     classNames: openai-2021        # of classes.*: which names and templates made the rows
///     templates: openai-2021
///     datasets:
///       CIFAR10:
///         splits:
///           test: features/c10.npy   # or a folder; below this one
///           train:
///             features: features/c10-train.npy
///             labels: labels/c10-train.npy
///             ids: ids/c10-train.txt
///             classes: cifar10.txt
///         classes: texts/c10.npy
///         prompts: texts/prompts.safetensors
struct EmbeddingsManifest: Sendable {
  struct Dataset: Sendable {
    var splits: [String: FeatureSource] = [:]
    var classes: FeatureSource?
    var prompts: FeatureSource?
    /// Line and column of its name.
    var place: String?
  }

  static let names = ["embeddings.yaml", "embeddings.yml", "embeddings.json"]

  var provenance = FeatureProvenance()
  var classNames: String?
  var templates: String?
  /// By the name as it is written.
  var datasets: [String: Dataset] = [:]

  /// Says nothing.
  init() {}

  /// - Throws: `EvalError.malformedData` with line and column; `.notFound` for a file it names and that is not there.
  init(contentsOf url: URL) throws {
    let folder = url.deletingLastPathComponent()
    let yaml = YAMLReader(file: url.path)
    let fields = try YAMLFields(
      yaml.root(of: YAMLReader.text(of: url), "an embeddings manifest"),
      allowed: [
        "model", "featureKind", "normalized", "preprocessing", "precision", "activation",
        "logitScale", "classNames", "templates", "datasets",
      ], in: yaml)
    func text(_ key: String) throws -> String? { try fields[key].map { try yaml.text($0, key) } }
    provenance.model = try text("model")
    provenance.preprocessing = try text("preprocessing")
    provenance.precision = try text("precision")
    provenance.activation = try text("activation")
    provenance.featureKind = try fields["featureKind"].map {
      try Self.choice($0, ["projected", "pooled"], yaml)
    }
    provenance.isNormalized = try fields["normalized"].map {
      try Self.choice($0, ["true", "false"], yaml) == "true"
    }
    provenance.logitScale = try fields["logitScale"].map { node in
      let written = try yaml.text(node, "a number")
      guard let scale = Float(written), scale.isFinite, scale > 0 else {
        throw yaml.error("expected a positive number, found \"\(written)\"", at: node)
      }
      return scale
    }
    classNames = try text("classNames")
    templates = try text("templates")
    for (name, key, node) in try Self.entries(fields["datasets"], yaml) {
      let entry = try YAMLFields(node, allowed: ["splits", "classes", "prompts"], in: yaml)
      var dataset = Dataset(place: yaml.place(of: key))
      dataset.classes = try entry["classes"].map { try Self.source($0, below: folder, yaml) }
      dataset.prompts = try entry["prompts"].map { try Self.source($0, below: folder, yaml) }
      for (split, _, node) in try Self.entries(entry["splits"], yaml) {
        dataset.splits[split] = try Self.source(node, below: folder, yaml)
      }
      datasets[name] = dataset
    }
  }

  /// The files it names as labels of some features, which are no features themselves.
  var labelFiles: Set<String> {
    Set(
      datasets.values.flatMap {
        Array($0.splits.values) + [$0.classes, $0.prompts].compactMap(\.self)
      }
      .compactMap { $0.labels?.standardizedFileURL.path })
  }

  private static func choice(
    _ node: Node, _ known: [String], _ yaml: YAMLReader
  ) throws -> String {
    let written = try yaml.text(node, known.joined(separator: " or "))
    guard known.contains(written) else {
      throw yaml.error(
        "expected \(known.joined(separator: " or ")), found \"\(written)\"", at: node)
    }
    return written
  }

  /// The keys and values of a map that may be absent.
  private static func entries(
    _ node: Node?, _ yaml: YAMLReader
  ) throws -> [(name: String, key: Node, node: Node)] {
    guard let node else { return [] }
    guard case .mapping(let mapping) = node else {
      throw yaml.error("expected a map", at: node)
    }
    return try mapping.map { (try yaml.text($0.key, "a name"), $0.key, $0.value) }
  }

  /// A path, or a map of the paths of features, labels, ids and classes.
  private static func source(
    _ node: Node, below folder: URL, _ yaml: YAMLReader
  ) throws -> FeatureSource {
    func path(_ node: Node) throws -> URL {
      let url = URL(filePath: try yaml.text(node, "a path"), relativeTo: folder).absoluteURL
      guard FileManager.default.fileExists(atPath: url.path) else {
        throw EvalError(
          .notFound, "names \(url.path), which is not there", subject: yaml.place(of: node))
      }
      return url
    }
    func features(_ node: Node) throws -> FeatureSource {
      guard let source = try FeatureSource(at: path(node)) else {
        throw yaml.error(
          "expected a .safetensors, .npz or .npy file, or a folder with features.* or img_emb/",
          at: node)
      }
      return source
    }
    if case .scalar = node { return try features(node) }
    let fields = try YAMLFields(
      node, allowed: ["features", "labels", "ids", "classes"], in: yaml)
    var source = try features(fields.required("features"))
    if let labels = try fields["labels"].map(path) { source.labels = labels }
    if let ids = try fields["ids"].map(path) { source.ids = ids }
    if let classes = try fields["classes"].map(path) { source.classes = classes }
    return source
  }
}
