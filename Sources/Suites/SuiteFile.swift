package import Datasets
package import Metrics

/// A suite: which experiments are made of which datasets, under which prompts. Read from `Suites/*.yaml`.
package struct SuiteFile: Sendable, Equatable {
  package enum ExperimentName: String, Sendable, Codable, CaseIterable {
    case zeroShot = "zero-shot"
    case retrieval
    case composition
    case linearProbe = "linear-probe"
    case fewShot = "few-shot"
    case knn
    case robustness
    case prompts

    /// Whether it learns from a training split: then it takes no prompts.
    package var isProbe: Bool { self == .linearProbe || self == .fewShot || self == .knn }

    /// Whether it can be made of datasets of this kind.
    package func fits(_ task: DatasetTask) -> Bool {
      switch self {
      case .zeroShot, .linearProbe, .robustness, .prompts: task != .captions && task != .composition
      // Examples of a class, and votes for one, are of images that show one class each.
      case .fewShot, .knn: task == .classification
      case .retrieval: task == .captions
      case .composition: task == .composition
      }
    }
  }

  /// A dataset the program does not know by name: where it lies and in which generic layout.
  package struct OwnDataset: Sendable, Hashable, Codable {
    package enum Layout: String, Sendable, Codable, CaseIterable {
      case imageFolder = "image-folder"
      case csv
      case webdataset
      case parquet
      case elevater
      case voc
      case idx
      case captions

      package var task: DatasetTask {
        switch self {
        case .voc: .multiLabel
        case .captions: .captions
        default: .classification
        }
      }

      /// Of an entry that names none.
      var defaultMetric: MetricName {
        switch task {
        case .classification: .accuracy
        case .multiLabel: .elevenPointMAP
        case .captions: .imageToTextRecallAt1
        case .composition: .accuracy
        }
      }
    }
    package var layout: Layout
    /// Below the data root.
    package var path: String
    package var metric: MetricName
  }

  /// A reference to a prompt set or to a suite, and where it is written.
  package struct PromptReference: Sendable, Equatable {
    package var text: String
    /// File, line and column; the entry's where the set is the default.
    package var place: String

    package init(_ text: String, place: String) {
      self.text = text
      self.place = place
    }
  }

  package struct Entry: Sendable, Equatable {
    package var dataset: String
    /// Nil for a dataset of the registry.
    package var own: OwnDataset?
    /// The dataset's evaluation split when nil.
    package var split: String?
    /// Of the dataset, by name, as far as the entry chooses.
    package var options: [String: String]
    /// References to class-name sets: `openai-2021` (the dataset's own), `ImageNet/openai-2021`, or a path. Each is evaluated
    /// with each of `templates`.
    /// None for datasets of captions, which have no classes.
    package var classNames: [PromptReference]
    /// References to template sets, of the same form, or to one template of a set: `openai-2021#3`.
    package var templates: [PromptReference]
    /// What the experiment `prompts` compares: `templates` where they are named, otherwise the bare name and one generic template besides.
    package var comparedTemplates: [PromptReference]
    /// Besides each set of several templates, every one of them alone.
    package var eachTemplate: Bool
    /// Captions taken of each image at most, its first ones; nil for all.
    package var captionsPerImage: Int?
    /// The entry's own, or those of the suite that fit its dataset.
    package var experiments: [ExperimentName]
    /// The suite's, with the entry's own in their place.
    package var probe: ProbeSettings
    /// The suite's, with the entry's own in their place.
    package var prompts: PromptSettings
    /// Where the entry stands: file, line and column.
    package var place: String
  }

  package var name: String
  package var version: Int
  package var description: String
  package var experiments: [ExperimentName]
  /// Embeddings folders that stand in for models when the command line names none.
  package var models: [String]
  package var entries: [Entry]
  /// Tables and figures of the paper that a report of it has (`Table 10`).
  package var makes: [String]
  /// Other suites that it is made of, in place of experiments and datasets of its own.
  package var parts: [PromptReference]
  /// Nil where robustness is no experiment of the suite.
  package var robustness: RobustnessSettings?
  /// The file as it was read, kept with every run.
  package var text: String
  package var path: String
}

extension MetricName {
  /// What kind of data of one's own it scores; nil for metrics of frames in sets, which no layout describes.
  var task: DatasetTask? {
    switch self {
    case .pm0, .pm10: nil
    case .elevenPointMAP, .areaMAP: .multiLabel
    case .imageToTextRecallAt1, .imageToTextRecallAt5, .imageToTextRecallAt10,
      .textToImageRecallAt1, .textToImageRecallAt5, .textToImageRecallAt10:
      .captions
    case .macroAccuracy, .textScore, .imageScore, .groupScore: .composition
    default: .classification
    }
  }
}
