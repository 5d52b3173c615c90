package import Core

/// Everything that decides a number besides the model's arithmetic: which images, which words, which
/// preprocessing, which weights, which metric. It travels with every result, and two results with different
/// protocols are not comparable without saying so. What is not known, or does not apply, is nil.
package struct EvaluationProtocol: Sendable, Hashable {
  package var dataset: String
  /// On-disk layout that was read (`cifar-10-batches-bin`).
  package var layout: String?
  /// Known variant of the split whose counts match.
  package var variant: String?
  package var split: String?
  /// What of the dataset may be chosen besides the split, as `name=value`; nil for most datasets.
  package var datasetOptions: String?
  /// Over the ordered sample ids and labels that were evaluated.
  package var splitHash: SHA256Digest?
  /// Over the image contents.
  package var datasetFingerprint: SHA256Digest?
  package var classNameSet: String?
  package var classNamesHash: SHA256Digest?
  /// Which captions were used (`all`, `first 5 of each image`); nil for other tasks than retrieval.
  package var captions: String?
  /// Over the ordered image ids and captions, without template.
  package var captionsHash: SHA256Digest?
  package var templateSet: String?
  package var templatesHash: SHA256Digest?
  /// `embedding` where prompts are averaged as features (`ClassWeights`), `probability` where templates are as class probabilities
  /// (`ProbabilityEnsemble`).
  package var ensemble: String?
  /// Canonical text of the preprocessing recipe.
  package var preprocessing: String?
  package var model: String
  package var weightsSHA256: SHA256Digest?
  /// Which features were read, where they were made elsewhere; nil where the program computed them.
  package var featuresSHA256: SHA256Digest?
  /// `quick_gelu` or `gelu`.
  package var activation: String?
  /// `fp32` or `bf16`.
  package var precision: String?
  /// `projected` or `pooled`.
  package var featureKind: String?
  /// What is done to features before they are compared (`l2`).
  package var normalisation: String?
  /// The metric with its variant.
  package var metric: String?
  /// Of whatever is drawn at random; nil where nothing is.
  package var seed: Int?
  /// Nil for other experiments, whose protocols then have no such key.
  package var probe: ProbeProtocol?
  /// Likewise.
  package var robustness: RobustnessProtocol?
  /// How templates were selected, and on what; no such key where they are a whole set, or one of it.
  package var selection: String?
  /// Over the protocols of the rows that a value is computed from; no such key where it is computed from samples.
  package var sources: SHA256Digest?

  package init(dataset: String, model: String) {
    self.dataset = dataset
    self.model = model
  }

  /// The template set for people, with how it is an ensemble where that is not as features.
  package var templatesText: String {
    [templateSet ?? "–", ensemble.flatMap { $0 == "embedding" ? nil : "(\($0))" }]
      .compactMap(\.self).joined(separator: " ")
  }

  /// One template of a set alone: `DemoNet/demo#3`.
  package var isOfSingleTemplate: Bool {
    guard let templateSet, let parsed = try? TemplateReference(templateSet) else { return false }
    return parsed.number != nil
  }

  /// SHA-256 of the canonical JSON of the protocol: all keys, sorted, with null for what is not known; `probe`, `robustness`,
  /// `selection` and `sources` where there are any.
  package func hash() throws -> SHA256Digest { try CanonicalJSON.hash(self) }
}

extension EvaluationProtocol: Codable {
  /// The keys in the order reports show them. Their names are part of the results' schema.
  package enum CodingKeys: String, CodingKey, CaseIterable, Sendable {
    case dataset, layout, variant, split, datasetOptions, splitHash, datasetFingerprint
    case classNameSet, classNamesHash, captions, captionsHash, templateSet, templatesHash, ensemble
    case preprocessing, model, weightsSHA256, featuresSHA256, activation, precision, featureKind,
      normalisation
    case metric, seed, probe, robustness, selection, sources
  }

  /// The value of one key as text, for tables.
  package func text(_ key: CodingKeys) -> String? {
    switch key {
    case .dataset: dataset
    case .layout: layout
    case .variant: variant
    case .split: split
    case .datasetOptions: datasetOptions
    case .splitHash: splitHash?.hex
    case .datasetFingerprint: datasetFingerprint?.hex
    case .classNameSet: classNameSet
    case .classNamesHash: classNamesHash?.hex
    case .captions: captions
    case .captionsHash: captionsHash?.hex
    case .templateSet: templateSet
    case .templatesHash: templatesHash?.hex
    case .ensemble: ensemble
    case .preprocessing: preprocessing
    case .model: model
    case .weightsSHA256: weightsSHA256?.hex
    case .featuresSHA256: featuresSHA256?.hex
    case .activation: activation
    case .precision: precision
    case .featureKind: featureKind
    case .normalisation: normalisation
    case .metric: metric
    case .seed: seed.map { String($0) }
    case .probe: probe?.text
    case .robustness: robustness?.text
    case .selection: selection
    case .sources: sources?.hex
    }
  }

  // Written out because the synthesised form leaves nil out, and an absent key would not say "unknown".
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    for key in CodingKeys.allCases {
      switch key {
      case .seed: try container.encode(seed, forKey: key)
      case .probe: try container.encodeIfPresent(probe, forKey: key)
      case .robustness: try container.encodeIfPresent(robustness, forKey: key)
      case .selection: try container.encodeIfPresent(selection, forKey: key)
      case .sources: try container.encodeIfPresent(sources, forKey: key)
      default: try container.encode(text(key), forKey: key)
      }
    }
  }
}
