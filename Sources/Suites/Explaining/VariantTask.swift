import Core
import EmbeddingPipeline
import Experiments
import Imaging
import Metrics
import Neural

/// A zero-shot task, and how its features are made: what a variant of a protocol changes.
struct VariantTask: Hashable {
  var task: PlannedTask
  var precision: TowerPrecision
  var preprocessing: PreprocessOverrides

  /// What decides the image features.
  struct Features: Hashable {
    var samples: SampleSelection
    var precision: TowerPrecision
    var preprocessing: PreprocessOverrides
  }

  var features: Features {
    Features(
      samples: SampleSelection(task), precision: precision, preprocessing: preprocessing)
  }
}

/// One axis set another way.
struct VariantLevel {
  enum Change: Hashable {
    case classNames(String)
    case templates(String)
    case ensemble(TaskScoring.Ensemble)
    case metric(MetricName)
    case split(String)
    case option(name: String, value: String)
    case classes(TaskScoring.Classes)
    case preprocessing(PreprocessOverrides)
    case precision(TowerPrecision)

    var axis: ProtocolAxis {
      switch self {
      case .classNames: .classNames
      case .templates: .templates
      case .ensemble: .ensemble
      case .metric: .metric
      case .split: .split
      case .option: .options
      case .classes: .classes
      case .preprocessing: .preprocessing
      case .precision: .precision
      }
    }

    func apply(to variant: inout VariantTask) {
      var scoring = variant.task.scoring ?? TaskScoring()
      switch self {
      case .classNames(let set): variant.task.classNames = set
      case .templates(let set): variant.task.templates = set
      case .ensemble(let ensemble): scoring.ensemble = ensemble
      case .metric(let metric): scoring.metric = metric
      case .split(let split): variant.task.split = split
      case .option(let name, let value):
        var options = variant.task.options ?? [:]
        options[name] = value
        variant.task.options = options
      case .classes(let classes): scoring.classes = classes
      case .preprocessing(let overrides): variant.preprocessing = overrides
      case .precision(let precision): variant.precision = precision
      }
      variant.task.scoring = scoring.isUsual ? nil : scoring
    }
  }

  var change: Change
  /// As reports call it.
  var name: String
  /// What the paper did, as far as that is known.
  var isPapers = false

  var axis: ProtocolAxis { change.axis }
}
