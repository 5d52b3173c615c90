/// A part of a zero-shot protocol that can be set another way, to see how far that moves the number.
package enum ProtocolAxis: String, Sendable, Codable, CaseIterable, Hashable {
  case classNames
  case templates
  /// Whether templates are averaged as features or as probabilities.
  case ensemble
  case metric
  case split
  /// What of the dataset may be chosen besides the split.
  case options
  /// Among which classes a prediction is made.
  case classes
  case preprocessing
  case precision

  /// As reports write it.
  package var title: String {
    switch self {
    case .classNames: "class names"
    case .templates: "templates"
    case .ensemble: "ensemble"
    case .metric: "metric"
    case .split: "split"
    case .options: "dataset options"
    case .classes: "classes to choose from"
    case .preprocessing: "preprocessing"
    case .precision: "precision"
    }
  }

  /// Its levels need image features of their own, which only the model can make.
  package var needsModel: Bool { self == .preprocessing || self == .precision }
}
